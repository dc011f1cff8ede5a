"""When a sheet counts as complete: its opening is held by so many custodians that they can open it."""

from protocol.commands_ceremony import KeyGroup
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.ceremony import reading
from protocol.session.escrow.state import Held
from protocol.session.state import State, Track, members


def group_of(state: State, here: Track) -> KeyGroup | None:
    """The group that holds a stage's scores: the largest that was appointed; None where none was."""
    groups = reading.of(state, here).groups
    return max(groups, key=lambda one: len(one.members), default=None)


def name_of(here: Track, seat: str) -> str:
    """Under what a seat's escrow stands in the state."""
    return f"{here.name} {here.round} {seat}"


def held(state: State, here: Track, seat: str) -> Held | None:
    """A seat's escrow of the present round."""
    return state.escrow.held.get(name_of(here, seat))


def escrow_acknowledged(state: State, track: Track | None) -> Refusal | None:
    """Every sheet's opening is held by a threshold of custodians, so that no machine's loss voids it.

    An escrow of a sheet that was sealed before and counts no more is none of the one that is sealed now.
    """
    assert track is not None
    group = group_of(state, track)
    if group is None:
        return None
    waiting = []
    for seat in members(state):
        one, sheet = held(state, track, seat.seat), track.sheets.get(seat.seat)
        is_of_now = one is not None and sheet is not None and one.commitment == sheet.commitment
        if one is None or not is_of_now or len(one.acknowledged) < group.threshold:
            waiting.append(seat.seat)
    return refuse("EscrowAwaited", seats=", ".join(waiting)) if waiting else None


GUARDS: dict[str, Guard] = {"escrow_acknowledged": escrow_acknowledged}
