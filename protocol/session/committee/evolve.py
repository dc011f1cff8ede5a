"""Folding the group's events into the state, one small function each."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_draw as ev
from protocol.commands_draw import SeatWanted
from protocol.content import SeatRef
from protocol.session.committee import voiding
from protocol.session.committee.state import Ballot, Draw
from protocol.session.state import Seat, Speaker, State, members


def _with(state: State, **changes: Any) -> State:
    return replace(state, drawn=replace(state.drawn, **changes))


def _pool_frozen(state: State, event: ev.PoolFrozen) -> State:
    keys = {node.node: node.key for node in state.node_keys}
    speakers = {keys[one.party]: Speaker(one.role, one.party, one.party) for one in event.parties}
    drawn = Draw(frozen=event, draws=(*state.drawn.draws, event.draw), takes=event.seats)
    return replace(state, drawn=drawn, keys={**_without_parties(state), **speakers})


def _committed(state: State, event: ev.DrawSeedCommitted) -> State:
    return _with(state, commitments={**state.drawn.commitments, event.party: event.commitment})


def _revealed(state: State, event: ev.DrawSeedRevealed) -> State:
    return _with(state, revealed=(*state.drawn.revealed, event.party))


def _venues_drawn(state: State, event: ev.VenuesDrawn) -> State:
    return _with(state, venues_drawn=True)


def _committee_drawn(state: State, event: ev.CommitteeDrawn) -> State:
    """The main venue is there with its own seats; the parties have nothing more to say."""
    frozen = state.drawn.frozen
    assert frozen is not None
    main = next(venue for venue in frozen.venues if venue.role == "main")
    keys = {**_without_parties(state), main.node_key: Speaker("venue", main.venue, main.venue)}
    state = replace(state, venues={main.venue: main}, keys=keys, drawn=replace(state.drawn, drawn=True))
    return _with_seats(state, event.hosts)


def _published(state: State, event: ev.DrawPublished) -> State:
    venues = {**state.venues, **{venue.venue: venue for venue in event.venues}}
    keys = {**state.keys, **{v.node_key: Speaker("venue", v.venue, v.venue) for v in event.venues}}
    state = replace(state, venues=venues, keys=keys)
    state = _with(state, shares=event.shares, seed=event.seed)
    for taken in event.members:
        state = _taken(state, taken)
    return _with_seats(state, event.seats)


def _called(state: State, event: ev.ReplacementCalled) -> State:
    """Whoever comes next has done nothing yet: no key, no identity, no check-in."""
    wanted = next(take for take in state.drawn.takes if take.seat == event.seat)
    state = _with(
        state,
        takes=(*state.drawn.takes, wanted),
        recused=_less(state.drawn.recused, event.seat),
        confirmed=_less(state.drawn.confirmed, event.seat),
    )
    state = _unbound(state, event.seat)
    return _taken(state, event.taken[0]) if event.taken else state


def _recused(state: State, event: ev.RecusalDeclared) -> State:
    state = _unbound(state, event.seat)
    remarks = (*state.drawn.remarks, event.remark) if event.remark else state.drawn.remarks
    return _with(state, recused={**state.drawn.recused, event.seat: event.ground}, remarks=remarks)


def _replaced(state: State, event: ev.MemberReplaced) -> State:
    """The seat is no member any more: what it concluded is void, the successor sits instead."""
    state = _unbound(state, event.seat)
    roster = tuple(event.successor if seat == event.seat else seat for seat in state.roster)
    drawn = replace(state.drawn, replaced={**state.drawn.replaced, event.seat: event.successor})
    state = replace(state, roster=roster, drawn=drawn)
    if event.taken:
        left = next(take for take in drawn.takes if take.seat == event.seat)
        wanted = SeatWanted(event.successor, left.place, left.speciality)
        state = _taken(_with(state, takes=(*drawn.takes, wanted)), event.taken[0])
    elif event.named:
        state = _with_seats(state, event.named)
    else:
        called = replace(state.seats[event.successor], reserve=False)
        state = replace(state, seats={**state.seats, event.successor: called})
    tracks = {name: voiding.without(state, track, event.seat) for name, track in state.tracks.items()}
    state = replace(state, tracks=tracks)
    return _with_chair_counted(state, event.seat)


def _with_chair_counted(state: State, left: str) -> State:
    """The vote of who left does not count: a chair who owed the office to it holds it no more."""
    drawn = state.drawn
    votes = _less(drawn.ballot.votes, left)
    ballot = replace(drawn.ballot, votes=votes, commitments=_less(drawn.ballot.commitments, left))
    sitting = members(state)
    count = sum(votes.get(one.seat) == drawn.chair for one in sitting)
    lost = drawn.chair == left or (not drawn.chair_named and 2 * count <= len(sitting))
    return _with(state, ballot=ballot, chair="" if lost else drawn.chair)


def _redrawn(state: State, event: ev.CommitteeRedrawn) -> State:
    """Seats of a new committee in place of the void one's; the orders of the draw go on where they were."""
    others = {name: seat for name, seat in state.seats.items() if seat.role != "expert"}
    state = replace(state, seats=others)
    state = _with(state, drawn=True, takes=(*state.drawn.takes, *event.seats))
    for taken in event.members:
        state = _taken(state, taken)
    return _with_seats(state, event.named)


