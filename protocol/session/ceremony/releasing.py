"""The two releases: bidders first, within a window; then custodians, for exactly those bids (SPEC 28.4).

A release is final: it is taken once, never asked again, and nothing takes it back. The window ends by the
coordinator's clock, whatever anybody's own says; a custodian has a clock of its own and looks at both.
Sources: DESIGN 6; 20号令 30, 31.
"""

from protocol.commands_ceremony import CloseRelease, ReleaseBid, ReleaseCustody
from protocol.events_ceremony import BidReleased, CustodyReleased, ReleaseClosed
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.ceremony import reading
from protocol.session.state import is_reached


def release_bid(asked: Asked, content: ReleaseBid) -> Decision:
    """A bidder's own key of its own bid, while the window is open."""
    state, here = asked.state, asked.here
    if not is_reached(state, "bids_received", here.lot, here.envelope):
        return refuse("MilestoneAwaited", milestone="bids_received")
    found = reading.of(state, here)
    bid = next((one for one in found.received if one.bid == content.bid), None)
    if bid is None or bid.bidder != asked.who.seat:
        return refuse("UnknownBid", bid=content.bid)
    if bid.bid in found.released:
        return refuse("AlreadyReleased", who=bid.bid)
    if asked.at > reading.until(state, here):
        return refuse("WindowOver", bid=bid.bid)
    released = BidReleased(
        lot=here.lot, envelope=here.envelope, bid=bid.bid, bidder=bid.bidder, release=content.release
    )
    return (released,)


def close(asked: Asked, content: CloseRelease) -> Decision:  # noqa: ARG001 - an act without particulars
    """The window is over, or nobody is missing; nobody can close it before."""
    state, here = asked.state, asked.here
    found = reading.of(state, here)
    missing = tuple(bid.bid for bid in found.received if bid.bid not in found.released)
    if missing and asked.at <= reading.until(state, here):
        return refuse("WindowOpen", bids=", ".join(missing))
    if not found.released:
        return refuse("NothingReleased")
    moved = moves.move(state, here, "CloseRelease")
    if isinstance(moved, Refusal):
        return moved
    released = reading.released(found)
    closed = ReleaseClosed(
        lot=here.lot, envelope=here.envelope, released=tuple(one.bid for one in released), missing=missing,
        bids=reading.list_digest(state, here, released),
    )  # fmt: skip
    return (closed, *moved)


def release_custody(asked: Asked, content: ReleaseCustody) -> Decision:
    """A custodian's shares of exactly the released bids, once."""
    state, here = asked.state, asked.here
    found = reading.of(state, here)
    if reading.keyholder(found, asked.who.seat) is None or content.custodian != asked.who.seat:
        return refuse("NotCustodian", custodian=content.custodian)
    if not is_reached(state, "release_closed", here.lot, here.envelope):
        return refuse("MilestoneAwaited", milestone="release_closed")
    if asked.who.seat in found.custody:
        return refuse("AlreadyReleased", who=asked.who.seat)
    if content.bids != found.list_digest:
        return refuse("OtherBids", custodian=asked.who.seat)
    released = CustodyReleased(
        lot=here.lot, envelope=here.envelope, custodian=asked.who.seat, bids=content.bids,
        release=content.release,
    )  # fmt: skip
    return (released,)
