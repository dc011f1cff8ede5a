"""Replacement (补抽, 更换): who does not come is followed by the next of the same order; who leaves is void.

What a replaced member concluded counts nowhere and is done again by the successor (实施条例 48): the
successor has a seat id of its own, the seat left behind is no member any more, and whatever counts,
counts members (`voiding`). After scores are open a member can no longer be replaced, since the
successor would have seen them: then the committee is void and another one evaluates anew (87号令 49).
"""

from protocol.commands_draw import CallReplacement, DrawnMember, ReplaceMember, SeatWanted
from protocol.events import Event, StageEntered
from protocol.events_draw import MemberReplaced, ReplacementCalled, SeatTaken
from protocol.refusals import Refusal, refuse
from protocol.session import draw
from protocol.session.asked import Asked, Decision
from protocol.session.committee import publishing, voiding
from protocol.session.committee.freezing import needs
from protocol.session.committee.seats import seat_fault
from protocol.session.state import Seat, State, members


def call(asked: Asked, content: CallReplacement) -> Decision:
    """The next of the same order for a seat whose person does not come, or recused before the lock."""
    state = asked.state
    wanted = _wanted(state, content.seat)
    if wanted is None:
        return refuse("UnknownSeat", seat=content.seat)
    seat = state.seats.get(content.seat)
    if seat is not None and seat.checked_in and (state.roster or content.seat not in state.drawn.recused):
        return refuse("AlreadyCheckedIn", seat=content.seat)
    taken = _next(state, wanted, content.drawn)
    if isinstance(taken, Refusal):
        return taken
    return (ReplacementCalled(content.seat, content.reason, taken),)


def replace_member(asked: Asked, content: ReplaceMember) -> Decision:
    """A member leaves at once; what that seat concluded is void."""
    state = asked.state
    left = {seat.seat: seat for seat in members(state)}.get(content.seat)
    if left is None:
        return refuse("UnknownSeat", seat=content.seat)
    shown = [track.name for track in state.tracks.values() if voiding.scores_shown(track)]
    if shown:
        return refuse("ScoresShown", stages=", ".join(shown))
    taken: tuple[SeatTaken, ...] = ()
    reserve = state.seats.get(content.successor)
    wanted = _wanted(state, content.seat)
    if reserve is not None:
        if not reserve.reserve or reserve.kind != left.kind or content.drawn or content.named:
            return refuse("DuplicateId", id=content.successor)
    elif content.named:
        fault = _named_fault(left, content, {left.venue})
        if fault is not None:
            return fault
    elif wanted is None:
        return refuse("UnknownSeat", seat=content.successor)
    else:
        following = SeatWanted(content.successor, wanted.place, wanted.speciality)
        found = _next(state, following, content.drawn)
        if isinstance(found, Refusal):
            return found
        taken = found
    replaced = MemberReplaced(content.seat, content.successor, content.reason, taken, content.named)
    return (replaced, *_back(state))


def _back(state: State) -> tuple[Event, ...]:
    return tuple(
        StageEntered(lot=track.lot, envelope=track.envelope, round=track.round, phase=phase)  # type: ignore[arg-type]
        for track in state.tracks.values()
        for phase in voiding.phases_back(track)
    )


def _wanted(state: State, seat: str) -> SeatWanted | None:
    """What a drawn seat was drawn for, a successor's included."""
    return next((take for take in state.drawn.takes if take.seat == seat), None)


def _next(
    state: State, wanted: SeatWanted, shown: tuple[DrawnMember, ...]
) -> tuple[SeatTaken, ...] | Refusal:
    """The next of the stratum's order: shown once the draw is public, only counted before."""
    drawn = state.drawn
    assert drawn.frozen is not None
    takes = (*drawn.takes, wanted)
    if not drawn.seed:
        if shown:
            return refuse("Malformed", why="drawn")
        eligible = {(one.province, one.speciality): one.eligible for one in drawn.frozen.strata}
        for province, speciality, needed in needs(drawn.frozen.venues, drawn.frozen.subs, takes):
            if eligible.get((province, speciality), 0) < needed:
                return refuse("PoolExhausted", province=province, speciality=speciality)
        return ()
    try:
        pick = draw.picks(drawn.seed, drawn.frozen, takes)[-1]
    except draw.PoolExhausted as error:
        return refuse("PoolExhausted", province=error.stratum.province, speciality=error.stratum.speciality)
    if not shown:
        return refuse("DrawMismatch", seat=wanted.seat)
    taken = publishing.take(drawn.frozen, pick, shown[0])
    return taken if isinstance(taken, Refusal) else (taken,)


def _named_fault(left: Seat, content: ReplaceMember, venues: set[str]) -> Refusal | None:
    named = content.named[0]
    if left.kind != "tenderee_rep" or named.kind != "tenderee_rep" or named.seat != content.successor:
        return refuse("NotDrawn", seat=content.successor)
    return seat_fault(named, venues, drawn=False)
