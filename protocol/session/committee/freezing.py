"""Freezing the roll, the parties' shares, and the draw that follows from them (SPEC 15.2 to 15.4).

The agent asks for seats and never learns who was drawn: after the last share the result stands fast,
but the shares lie with the coordinator until check-in opens. A party that withholds its share stops
the draw; the agent may freeze anew, and the record keeps who withheld.
Sources: 招标投标法 37; 12号令 8 (secret until the result); 355号 七.
"""

from collections.abc import Iterable

from protocol.commands_draw import (
    CommitDrawSeed,
    DrawCommittee,
    DrawVenues,
    FreezePool,
    RevealDrawSeed,
    SeatWanted,
)
from protocol.content import VenueRef
from protocol.events_draw import CommitteeDrawn, DrawSeedCommitted, DrawSeedRevealed, PoolFrozen, VenuesDrawn
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.committee.seats import first_twice, seat_fault
from protocol.session.draw import place_name, subject
from protocol.session.state import AGENT_SEAT, State


def freeze(asked: Asked, content: FreezePool) -> Decision:
    """What is drawn from, and who gives randomness; anew only after a party has withheld its share."""
    state = asked.state
    before = state.drawn
    if content.draw in before.draws:
        return refuse("DuplicateId", id=content.draw)
    withheld: tuple[str, ...] = ()
    if before.frozen is not None:
        withheld = _not_revealed(state)
        if not withheld:
            # Whoever saw the result might not have liked it.
            return refuse("AlreadyDone")
    fault = _parties_fault(state, content) or _venues_fault(state, content) or _seats_fault(content)
    if fault is not None:
        return fault
    return (
        PoolFrozen(
            draw=content.draw,
            pool=content.pool,
            root=content.root,
            sieved_by=content.sieved_by,
            strata=content.strata,
            venues=content.venues,
            subs=content.subs,
            seats=content.seats,
            parties=content.parties,
            subject=subject(state.session, content),
            withheld=withheld,
        ),
    )


def commit(asked: Asked, content: CommitDrawSeed) -> Decision:
    """A party's commitment, once; nobody may have revealed before all have committed."""
    fault = _draw_fault(asked.state, content.draw)
    if fault is not None:
        return fault
    if asked.who.seat in asked.state.drawn.commitments:
        return refuse("AlreadyDone")
    if content.commitment in asked.state.drawn.commitments.values():
        return refuse("ShareMismatch", party=asked.who.seat)
    return (DrawSeedCommitted(content.draw, asked.who.seat, content.commitment),)


def reveal(asked: Asked, content: RevealDrawSeed) -> Decision:
    """A party hands in its share when all have committed; what it is stays hidden (`checks`)."""
    drawn = asked.state.drawn
    fault = _draw_fault(asked.state, content.draw)
    if fault is not None:
        return fault
    assert drawn.frozen is not None
    waiting = [one.party for one in drawn.frozen.parties if one.party not in drawn.commitments]
    if waiting:
        return refuse("SharesAwaited", parties=", ".join(waiting))
    if asked.who.seat in drawn.revealed:
        return refuse("AlreadyDone")
    if drawn.commitments[asked.who.seat] != content.commitment:
        return refuse("ShareMismatch", party=asked.who.seat)
    return (DrawSeedRevealed(content.draw, asked.who.seat),)


def draw_venues(asked: Asked, content: DrawVenues) -> Decision:
    """The sub-venues stand fast."""
    fault = _draw_fault(asked.state, content.draw) or _shares_fault(asked.state)
    if fault is not None:
        return fault
    if asked.state.drawn.venues_drawn:
        return refuse("AlreadyDone")
    return (VenuesDrawn(content.draw),)


def draw_committee(asked: Asked, content: DrawCommittee) -> Decision:
    """The experts stand fast, and the main venue's own seats are there."""
    state = asked.state
    frozen = state.drawn.frozen
    fault = _draw_fault(state, content.draw) or _shares_fault(state)
    if fault is not None:
        return fault
    assert frozen is not None
    if frozen.subs and not state.drawn.venues_drawn:
        return refuse("GuardUnmet", zh="副场尚未抽取", en="the sub-venues are not drawn yet")
    main = next(venue for venue in frozen.venues if venue.role == "main")
    wanted = {seat.seat for seat in frozen.seats}
    twice = first_twice([*wanted, *(seat.seat for seat in content.hosts)])
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    for seat in content.hosts:
        unfit = seat_fault(seat, {main.venue}, drawn=False)
        if unfit is not None:
            return unfit
    if not any(seat.seat == AGENT_SEAT and seat.role == "agent" for seat in content.hosts):
        return refuse("UnknownSeat", seat=AGENT_SEAT)
    moved = moves.move(state, None, "DrawCommittee")
    return moved if isinstance(moved, Refusal) else (CommitteeDrawn(content.draw, content.hosts), *moved)


