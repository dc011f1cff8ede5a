"""Who follows at the agent's desk (更换成员, 重新抽取): another member, or another committee for a void one.

Gives the new seat its id and, where somebody was drawn, whoever comes next in the order of the draw: the
agent names the seat that is left and never a person. A reserve seat of an imported committee and the
tenderee's other representative are named by the agent, since nobody drew them. Must not choose anybody.
Source: SPEC 15.6, 15.9; 实施条例 48; 87号令 49.
"""

from collections.abc import Callable
from typing import Final

from main_venue.draw_desk import DrawDesk
from protocol import canonical
from protocol import commands_draw as form
from protocol.commands_draw import SeatWanted
from protocol.content import Content, SeatRef
from protocol.hidden import Disclosed, Disclosure
from protocol.refusals import Refusal, refuse
from protocol.session.committee.redrawing import used_seats
from protocol.session.state import Seat, State, members
from protocol.wire import Anew, Leaving, Prepare

ACTS: Final = frozenset({"ReplaceMember", "RedrawCommittee"})

Made = tuple[Content, tuple[Disclosure, ...]]
Naming = Callable[[str, str], Disclosure]
"""Hides a name, for a seat: `naming(name, seat)`."""


def prepare(
    ask: Prepare, state: State, disclosed: Disclosed, draws: DrawDesk | None, naming: Naming
) -> Made | Refusal:
    """The content and the disclosures of one of `ACTS`; `ask.source` is a canonical `Leaving` or `Anew`."""
    try:
        if ask.type == "ReplaceMember":
            leaving = canonical.decode(ask.source.encode(), Leaving)
            return _replace(leaving, state, disclosed, draws, naming)
        anew = canonical.decode(ask.source.encode(), Anew)
    except canonical.NotCanonical as error:
        return refuse("Malformed", why=str(error)[:200])
    return _redraw(anew, state, disclosed, draws, naming)


def _replace(
    leaving: Leaving, state: State, disclosed: Disclosed, draws: DrawDesk | None, naming: Naming
) -> Made | Refusal:
    left = {seat.seat: seat for seat in members(state)}.get(leaving.seat)
    if left is None:
        return refuse("UnknownSeat", seat=leaving.seat)
    if leaving.successor:
        return form.ReplaceMember(left.seat, leaving.successor, leaving.reason, (), ()), ()
    successor = _fresh(state, left.seat)
    if leaving.name:
        ref, person = _named(left, successor, leaving.name, naming)
        return form.ReplaceMember(left.seat, successor, leaving.reason, (), (ref,)), (person,)
    wanted = next((take for take in state.drawn.takes if take.seat == left.seat), None)
    if wanted is None:
        return refuse("DisclosureMissing", field="person")
    if draws is None:
        return refuse("DisclosureMissing", field="pool")
    shown = draws.following(state, disclosed, (SeatWanted(successor, wanted.place, wanted.speciality),))
    if isinstance(shown, Refusal):
        return shown
    drawn, behind = shown
    return form.ReplaceMember(left.seat, successor, leaving.reason, drawn, ()), behind


def _redraw(
    anew: Anew, state: State, disclosed: Disclosed, draws: DrawDesk | None, naming: Naming
) -> Made | Refusal:
    """The frozen places once more, each under a new seat; the representatives as the tenderee names them."""
    frozen = state.drawn.frozen
    if frozen is None:
        return refuse("DrawUnknown", draw="-")
    if draws is None:
        return refuse("DisclosureMissing", field="pool")
    seats = tuple(SeatWanted(_fresh(state, one.seat), one.place, one.speciality) for one in frozen.seats)
    named = [
        _named(seat, _fresh(state, seat.seat), anew.names[seat.seat], naming)
        for seat in state.seats.values()
        if seat.kind == "tenderee_rep" and not seat.reserve and seat.seat in anew.names
    ]
    shown = draws.following(state, disclosed, seats)
    if isinstance(shown, Refusal):
        return shown
    drawn, behind = shown
    content = form.RedrawCommittee(frozen.draw, seats, drawn, tuple(ref for ref, _ in named))
    return content, (*behind, *(person for _, person in named))


def _named(left: Seat, seat: str, name: str, naming: Naming) -> tuple[SeatRef, Disclosure]:
    person = naming(name, seat)
    return SeatRef(seat, "expert", left.venue, left.kind, False, person.digest), person


def _fresh(state: State, seat: str) -> str:
    """A seat id that nobody ever had and that tells whose place it is: `M3-2` after `M3`, then `M3-3`."""
    used = frozenset(used_seats(state))
    origin = _origin(seat, used)
    number = 2
    while f"{origin}-{number}" in used:
        number += 1
    return f"{origin}-{number}"


def _origin(seat: str, used: frozenset[str]) -> str:
    """The first seat of a row of successors.

    >>> _origin("M3-2", frozenset({"M3", "M3-2"})), _origin("seat-7", frozenset({"seat-7"}))
    ('M3', 'seat-7')
    """
    stem, _, number = seat.rpartition("-")
    return stem if number.isdecimal() and stem in used else seat
