"""Suspension (中断): everything sealed, both clocks kept, and going on within a limit (SPEC 17.3).

What is admitted meanwhile is the phase table's (`rows.SEALED`). The coordinator's clock measures;
the author's stands beside it. Going on asks that every member's face and seat was looked at again.
Sources: 丽江 公共资源交易中断处置规定 (2 hours before, 4 hours during; both are the plan's to set);
河北 远程异地评标管理办法(试行) 2025 (both venues lock the system and seal the materials).
"""

from protocol.commands_turns import ReconfirmSeat, Resume, Suspend
from protocol.events_turns import SeatReconfirmed, SessionResumed, SessionSuspended
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.state import head
from protocol.session.turns.guards import reconfirmed, to_reconfirm
from protocol.session.turns.state import Suspension

BEFORE_START = ("CHECKIN",)
"""Phases in which an evaluation has not begun: after the limit the tenderee decides whether to go on."""


def suspend(asked: Asked, content: Suspend) -> Decision:
    """Stop, seal, and keep the phase, both clocks and the head as of now."""
    state = asked.state
    moved = moves.move(state, None, "Suspend")
    if isinstance(moved, Refusal):
        return moved
    now = head(state)
    suspended = SessionSuspended(
        phase=state.phase,  # type: ignore[arg-type]
        reason=content.reason,
        seat=asked.who.seat,
        venue=asked.who.venue,
        author_at=asked.command.author_at,
        limit_ms=content.limit_ms,
        statement=content.statement,
        size=now.size,
        root=now.root,
    )
    return (suspended, *moved)


def reconfirm(asked: Asked, content: ReconfirmSeat) -> Decision:
    """A witness or keeper has looked again at a member of their own venue."""
    state = asked.state
    seat = state.seats.get(content.seat)
    if seat is None or seat.seat not in to_reconfirm(state):
        return refuse("UnknownSeat", seat=content.seat)
    if seat.venue != asked.who.venue:
        return refuse("WrongVenue", seat=seat.seat, venue=asked.who.venue)
    if reconfirmed(state, seat.seat):
        return refuse("AlreadyDone")
    return (SeatReconfirmed(seat=seat.seat, by=asked.who.seat, means=content.means),)


def resume(asked: Asked, content: Resume) -> Decision:  # noqa: ARG001 - an act without particulars
    """Back to the phase that was left, within the limit; see `SPEC 17.3` for what remains after it."""
    state = asked.state
    found = state.turns.suspension
    assert found is not None
    lasted_ms = asked.at - found.at
    if lasted_ms > found.limit_ms and not _decides(found, asked.who.role):
        return refuse("SuspendedTooLong", minutes=lasted_ms // 60_000, limit=found.limit_ms // 60_000)
    moved = moves.move(state, None, "Resume", back_to=found.phase)
    if isinstance(moved, Refusal):
        return moved
    resumed = SessionResumed(
        phase=found.phase,  # type: ignore[arg-type]
        seat=asked.who.seat,
        suspended_ms=lasted_ms,
    )
    return (resumed, *moved)


def _decides(found: Suspension, role: str) -> bool:
    return found.phase in BEFORE_START and role == "tenderee"
