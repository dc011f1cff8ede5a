"""An evaluation, or a lot of it, that comes to nothing (流标、废标、终止; SPEC 17.4).

Whether too few bids left are too little competition is the committee's vote (12号令 27; `review`).
Sources: 招标投标法 28, 42; 条例 44; 87号令 43; 政府采购法 36.
"""

from protocol.commands_turns import FailSession, FailStage
from protocol.events import Event, StageEntered
from protocol.events_turns import SessionFailed, StageFailed
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.review import standing
from protocol.session.state import State, Track
from protocol.session.state import later as later_stages


def fail_session(asked: Asked, content: FailSession) -> Decision:
    """The whole evaluation ends without a result."""
    moved = moves.move(asked.state, None, "FailSession")
    if isinstance(moved, Refusal):
        return moved
    if content.reason == "all_stages_failed" and any(
        t.phase != "FAILED" for t in asked.state.tracks.values()
    ):
        return refuse("GuardUnmet", zh="尚有未失败的标段", en="not every lot has failed")
    failed = SessionFailed(reason=content.reason, seat=asked.who.seat, statement=content.statement)
    return (failed, *moved)


def fail_stage(asked: Asked, content: FailStage) -> Decision:
    """A lot ends without a result, this envelope and the later ones."""
    state, here = asked.state, asked.here
    unmet = _unmet(state, here, content)
    if unmet is not None:
        return unmet
    moved = moves.move(state, here, "FailStage")
    if isinstance(moved, Refusal):
        return moved
    failed = StageFailed(
        lot=here.lot, envelope=here.envelope, round=here.round, reason=content.reason,
        seat=asked.who.seat, statement=content.statement,
    )  # fmt: skip
    later: list[Event] = [
        StageEntered(lot=track.lot, envelope=track.envelope, round=track.round, phase="FAILED")
        for track in later_stages(state, here)
        if track.phase != "FAILED"
    ]
    return (failed, *moved, *later)


def remaining(here: Track) -> int:
    """How many bids of a stage are not rejected."""
    out = {one.bidder for one in here.rejected}
    return sum(1 for bid in here.bids if bid.bidder not in out)


def _unmet(state: State, here: Track, content: FailStage) -> Refusal | None:
    """Too few before the opening; after it by the regime's own rule."""
    few = min(remaining(here), standing.suppliers(here)) < state.bids_min
    match content.reason:
        case "too_few_bids":
            holds = here.phase == "AWAITED" or (state.regime == "GOV_PROC" and few)
        case "all_rejected":
            holds = bool(here.bids) and remaining(here) == 0
        case _:
            holds = True
    if holds:
        return None
    count = remaining(here)
    return refuse(
        "GuardUnmet",
        zh=f"尚有 {count} 份未被否决的投标,该理由不成立",
        en=f"{count} bids are not rejected; the reason does not hold",
    )
