"""Conditions under which the group's moves go on, by the names that its rows use."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.state import State, Track, later, members


def next_envelope_closed(state: State, track: Track | None) -> Refusal | None:
    """No recheck of points once the prices behind them are open (双信封)."""
    assert track is not None
    opened = ", ".join(one.envelope for one in later(state, track) if one.phase != "AWAITED")
    if not opened:
        return None
    return refuse(
        "GuardUnmet",
        zh=f"后一信封 {opened} 已开启,本信封不再复核",
        en=f"envelope {opened} is open already; this one is rechecked no more",
    )


def seats_reconfirmed(state: State, track: Track | None) -> Refusal | None:
    """Each member's face and seat was looked at again since the suspension began (丽江; DOMAIN 2)."""
    waiting = ", ".join(seat for seat in to_reconfirm(state) if not reconfirmed(state, seat))
    if not waiting:
        return None
    return refuse("GuardUnmet", zh=f"{waiting} 尚未重新核验", en=f"not looked at again yet: {waiting}")


def members_answered(state: State, track: Track | None) -> Refusal | None:
    """Every member has signed, dissented in writing, or is deemed to agree (条例 53; 12号令 43)."""
    waiting = ", ".join(unanswered(state))
    if not waiting:
        return None
    return refuse(
        "GuardUnmet",
        zh=f"{waiting} 尚未签署、书面说明不同意见或被记录为视为同意",
        en=f"neither signed, nor dissented, nor recorded as deemed to agree: {waiting}",
    )


def objections_answered(state: State, track: Track | None) -> Refusal | None:
    """Every objection at the opening was answered on the spot (条例 44)."""
    assert track is not None
    waiting = [str(number) for number, one in enumerate(track.turns.objections, 1) if not one.answer]
    if not waiting:
        return None
    names = ", ".join(waiting)
    return refuse("GuardUnmet", zh=f"异议 {names} 尚未答复", en=f"objections not answered: {names}")


def to_reconfirm(state: State) -> tuple[str, ...]:
    """Whom a resumption asks for: the roster, or whoever has checked in before it is locked."""
    return state.roster or tuple(seat.seat for seat in members(state) if seat.checked_in)


def reconfirmed(state: State, seat: str) -> bool:
    """Whether a seat was looked at again, with the key that it has now."""
    suspension = state.turns.suspension
    found = None if suspension is None else suspension.reconfirmed.get(seat)
    return found is not None and found.key == state.seats[seat].key


def unanswered(state: State) -> tuple[str, ...]:
    """Members who have neither signed nor dissented nor been deemed to agree."""
    turns = state.turns
    return tuple(
        seat.seat
        for seat in members(state)
        if not seat.signed and seat.seat not in turns.dissents and seat.seat not in turns.deemed
    )


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (next_envelope_closed, seats_reconfirmed, members_answered, objections_answered)
}
