"""Booking (预约), the imported committee (抽取结果), and keys bound to seats (席位绑定)."""

from collections.abc import Mapping

from protocol.commands import (
    BindSeat,
    BookSession,
    Command,
    ImportCommittee,
    SeatRef,
)
from protocol.events import CommitteeImported, Event, SeatBound, SessionBooked
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session import moves
from protocol.session.phases import RULES
from protocol.session.state import AGENT_SEAT, State
from protocol.words import SESSION_STAGE


def book(command: Command, content: BookSession) -> tuple[Event, ...] | Refusal:
    """Genesis: pins the rules, the plan's digest and the installation's key.

    Refuses a rules version that is not here, lots or envelopes named twice, a second
    envelope under rules that have one, and a key that is none.
    """
    rules = RULES.get(content.rules_version)
    if rules is None:
        return refuse("UnknownRules", version=content.rules_version)
    if command.stage != SESSION_STAGE:
        return refuse("UnknownStage", stage=f"{command.stage.lot}/{command.stage.envelope}")
    names = [lot.lot for lot in content.lots]
    for lot in content.lots:
        names.extend(f"{lot.lot}/{envelope}" for envelope in lot.envelopes)
        if "one_envelope" in rules.switches and len(lot.envelopes) > 1:
            return refuse("NotYetAvailable", type="two_envelope", version=rules.version)
    twice = _first_twice(names)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    if not signing.is_key(content.installation_key) or not signing.is_key(command.author_key):
        return refuse("Malformed", why="key")
    if content.installation_key == command.author_key:
        return refuse("KeyTaken", seat="installation")
    booked = SessionBooked(
        session=command.session,
        agent_key=command.author_key,
        rules_version=content.rules_version,
        regime=content.regime,
        demonstration=content.demonstration,
        plan=content.plan,
        lots=content.lots,
        committee_size_min=content.committee_size_min,
        committee_odd=content.committee_odd,
        experts_num=content.experts_num,
        experts_den=content.experts_den,
        bids_min=content.bids_min,
        scoring_ms=content.scoring_ms,
        names_hidden=content.names_hidden,
        milestone_wait_ms=content.milestone_wait_ms,
        installation_key=content.installation_key,
        policy_digest=content.policy_digest,
        province_signatures=content.province_signatures,
        node_keys=content.node_keys,
    )
    row = next(m for m in rules.moves if m.by == "BookSession")
    return (booked, *moves.entered(None, row))


def import_committee(state: State, content: ImportCommittee) -> tuple[Event, ...] | Refusal:
    """Venues and seats as a draw elsewhere gave them (DESIGN: until the draw is here).

    The agent's seat must be among them, at the main venue. Guards on size and ratio are met
    when the roster is locked, so that a replacement can still be called in.
    """
    taken = {key: who.seat for key, who in state.keys.items()}
    imported = committee({**taken, state.installation_key: "installation"}, content)
    if isinstance(imported, Refusal):
        return imported
    moved = moves.move(state, None, "ImportCommittee")
    return moved if isinstance(moved, Refusal) else (imported, *moved)


def committee(taken: Mapping[str, str], content: ImportCommittee) -> CommitteeImported | Refusal:
    """Venues and seats that fit together.

    Args:
      taken: keys that no venue's node may have, and whose they are.
      content: what is imported.
    """
    venues = {venue.venue: venue for venue in content.venues}
    twice = _first_twice(
        [v.venue for v in content.venues]
        + [v.node_key for v in content.venues]
        + [s.seat for s in content.seats]
    )
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    for venue in content.venues:
        if not signing.is_key(venue.node_key):
            return refuse("Malformed", why=f"node_key {venue.venue}")
        if venue.node_key in taken:
            return refuse("KeyTaken", seat=venue.venue)
    if sum(1 for venue in content.venues if venue.role == "main") != 1:
        return refuse("GuardUnmet", zh="须有且只有一个主场", en="there must be one main venue")
    for seat in content.seats:
        fault = _seat_fault(seat, venues.keys())
        if fault is not None:
            return fault
    agent = next((seat for seat in content.seats if seat.seat == AGENT_SEAT), None)
    if agent is None or agent.role != "agent" or venues[agent.venue].role != "main":
        return refuse("UnknownSeat", seat=AGENT_SEAT)
    return CommitteeImported(
        source=content.source,
        digest=content.digest,
        signer=content.signer,
        venues=content.venues,
        seats=content.seats,
    )


def bind_seat(state: State, command: Command, content: BindSeat) -> tuple[Event, ...] | Refusal:
    """A new key for a seat, attested by the identity node; the key before speaks no more.

    Under rules version 3 a bidder that has a bid is bound likewise, its id in the place of a seat's.
    """
    seat = state.seats.get(content.seat)
    if seat is None and not _bids(state, content.seat):
        return refuse("UnknownSeat", seat=content.seat)
    if seat is not None and seat.reserve:
        return refuse("SeatReserve", seat=content.seat)
    if content.seat in state.drawn.recused or content.seat in state.drawn.replaced:
        return refuse("SeatLeft", seat=content.seat)
    key = command.author_key
    if not signing.is_key(key):
        return refuse("Malformed", why="author_key")
    taken = state.keys.get(key)
    if taken is not None or key == state.installation_key or key in state.author_seqs:
        return refuse("KeyTaken", seat=taken.seat if taken else content.seat)
    attested = signing.attested_bytes(state.session, content.seat, key, content.means)
    if not signing.verify(state.installation_key, attested, content.attestation):
        return refuse("BadAttestation")
    return (SeatBound(seat=content.seat, key=key, means=content.means),)


def _bids(state: State, name: str) -> bool:
    """Whether a bidder of this id has a bid in the record and rules let it speak for itself."""
    if not RULES[state.rules_version].grown:
        return False
    if any(bid.bidder == name for one in state.ceremony.stages.values() for bid in one.received):
        return True
    return any(bid.bidder == name for track in state.tracks.values() for bid in track.bids)


def _seat_fault(seat: SeatRef, venues: object) -> Refusal | None:
    if seat.venue not in venues:  # type: ignore[operator]
        return refuse("UnknownVenue", venue=seat.venue)
    if seat.role in ("venue", "installation", "custodian"):
        return refuse("UnknownSeat", seat=seat.seat)
    if (seat.role == "expert") != (seat.kind != "none"):
        return refuse("Malformed", why=f"kind of seat {seat.seat}")
    if seat.role == "agent" and seat.seat != AGENT_SEAT:
        return refuse("DuplicateId", id=AGENT_SEAT)
    return None


def _first_twice(names: list[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