def _identified(state: State, event: ev.IdentityConfirmed) -> State:
    steps = (*state.drawn.confirmed.get(event.seat, ()), event.step)
    return _with(state, confirmed={**state.drawn.confirmed, event.seat: steps})


def _ballot_opened(state: State, event: ev.ChairBallotOpened) -> State:
    return _with(state, ballot=Ballot(number=event.number, secret=event.secret))


def _chair_voted(state: State, event: ev.ChairVoted) -> State:
    ballot = state.drawn.ballot
    if event.candidate:
        return _with(state, ballot=replace(ballot, votes={**ballot.votes, event.seat: event.candidate}))
    commitments = {**ballot.commitments, event.seat: event.commitment}
    return _with(state, ballot=replace(ballot, commitments=commitments))


def _vote_opened(state: State, event: ev.ChairVoteOpened) -> State:
    ballot = state.drawn.ballot
    return _with(state, ballot=replace(ballot, votes={**ballot.votes, event.seat: event.candidate}))


def _chair_elected(state: State, event: ev.ChairElected) -> State:
    return _with(state, chair=event.seat, chair_named=event.named)


# --- seats and keys -----------------------------------------------------------------------------------------


def _with_seats(state: State, refs: tuple[SeatRef, ...]) -> State:
    seats, keys = dict(state.seats), dict(state.keys)
    for ref in refs:
        before = state.seats.get(ref.seat)
        key = "" if before is None else before.key
        seats[ref.seat] = Seat(ref.seat, ref.role, ref.venue, ref.kind, ref.reserve, ref.person, key)
        if key:
            keys[key] = Speaker(ref.role, ref.seat, ref.venue)
    return replace(state, seats=seats, keys=keys)


def _taken(state: State, taken: ev.SeatTaken) -> State:
    """A seat with whoever was drawn for it, unbound and not checked in."""
    seat = Seat(taken.seat, "expert", taken.venue, "expert", reserve=False, person=taken.leaf.person)
    state = replace(state, seats={**state.seats, taken.seat: seat})
    return _with(state, taken={**state.drawn.taken, taken.seat: taken})


def _unbound(state: State, name: str) -> State:
    """A seat whose key speaks no more."""
    seat = state.seats.get(name)
    if seat is None:
        return state
    keys = {key: who for key, who in state.keys.items() if key != seat.key}
    return replace(state, keys=keys, seats={**state.seats, name: replace(seat, key="")})


def _without_parties(state: State) -> dict[str, Speaker]:
    parties = {node.key for node in state.node_keys}
    return {key: who for key, who in state.keys.items() if key not in parties}


def _less(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.PoolFrozen: _pool_frozen,
    ev.DrawSeedCommitted: _committed,
    ev.DrawSeedRevealed: _revealed,
    ev.VenuesDrawn: _venues_drawn,
    ev.CommitteeDrawn: _committee_drawn,
    ev.DrawPublished: _published,
    ev.ReplacementCalled: _called,
    ev.RecusalDeclared: _recused,
    ev.MemberReplaced: _replaced,
    ev.IdentityConfirmed: _identified,
    ev.ChairBallotOpened: _ballot_opened,
    ev.ChairVoted: _chair_voted,
    ev.ChairVoteOpened: _vote_opened,
    ev.ChairElected: _chair_elected,
    ev.CommitteeRedrawn: _redrawn,
}
