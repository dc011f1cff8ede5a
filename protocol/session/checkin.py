"""Check-in (签到) and the locked committee (87号令 45; 12号令 12; 实施条例 46)."""

from protocol.commands import CheckIn
from protocol.events import Event, RosterLocked, SeatCheckedIn
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.state import Speaker, State, members


def check_in(state: State, who: Speaker, content: CheckIn) -> tuple[Event, ...] | Refusal:
    """A member signs the undertaking and declares that no ground for recusal applies."""
    seat = state.seats[who.seat]
    if seat.reserve:
        return refuse("SeatReserve", seat=seat.seat)
    if seat.checked_in:
        return refuse("AlreadyCheckedIn", seat=seat.seat)
    return (SeatCheckedIn(seat=seat.seat, undertaking=content.undertaking),)


def lock_roster(state: State) -> tuple[Event, ...] | Refusal:
    """The committee as it will review; size, odd number and ratio are guards of the move."""
    moved = moves.move(state, None, "LockRoster")
    if isinstance(moved, Refusal):
        return moved
    return (RosterLocked(members=tuple(seat.seat for seat in members(state))), *moved)
