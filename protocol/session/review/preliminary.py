"""The preliminary review item by item, the look at blind parts, and its end (SPEC 16.1, 16.6).

Sources: 12号令 22-26; 87号令 44 (the purchaser's desk), 50 (the committee); 国办发〔2024〕21号 (暗标).
"""

from protocol.commands import RejectedBid, SealSheet
from protocol.commands_review import CheckBlindPart, ConcludePreliminary, Mark, MarkItem, PublishItems
from protocol.events_review import BlindPartChecked, ItemsMarked, ItemsPublished, PreliminaryConcluded
from protocol.refusals import Refusal, refuse
from protocol.session import moves, scoring
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.review.guards import unpublished


def publish_items(asked: Asked, content: PublishItems) -> Decision:
    """The plan's items and limits for this stage, once in a round."""
    here = asked.here
    if here.review.published:
        return refuse("AlreadyDone")
    names = [item.item for item in content.items]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    return (
        ItemsPublished(
            lot=here.lot, envelope=here.envelope, round=here.round, items=content.items,
            answer_ms=content.answer_ms, vote_ms=content.vote_ms, blind=content.blind,
        ),
    )  # fmt: skip


def mark_item(asked: Asked, content: MarkItem) -> Decision:
    """A member's marks on the committee's items, or the desk's on its own."""
    here, who = asked.here, asked.who
    fault = bid_fault(asked, content.bidder) or _marks_fault(asked, content.marks)
    if fault is not None:
        return fault
    if who.role == "expert" and who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    begun = standing.home(here) if here.phase != "OPENED" else "OPENED"
    if begun not in (("PRELIM",) if who.role == "expert" else ("OPENED", "PRELIM")):
        return refuse("WrongPhase", phase=begun, type="MarkItem", wanted="PRELIM")
    return (
        ItemsMarked(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=who.seat, bidder=content.bidder,
            marks=content.marks,
        ),
    )  # fmt: skip


def check_blind_part(asked: Asked, content: CheckBlindPart) -> Decision:
    """Whether a blind part names its bidder; looked through before experts see it, again where it failed."""
    here, who = asked.here, asked.who
    fault = bid_fault(asked, content.bidder)
    if fault is not None:
        return fault
    if not here.review.blind or len(content.findings) != (32 if content.result == "fail" else 0):
        return refuse("NoBlindPart")
    if here.phase != "OPENED" and standing.home(here) != "PRELIM":
        return refuse("WrongPhase", phase=standing.home(here), type="CheckBlindPart", wanted="PRELIM")
    return (
        BlindPartChecked(
            lot=here.lot, envelope=here.envelope, round=here.round, by=who.seat, bidder=content.bidder,
            result=content.result, findings=content.findings,
        ),
    )  # fmt: skip


def conclude(asked: Asked, content: ConcludePreliminary) -> Decision:  # noqa: ARG001 - it says nothing
    """What is left goes on; bids that the desk put out are rejected now (87号令 44)."""
    here, who = asked.here, asked.who
    if who.role == "expert" and who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    moved = moves.move(asked.state, here, "ConcludePreliminary")
    if isinstance(moved, Refusal):
        return moved
    outs = standing.desk_outs(here)
    concluded = PreliminaryConcluded(
        lot=here.lot, envelope=here.envelope, round=here.round, valid=standing.going_on(here),
        rejected=(*here.rejected, *(RejectedBid(bidder, ground) for bidder, ground in outs.items())),
    )  # fmt: skip
    return (concluded, *moved)


def seal_sheet(asked: Asked, content: SealSheet) -> Decision:
    """As ever, and while a clarification or a vote is open in the detailed review as well."""
    here = asked.here
    if standing.home(here) != "DETAILED":
        return refuse("WrongPhase", phase=here.phase, type="SealSheet", wanted="DETAILED")
    return scoring.seal_sheet(asked.state, here, asked.who, content)


def bid_fault(asked: Asked, bidder: str) -> Refusal | None:
    """The stage's review has begun to exist, and the bid is one of it that is not rejected."""
    here = asked.here
    if not here.review.published:
        return unpublished()
    if bidder not in (bid.bidder for bid in here.bids):
        return refuse("UnknownBidder", bidder=bidder)
    if bidder not in standing.left(here):
        return refuse("BidRejected", bidder=bidder)
    return None


def _marks_fault(asked: Asked, marks: tuple[Mark, ...]) -> Refusal | None:
    by = "committee" if asked.who.role == "expert" else "desk"
    items = {item.item: item.by for item in asked.here.review.items}
    names = [mark.item for mark in marks]
    for mark in marks:
        if mark.item not in items:
            return refuse("UnknownReviewItem", item=mark.item)
        if names.count(mark.item) > 1:
            return refuse("DuplicateId", id=mark.item)
        if items[mark.item] != by:
            return refuse("NotYourItem", item=mark.item)
        if len(mark.reason) != (0 if mark.mark == "pass" else 32):
            return refuse("Malformed", why="reason")
    return None
