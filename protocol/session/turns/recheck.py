"""Recheck (复核): the only way in which a score changes once the scores are open (SPEC 17.1).

The sealed sheet stays as it is; a member lays corrections of their own sheet over it, each on a
lawful ground, and the stage is aggregated again. Nobody corrects for another, agent and operator
included. Source: 87号令 64.
"""

from protocol import limits
from protocol.commands_turns import BeginRecheck, CorrectItem, EndRecheck, ExplainDeviation, FindAbnormal
from protocol.events_turns import (
    AbnormalFound,
    DeviationExplained,
    ItemCorrected,
    RecheckBegun,
    TallySetAside,
)
from protocol.plan.conduct import LAWFUL_GROUNDS, Ground
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.state import State, Track
from protocol.session.turns.state import Abnormal


def begin(asked: Asked, content: BeginRecheck) -> Decision:
    """The stage is looked over again; a published tally stands meanwhile."""
    fault = not_a_member(asked) or _unlawful(asked.state, content.ground)
    if fault is not None:
        return fault
    here = asked.here
    moved = moves.move(asked.state, here, "BeginRecheck")
    if isinstance(moved, Refusal):
        return moved
    begun = RecheckBegun(
        lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat,
        number=here.turns.rechecks + 1, ground=content.ground,
    )  # fmt: skip
    return (begun, *moved)


def find_abnormal(asked: Asked, content: FindAbnormal) -> Decision:
    """One member's word; the committee has found it once more than half of the roster says so."""
    state, here = asked.state, asked.here
    fault = not_a_member(asked)
    if fault is not None:
        return fault
    if content.seat not in state.roster:
        return refuse("UnknownSeat", seat=content.seat)
    if content.bidder not in here.valid:
        return refuse("UnknownBidder", bidder=content.bidder)
    by = said_abnormal(here, content.seat, content.bidder, content.criterion)
    if asked.who.seat in by:
        return refuse("AlreadyDone")
    return (
        AbnormalFound(
            lot=here.lot, envelope=here.envelope, round=here.round, by=asked.who.seat, seat=content.seat,
            bidder=content.bidder, criterion=content.criterion, found=2 * (len(by) + 1) > len(state.roster),
        ),
    )  # fmt: skip


def correct(asked: Asked, content: CorrectItem) -> Decision:
    """A member corrects items of their own sheet; the new points are `check`'s to judge."""
    state, here = asked.state, asked.here
    fault = not_a_member(asked) or _unlawful(state, content.ground) or _items_fault(here, content)
    if fault is not None:
        return fault
    if content.seat != asked.who.seat:
        return refuse("OwnSheetOnly", seat=content.seat)
    if content.ground == "sum_error":
        return refuse("GroundUnfit", zh="汇总错误不改动任何评分,请结束复核后重新汇总",
                      en="a wrong sum changes no item; end the recheck and aggregate again")  # fmt: skip
    if content.ground == "abnormal":
        seat = asked.who.seat
        for item in content.items:
            if not found_abnormal(here, seat, item.bidder, item.criterion):
                where = f"{item.bidder} {item.criterion}"
                return refuse(
                    "GuardUnmet",
                    zh=f"评标委员会尚未以过半数认定 {where} 畸高或畸低",
                    en=f"the committee has not found {where} abnormal by more than half",
                )
    if len(here.turns.corrections) >= limits.CORRECTIONS_PER_STAGE_MAX:
        return refuse("TooLarge", size=len(here.turns.corrections), limit=limits.CORRECTIONS_PER_STAGE_MAX)
    return (
        ItemCorrected(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat,
            number=len(here.turns.corrections) + 1, ground=content.ground, items=content.items,
            correction=content.correction,
        ),
    )  # fmt: skip


def end(asked: Asked, content: EndRecheck) -> Decision:  # noqa: ARG001 - an act without particulars
    """Back to the aggregation; where anything was corrected the tally is set aside."""
    fault = not_a_member(asked)
    if fault is not None:
        return fault
    here = asked.here
    moved = moves.move(asked.state, here, "EndRecheck")
    if isinstance(moved, Refusal):
        return moved
    corrected = len(here.turns.corrections) > here.turns.corrections_before
    if not here.tally or not (corrected or here.turns.ground == "sum_error"):
        return moved
    aside = TallySetAside(lot=here.lot, envelope=here.envelope, round=here.round, tally=here.tally)
    return (aside, *moved)


def explain(asked: Asked, content: ExplainDeviation) -> Decision:
    """A member says in writing why their points lie far from the others'; once for each of them."""
    fault = not_a_member(asked)
    if fault is not None:
        return fault
    here = asked.here
    if here.phase != "RECHECK" and standing.begun(here) != "SUMMARY":
        return refuse("WrongPhase", phase=here.phase, type="ExplainDeviation", wanted="SUMMARY, RECHECK")
    if content.bidder not in here.valid:
        return refuse("UnknownBidder", bidder=content.bidder)
    if explained(here, asked.who.seat, content.bidder, content.criterion):
        return refuse("AlreadyDone")
    return (
        DeviationExplained(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat,
            bidder=content.bidder, criterion=content.criterion, explanation=content.explanation,
        ),
    )  # fmt: skip


def not_a_member(asked: Asked) -> Refusal | None:
    """The refusal of an expert who is not on the roster; other roles pass."""
    if asked.who.role == "expert" and asked.who.seat not in asked.state.roster:
        return refuse("NotCheckedIn", seat=asked.who.seat)
    return None


def said_abnormal(here: Track, seat: str, bidder: str, criterion: str) -> tuple[str, ...]:
    """The members who hold a seat's points for an item abnormal."""
    found = _abnormal(here, seat, bidder, criterion)
    return () if found is None else found.by


def found_abnormal(here: Track, seat: str, bidder: str, criterion: str) -> bool:
    """Whether the committee has found a seat's points for an item abnormal."""
    found = _abnormal(here, seat, bidder, criterion)
    return found is not None and found.found


def explained(here: Track, seat: str, bidder: str, criterion: str) -> bool:
    """Whether a member has explained their points for a criterion of a bid."""
    return any(
        (one.seat, one.bidder, one.criterion) == (seat, bidder, criterion) for one in here.turns.explained
    )


def _abnormal(here: Track, seat: str, bidder: str, criterion: str) -> Abnormal | None:
    named = (seat, bidder, criterion)
    return next((one for one in here.turns.abnormal if (one.seat, one.bidder, one.criterion) == named), None)


def _unlawful(state: State, ground: Ground) -> Refusal | None:
    """Under GOV_PROC there are four grounds and no plan adds one; under TENDER the plan's are `check`'s."""
    if state.regime == "GOV_PROC" and ground not in LAWFUL_GROUNDS:
        return refuse("GroundUnknown", ground=ground, grounds=", ".join(LAWFUL_GROUNDS))
    return None


def _items_fault(here: Track, content: CorrectItem) -> Refusal | None:
    seen: set[tuple[str, str]] = set()
    for item in content.items:
        named = (item.bidder, item.criterion)
        if named in seen:
            return refuse("DuplicateId", id=f"{item.bidder} {item.criterion}")
        seen.add(named)
        if item.bidder not in here.valid:
            return refuse("UnknownBidder", bidder=item.bidder)
    return None
