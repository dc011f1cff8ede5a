"""Who is awaited until a committee of rules version 3 sits: draw, door, recusal, chair (SPEC 15)."""

from collections.abc import Iterator

from protocol.session.committee.guards import recused
from protocol.session.committee.identity import sufficient
from protocol.session.state import AGENT_SEAT, Seat, State, members
from protocol.views import Awaited

OFFICERS = ("keeper", "witness")
"""Who confirms an identity at the desk: either will do."""


def awaited_in_draw(state: State) -> Iterator[Awaited]:
    """In BOOKED, once the roll may be frozen: parties by their standing nodes, otherwise the agent."""
    drawn = state.drawn
    if drawn.frozen is None:
        yield _agent("FreezePool" if state.node_keys else "ImportCommittee")
        return
    parties = drawn.frozen.parties
    waiting = [one for one in parties if one.party not in drawn.commitments]
    act = "CommitDrawSeed"
    if not waiting:
        waiting, act = [one for one in parties if one.party not in drawn.revealed], "RevealDrawSeed"
    if waiting:
        yield from (Awaited(one.party, one.role, act) for one in waiting)
    elif drawn.frozen.subs and not drawn.venues_drawn:
        yield _agent("DrawVenues")
    else:
        yield _agent("DrawCommittee")


def awaited_at_the_door(state: State) -> Iterator[Awaited]:
    """In CHECKIN: the draw shown, everybody identified and checked in, nobody recused, then the lock."""
    if state.drawn.drawn and not state.drawn.seed:
        yield _agent("PublishDraw")
        return
    gone = recused(state)
    if gone:
        yield _agent("CallReplacement" if state.drawn.drawn else "ReplaceMember")
    waiting = [seat for seat in members(state) if not seat.checked_in and seat.seat not in gone]
    yield from _through_the_door(state, waiting)
    if not waiting and not gone:
        yield _agent("LockRoster")


def lacks_chair(state: State, planned: str) -> bool:
    """Whether a chair is still to come: of a drawn committee, and wherever the plan says how."""
    return (state.drawn.drawn or planned != "any") and not state.drawn.chair


def awaited_of_members(state: State, planned: str) -> Iterator[Awaited]:
    """In COMMITTEE_READY: who recused is replaced, a successor comes through the door, a chair is there.

    `planned` is how the plan has the chair come to the office (`elected`, `named`, `any`).
    """
    if recused(state):
        yield _agent("ReplaceMember")
    waiting = [
        seat for seat in members(state) if not seat.checked_in and seat.seat not in state.drawn.recused
    ]
    yield from _through_the_door(state, waiting)
    if lacks_chair(state, planned) and not waiting:
        yield from _named(state) if planned == "named" else _chair(state)


def _through_the_door(state: State, waiting: list[Seat]) -> Iterator[Awaited]:
    for seat in waiting:
        if not seat.key:
            yield Awaited(seat.seat, "expert", "BindSeat")
        elif state.drawn.drawn and not sufficient(state.drawn.confirmed.get(seat.seat, ())):
            for one in state.seats.values():
                if one.role in OFFICERS and one.venue == seat.venue:
                    yield Awaited(one.seat, one.role, "ConfirmIdentity")
        else:
            yield Awaited(seat.seat, "expert", "CheckIn")


def _named(state: State) -> Iterator[Awaited]:
    for seat in state.seats.values():
        if seat.role == "tenderee" and not seat.reserve:
            yield Awaited(seat.seat, "tenderee", "NameChair")


def _chair(state: State) -> Iterator[Awaited]:
    """The members in a ballot; before there is one, and after one without a majority, the agent."""
    ballot = state.drawn.ballot
    sitting = [seat.seat for seat in members(state)]
    voted = ballot.commitments if ballot.secret else ballot.votes
    waiting = [seat for seat in sitting if seat not in voted]
    act = "ElectChair"
    if ballot.secret and not waiting:
        waiting, act = [seat for seat in sitting if seat not in ballot.votes], "OpenChairVote"
    if ballot.number == 0 or not waiting:
        yield _agent("OpenChairBallot")
    else:
        yield from (Awaited(seat, "expert", act) for seat in waiting)


def _agent(act: str) -> Awaited:
    return Awaited(AGENT_SEAT, "agent", act)
