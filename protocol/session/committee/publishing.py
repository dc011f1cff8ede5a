"""The draw in the open (公布抽取结果): shares, sub-venues and persons, each shown to follow from the record.

From public fields alone: every share opens its commitment, the seed is theirs, the sub-venues and the
numbers are the seed's, and each person's leaf is that number's under the frozen root.
"""

from protocol import chance
from protocol.commands_draw import DrawnMember, PublishDraw
from protocol.events_draw import DrawPublished, PoolFrozen, SeatTaken
from protocol.refusals import Refusal, refuse
from protocol.session import draw
from protocol.session.asked import Asked, Decision
from protocol.session.committee.seats import first_twice, seat_fault
from protocol.session.draw import Pick
from protocol.session.state import State


def publish(asked: Asked, content: PublishDraw) -> Decision:
    """Who and where was drawn, when check-in is open."""
    state = asked.state
    frozen = state.drawn.frozen
    if frozen is None or frozen.draw != content.draw or not state.drawn.drawn:
        return refuse("DrawUnknown", draw=content.draw)
    if state.drawn.seed:
        return refuse("AlreadyDone")
    fault = _shares_fault(state, frozen, content)
    if fault is not None:
        return fault
    seed = draw.seed_of(state.session, frozen, content.shares)
    try:
        picked = draw.seated(draw.picks(seed, frozen, state.drawn.takes))
    except draw.PoolExhausted as error:
        return refuse("PoolExhausted", province=error.stratum.province, speciality=error.stratum.speciality)
    members = []
    if [member.seat for member in content.members] != sorted(picked):
        return refuse("DrawMismatch", seat=", ".join(sorted(picked)))
    for member in content.members:
        taken = take(frozen, picked[member.seat], member)
        if isinstance(taken, Refusal):
            return taken
        members.append(taken)
    venues = draw.venues_drawn(seed, frozen)[1:]
    names = {venue.venue for venue in venues}
    twice = first_twice([*picked, *state.seats, *(seat.seat for seat in content.seats)])
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    for seat in content.seats:
        unfit = seat_fault(seat, names, drawn=False)
        if unfit is not None:
            return unfit
    return (DrawPublished(content.draw, content.shares, seed, venues, tuple(members), content.seats),)


def take(frozen: PoolFrozen, pick: Pick, member: DrawnMember) -> SeatTaken | Refusal:
    """Whoever took a seat, or that the leaf shown is not the one drawn."""
    if member.seat != pick.seat or not draw.is_leaf(frozen, pick, member):
        return refuse("DrawMismatch", seat=member.seat)
    return SeatTaken(member.seat, pick.venue.venue, pick.index, member.leaf)


def _shares_fault(state: State, frozen: PoolFrozen, content: PublishDraw) -> Refusal | None:
    if sorted(one.party for one in content.shares) != sorted(one.party for one in frozen.parties):
        return refuse("SharesAwaited", parties=", ".join(one.party for one in frozen.parties))
    shares = draw.shares_of(state.session, frozen, content.shares)
    for share, one in zip(shares, content.shares, strict=True):
        if not chance.reveals(state.drawn.commitments[one.party], share, one.salt):
            return refuse("ShareMismatch", party=one.party)
    return None
