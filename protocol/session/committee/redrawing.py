"""Another committee by the same draw (重新抽取): whoever follows in each stratum's order.

A committee that is void was drawn from orders that go on: the next of them sit, so that nobody chooses and
nobody of a void committee, nor anybody who was called before, can come again. It needs the published seed;
a committee that was void before its draw was shown is rebuilt by an import or not at all.
Sources: 87号令 49 (重新组建评标委员会); 招标投标法 37; SPEC 15.4, 17.4.
"""

from collections.abc import Collection

from protocol.commands_draw import RedrawCommittee
from protocol.events_draw import CommitteeRedrawn
from protocol.refusals import Refusal, refuse
from protocol.session import draw, moves
from protocol.session.asked import Asked, Decision
from protocol.session.committee import publishing
from protocol.session.committee.seats import first_twice, seat_fault
from protocol.session.state import State


def redraw(asked: Asked, content: RedrawCommittee) -> Decision:
    """New seats, each taken by the next of its stratum's order; the session is DRAWN again."""
    state = asked.state
    frozen = state.drawn.frozen
    if frozen is None or frozen.draw != content.draw or not state.drawn.seed:
        return refuse("DrawUnknown", draw=content.draw)
    fault = _seats_fault(state, content)
    if fault is not None:
        return fault
    places = draw.places(draw.venues_drawn(state.drawn.seed, frozen))
    stranger = next((seat.place for seat in content.seats if seat.place not in places), None)
    if stranger is not None:
        return refuse("UnknownVenue", venue=stranger)
    try:
        picked = draw.picks(state.drawn.seed, frozen, (*state.drawn.takes, *content.seats))
    except draw.PoolExhausted as error:
        return refuse("PoolExhausted", province=error.stratum.province, speciality=error.stratum.speciality)
    if len(content.members) != len(content.seats):
        return refuse("DrawMismatch", seat=", ".join(seat.seat for seat in content.seats))
    members = []
    for pick, member in zip(picked[-len(content.seats) :], content.members, strict=True):
        taken = publishing.take(frozen, pick, member)
        if isinstance(taken, Refusal):
            return taken
        members.append(taken)
    moved = moves.move(state, None, "RedrawCommittee")
    if isinstance(moved, Refusal):
        return moved
    return (CommitteeRedrawn(content.draw, content.seats, tuple(members), content.named), *moved)


def used_seats(state: State) -> Collection[str]:
    """Every seat that anybody has or ever had, of void committees as well."""
    before = {seat for one in state.turns.void for seat in one.seats}
    return before | state.seats.keys() | {take.seat for take in state.drawn.takes}


def _seats_fault(state: State, content: RedrawCommittee) -> Refusal | None:
    """Seats that nobody ever had, and named representatives alone beside the drawn."""
    names = [*(seat.seat for seat in content.seats), *(seat.seat for seat in content.named)]
    twice = first_twice(names)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    used = used_seats(state)
    again = next((name for name in names if name in used), None)
    if again is not None:
        return refuse("SeatUsed", seat=again)
    for seat in content.named:
        unfit = seat_fault(seat, state.venues, drawn=False)
        if unfit is not None or seat.kind != "tenderee_rep":
            return unfit or refuse("NotDrawn", seat=seat.seat)
    return None