# --- what may be frozen -------------------------------------------------------------------------------------


def _parties_fault(state: State, content: FreezePool) -> Refusal | None:
    """Standing nodes of genesis, one for every province that a venue may be in, and a supervisor."""
    known = {node.node: node.key for node in state.node_keys}
    twice = first_twice(one.party for one in content.parties)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    for one in content.parties:
        if one.party not in known:
            return refuse("PartyUnknown", party=one.party)
    if not any(one.role == "supervisor" for one in content.parties):
        return refuse("PartiesMissing", missing="supervisor")
    there = {one.province for one in content.parties if one.role == "venue"}
    missing = sorted({venue.province for venue in content.venues} - there)
    return refuse("PartiesMissing", missing=", ".join(missing)) if missing else None


def _venues_fault(state: State, content: FreezePool) -> Refusal | None:
    twice = first_twice([*(v.venue for v in content.venues), *(v.node_key for v in content.venues)])
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    if sum(venue.role == "main" for venue in content.venues) != 1:
        return refuse("GuardUnmet", zh="须有且只有一个主场", en="there must be one main venue")
    candidates = sum(venue.role == "sub" for venue in content.venues)
    if content.subs > candidates:
        return refuse("VenuesTooFew", candidates=candidates, wanted=content.subs)
    parties = {node.key for node in state.node_keys}
    for venue in content.venues:
        if not signing.is_key(venue.node_key):
            return refuse("Malformed", why=f"node_key {venue.venue}")
        if venue.node_key not in parties and (
            venue.node_key in state.keys or venue.node_key == state.installation_key
        ):
            return refuse("KeyTaken", seat=venue.venue)
    return None


def _seats_fault(content: FreezePool) -> Refusal | None:
    """Every place is one, and wherever a sub-venue is drawn its province has enough eligible experts."""
    twice = first_twice([*(seat.seat for seat in content.seats), AGENT_SEAT])
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    names = [(one.province, one.speciality) for one in content.strata]
    if names != sorted(set(names)):
        return refuse("Malformed", why="strata")
    known = {place_name(number) for number in range(content.subs + 1)}
    for seat in content.seats:
        if seat.place not in known:
            return refuse("UnknownVenue", venue=seat.place)
    eligible = {(one.province, one.speciality): one.eligible for one in content.strata}
    for province, speciality, needed in needs(content.venues, content.subs, content.seats):
        there = eligible.get((province, speciality), 0)
        if there < needed:
            return refuse(
                "PoolTooSmall", province=province, speciality=speciality, eligible=there, needed=needed
            )
    return None


def needs(
    venues: tuple[VenueRef, ...], subs: int, seats: tuple[SeatWanted, ...]
) -> Iterable[tuple[str, str, int]]:
    """(province, speciality, how many it may have to give at most), whichever sub-venues are drawn."""
    main = next(venue.province for venue in venues if venue.role == "main")
    others = [venue.province for venue in venues if venue.role == "sub"]
    for speciality in sorted({seat.speciality for seat in seats}):
        at_main = _count(seats, speciality, place_name(0))
        by_place = sorted(
            (_count(seats, speciality, place_name(number)) for number in range(1, subs + 1)), reverse=True
        )
        for province in sorted({main, *others}):
            most = sum(by_place[: others.count(province)])
            yield province, speciality, most + (at_main if province == main else 0)


def _count(seats: tuple[SeatWanted, ...], speciality: str, place: str) -> int:
    return sum((seat.speciality, seat.place) == (speciality, place) for seat in seats)


def _draw_fault(state: State, draw: str) -> Refusal | None:
    frozen = state.drawn.frozen
    return None if frozen is not None and frozen.draw == draw else refuse("DrawUnknown", draw=draw)


def _shares_fault(state: State) -> Refusal | None:
    waiting = _not_revealed(state)
    return refuse("SharesAwaited", parties=", ".join(waiting)) if waiting else None


def _not_revealed(state: State) -> tuple[str, ...]:
    frozen = state.drawn.frozen
    assert frozen is not None
    return tuple(one.party for one in frozen.parties if one.party not in state.drawn.revealed)
