"""A bidder's receipt (回执): made from the record, and checked by anybody who has nothing but the file.

It shows that the record whose tree has this size and root holds the entry with this bid, and what the bid's
digests in it stand for. It does not show that this head is everybody's: compare `size` and `root` with a
head from elsewhere (another bidder's receipt, a cosigned checkpoint). Source: SPEC 10.3, RFC 6962 2.1.1.
"""

from protocol import entry as entries
from protocol import hidden
from protocol.canonical import NotCanonical
from protocol.commands import BidRef, ImportOpening, UnknownContent
from protocol.ledger import tree
from protocol.outside import BidderNews, BidEntry, BidReceipt


def make(news: BidderNews, told: BidEntry) -> BidReceipt:
    """The receipt for one entry of a bidder's, against the head that the news tell.

    Raises:
      KeyError: the news bring no proof for it.
    """
    proofs = {one.seq: one.proof for one in news.proofs}
    view = news.view
    return BidReceipt(
        receipt=1,
        session=view.session,
        bidder=view.bidder,
        lot=told.lot,
        envelope=told.envelope,
        seq=told.seq,
        entry=told.entry,
        disclosures=told.disclosures,
        leaf=tree.leaf_hash(told.entry.encode()),
        size=view.as_of.size,
        root=view.as_of.root,
        proof=proofs[told.seq],
    )


def fault(receipt: BidReceipt) -> str:
    """Why a receipt proves nothing, in one word; empty when it holds.

    `entry`: not the canonical entry it names. `bid`: this bid does not stand in it. `disclosure`: a value is
    not what the entry's digest stands for. `leaf`: not the entry's hash. `proof`: not in that tree.
    """
    raw = receipt.entry.encode()
    try:
        found = entries.decode(raw)
    except (NotCanonical, UnknownContent):
        return "entry"
    stage, content = found.command.stage, found.command.content
    named = (found.session, found.seq, stage.lot, stage.envelope)
    if named != (receipt.session, receipt.seq, receipt.lot, receipt.envelope):
        return "entry"
    if not isinstance(content, ImportOpening):
        return "entry"
    bid = next((one for one in content.bids if one.bidder == receipt.bidder), None)
    if bid is None:
        return "bid"
    if not all(hidden.holds(one) and one.digest == _digest(bid, one.field) for one in receipt.disclosures):
        return "disclosure"
    if tree.leaf_hash(raw) != receipt.leaf:
        return "leaf"
    try:
        tree.verify_inclusion(receipt.seq, receipt.size, receipt.leaf, receipt.proof, receipt.root)
    except tree.ProofError:
        return "proof"
    return ""


def _digest(bid: BidRef, field: str) -> bytes:
    """What stands in the entry for a field of the bid; nothing for a field that is none of a bid's."""
    return {"bidder_name": bid.name, "price": bid.price, "quantities": bid.quantities}.get(field, b"")
