"""The group's rules on hidden inputs, by the form of the act's content."""

from protocol import canonical, limits
from protocol import commands_ceremony as ceremony
from protocol.hidden import Disclosed
from protocol.refusals import Refusal, refuse
from protocol.seal import releasing
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import BidRelease, CustodyRelease
from protocol.session.asked import Checking, Findings
from protocol.session.ceremony import reading
from protocol.session.disclosing import need, read, written
from protocol.session.state import State, Track
from protocol.session.tally import PriceText


def _release_bid(
    state: State, here: Track | None, content: ceremony.ReleaseBid, disclosed: Disclosed
) -> Findings:
    """Boxed to this opening's keys by whoever sealed the bid; what is in the boxes nobody here can say."""
    assert here is not None
    given = read(disclosed, "bid_release", content.release, BidRelease)
    if isinstance(given, tuple):
        return given
    found = reading.of(state, here)
    mark = next(one.mark for one in found.received if one.bid == content.bid)
    try:
        releasing.check_bid_release(given, state.session, mark, [one.public for one in found.to])
    except SealRefused as refused:
        return (refused.refusal,)
    return ()


def _release_custody(
    state: State, here: Track | None, content: ceremony.ReleaseCustody, disclosed: Disclosed
) -> Findings:
    assert here is not None
    given = read(disclosed, "custody_release", content.release, CustodyRelease)
    if isinstance(given, tuple):
        return given
    to = [one.public for one in reading.of(state, here).to]
    try:
        releasing.check_custody_release(given, state.session, content.custodian, content.bids, to)
    except SealRefused as refused:
        return (refused.refusal,)
    return ()


def _open_bids(
    state: State,
    here: Track | None,
    content: ceremony.OpenBids,
    disclosed: Disclosed,
) -> Findings:
    """Names, prices and quantities are there, and a price is a price."""
    found: list[Refusal] = []
    for bid in content.bids:
        digests = (("bidder_name", bid.name), ("price", bid.price), ("quantities", bid.quantities))
        missing = [one for field, digest in digests for one in need(disclosed, field, digest)]
        found.extend(missing)
        if missing:
            continue
        try:
            disclosed.value(bid.price, PriceText)
            disclosed.value(bid.quantities, dict[str, str])
        except canonical.NotCanonical:
            found.append(refuse("PriceInvalid", bidder=bid.code, price=disclosed[bid.price].value))
    return tuple(found)


def _record_failure(
    state: State,
    here: Track | None,
    content: ceremony.RecordBidFailure,
    disclosed: Disclosed,
) -> Findings:
    return written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


CHECKS: dict[type, Checking] = {
    ceremony.ReleaseBid: _release_bid,
    ceremony.ReleaseCustody: _release_custody,
    ceremony.OpenBids: _open_bids,
    ceremony.RecordBidFailure: _record_failure,
}
