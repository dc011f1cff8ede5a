"""What the venues found, what was opened, and why a bid was not (SPEC 28.5; 20号令 31)."""

from protocol import limits
from protocol.commands import SignOpeningRecord
from protocol.commands_ceremony import (
    DestroyOpeningKey,
    OpenBids,
    RecordBidFailure,
    ReportDecryption,
)
from protocol.commands_turns import RaiseObjection
from protocol.events import OpeningRecordSigned
from protocol.events_ceremony import BidFailed, BidsOpened, DecryptionReported, OpeningKeyDestroyed
from protocol.events_turns import ObjectionRaised
from protocol.refusals import Refusal, refuse
from protocol.session import moves, witnessing
from protocol.session.asked import Asked, Decision
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.state import earlier

_DIGEST_BYTES = 32


def report(asked: Asked, content: ReportDecryption) -> Decision:
    """A venue with a key of this opening says what it found of every released bid; a later word replaces it.

    With fewer custodians than a threshold nothing can have been found.
    """
    state, here = asked.state, asked.here
    found = reading.of(state, here)
    if asked.who.seat not in (one.venue for one in found.to):
        return refuse("NoOpeningKey", venue=asked.who.seat)
    short = ", ".join(reading.short_of(found, found.custody))
    if short:
        return refuse("CustodiansTooFew", groups=short)
    if [one.bid for one in content.bids] != [one.bid for one in reading.released(found)]:
        return refuse("OtherBids", custodian=asked.who.seat)
    if any((len(one.listing) == _DIGEST_BYTES) != (one.result == "opened") for one in content.bids):
        return refuse("Malformed", why="listing")
    stranger = next((one for one in content.false_shares if one.custodian not in found.custody), None)
    if stranger is not None:
        return refuse("NotCustodian", custodian=stranger.custodian)
    digest = reading.report_digest(state, here, content.bids)
    before = found.reports.get(asked.who.seat)
    if before is not None and before.digest == digest:
        return refuse("AlreadyDone")
    reported = DecryptionReported(
        lot=here.lot, envelope=here.envelope, venue=asked.who.seat, bids=content.bids,
        false_shares=content.false_shares, digest=digest,
    )  # fmt: skip
    return (reported,)


def open_bids(asked: Asked, content: OpenBids) -> Decision:
    """Names and prices of exactly the bids that were opened; later envelopes under the codes they have."""
    state, here = asked.state, asked.here
    found = reading.of(state, here)
    for names in ([bid.bidder for bid in content.bids], [bid.code for bid in content.bids]):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return refuse("DuplicateId", id=twice)
    moved = moves.move(state, here, "OpenBids")
    if isinstance(moved, Refusal):
        return moved
    due = _opened_bidders(found)
    differing = sorted(due ^ {bid.bidder for bid in content.bids})
    if differing:
        return refuse("NotOpened", bidders=", ".join(differing))
    codes = {bid.bidder: bid.code for one in earlier(state, here) for bid in one.bids}
    other = next((bid for bid in content.bids if codes.get(bid.bidder, bid.code) != bid.code), None)
    if other is not None:
        return refuse("NotPassing", bidders=other.bidder)
    return (BidsOpened(lot=here.lot, envelope=here.envelope, bids=content.bids), *moved)


def record_failure(asked: Asked, content: RecordBidFailure) -> Decision:
    """Whose fault it was that a bid was not opened, once for each; the others go on."""
    state, here = asked.state, asked.here
    found = reading.of(state, here)
    bid = next((one for one in found.received if one.bid == content.bid), None)
    if bid is None:
        return refuse("UnknownBid", bid=content.bid)
    if bid.bid in found.failures:
        return refuse("AlreadyDone")
    if bid.bid in found.released and bid.bid not in _not_opened(found):
        return refuse("BidNotFailed", bid=bid.bid)
    if (content.reason in ("not_released", "bidder_key_lost")) == (bid.bid in found.released) and (
        content.reason not in ("platform", "other")
    ):
        return refuse("GroundUnfit", zh="原因与记录不符", en="the record says otherwise")
    failed = BidFailed(
        lot=here.lot, envelope=here.envelope, bid=bid.bid, bidder=bid.bidder, seat=asked.who.seat,
        cause=content.cause, reason=content.reason, remedy=content.remedy, statement=content.statement,
    )  # fmt: skip
    return (failed,)


def sign_record(asked: Asked, content: SignOpeningRecord) -> Decision:
    """The opening record, failures among it, once all that was opened is read out; each seat signs once."""
    state, here = asked.state, asked.here
    if not reading.of(state, here).received:
        return witnessing.sign_opening(state, here, asked.who, content)
    if asked.who.seat in here.opening_signed:
        return refuse("AlreadySigned", seat=asked.who.seat)
    unmet = witnessing.unread(here)
    if unmet is not None:
        return unmet
    if content.record != reading.opening_record(state, here):
        return refuse("RecordMismatch", seat=asked.who.seat)
    signed = OpeningRecordSigned(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat, record=content.record
    )
    return (signed,)


def raise_objection(asked: Asked, content: RaiseObjection) -> Decision:
    """A bidder objects on the spot, from the beginning of the opening; for itself alone (条例 44)."""
    here, who = asked.here, asked.who
    known = {bid.bidder for bid in here.bids}
    known |= {bid.bidder for bid in reading.of(asked.state, here).received}
    if (who.role == "bidder" and who.seat != content.bidder) or content.bidder not in known:
        return refuse("UnknownBidder", bidder=content.bidder)
    number = len(here.turns.objections) + 1
    if number > limits.OBJECTIONS_MAX:
        return refuse("TooLarge", size=number, limit=limits.OBJECTIONS_MAX)
    raised = ObjectionRaised(
        lot=here.lot, envelope=here.envelope, number=number, seat=who.seat, bidder=content.bidder,
        objection=content.objection,
    )  # fmt: skip
    return (raised,)


def destroy_key(asked: Asked, content: DestroyOpeningKey) -> Decision:
    """The private half of a venue's key is gone, and with it what was released to it."""
    key = asked.state.ceremony.keys.get(asked.who.seat)
    if key is None or key.public != content.public:
        return refuse("NoOpeningKey", venue=asked.who.seat)
    if key.destroyed:
        return refuse("AlreadyDone")
    return (OpeningKeyDestroyed(venue=asked.who.seat, public=content.public),)


def _opened_bidders(found: StageCeremony) -> set[str]:
    gone = set(reading.unopened(found))
    return {bid.bidder for bid in found.received if bid.bid not in gone}


def _not_opened(found: StageCeremony) -> set[str]:
    """Released bids that any venue could not open."""
    return {one.bid for each in found.reports.values() for one in each.bids if one.result != "opened"}
