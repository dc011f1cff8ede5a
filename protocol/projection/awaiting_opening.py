"""Who is awaited while bids are opened in front of everyone, and scores are held in escrow (SPEC 28).

Part of `awaiting`: read off the state alone, in the order in which the rules wait for it. Milestones are
awaited of the installation, by `awaiting` itself.
"""

from collections.abc import Iterable, Iterator

from protocol.session.ceremony import guards, reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.escrow.guards import group_of, held
from protocol.session.phases import RULES
from protocol.session.state import AGENT_SEAT, State, Track, is_reached, members
from protocol.views import Awaited
from protocol.words import Role

PHASES = ("AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE")


def opens_here(state: State) -> bool:
    """Whether bids may be opened in the session itself, as rules version 4 has it."""
    return "BeginOpening" in RULES[state.rules_version].grown


def awaited_in_opening(state: State, track: Track) -> Iterator[Awaited]:
    """What a stage's opening waits for, from the custodians' appointment to the published bids."""
    found = reading.of(state, track)
    if any(not one.answer for one in track.turns.objections):
        yield from _tenderee(state, "AnswerObjection", track)
    match track.phase:
        case "AWAITED" if not found.groups:
            yield _one(AGENT_SEAT, "agent", "AppointCustodians", track)
        case "AWAITED":
            yield from _to_begin(state, track)
        case "OPENING":
            missing = tuple(_missing(found, found.answered))
            yield from (_one(name, "custodian", "AnswerRollCall", track) for name in missing)
            if not missing:
                yield _one("installation", "installation", "ReceiveBids", track)
        case "BIDDERS_RELEASE" if is_reached(state, "bids_received", track.lot, track.envelope):
            waiting = [bid for bid in found.received if bid.bid not in found.released]
            yield from (_one(bid.bidder, "bidder", "ReleaseBid", track) for bid in waiting)
            if not waiting:
                yield _one("installation", "installation", "CloseRelease", track)
        case "CUSTODIANS_RELEASE" if is_reached(state, "release_closed", track.lot, track.envelope):
            yield from _to_publish(state, track, found)


def is_done(state: State, track: Track, act: str) -> bool:
    """Whether custodians are appointed already, or nothing is left to be accounted for."""
    found = reading.of(state, track)
    if act == "AppointCustodians":
        return bool(found.groups)
    return guards.failures_recorded(state, track) is None


def awaited_in_escrow(state: State, track: Track) -> Iterator[Awaited]:
    """While a stage is scored: sealed sheets that are not in escrow yet, or not acknowledged by enough."""
    group = group_of(state, track)
    if group is None:
        return
    for seat in members(state):
        if seat.seat not in track.sheets:
            continue
        one = held(state, track, seat.seat)
        if one is None:
            yield _one(seat.venue, "venue", "EscrowSheet", track)
        elif len(one.acknowledged) < group.threshold:
            for member in group.members:
                if member.custodian not in one.acknowledged:
                    yield _one(member.custodian, "custodian", "AcknowledgeEscrow", track)


def _to_begin(state: State, track: Track) -> Iterator[Awaited]:
    if guards.opening_keys_offered(state, track) is not None:
        for venue in state.venues.values():
            if venue.role == "main":
                yield _one(venue.venue, "venue", "OfferOpeningKey", track)
        return
    yield from _tenderee(state, "BeginOpening", track)


def _to_publish(state: State, track: Track, found: StageCeremony) -> Iterator[Awaited]:
    missing = tuple(_missing(found, found.custody))
    if missing:
        yield from (_one(name, "custodian", "ReleaseCustody", track) for name in missing)
    elif guards.decrypted_alike(state, track) is not None:
        differing = len({one.digest for one in found.reports.values()}) > 1
        for key in found.to:
            if differing or key.venue not in found.reports:
                yield _one(key.venue, "venue", "ReportDecryption", track)
    elif guards.failures_recorded(state, track) is not None:
        yield from _tenderee(state, "RecordBidFailure", track)
    else:
        yield _one(AGENT_SEAT, "agent", "OpenBids", track)


def _missing(found: StageCeremony, present: Iterable[str]) -> Iterator[str]:
    """Custodians who are not there, of the groups of which too few are."""
    here = set(present)
    for group in found.groups:
        names = [one.custodian for one in group.members]
        if sum(name in here for name in names) < group.threshold:
            yield from (name for name in names if name not in here)


def _tenderee(state: State, act: str, track: Track) -> Iterator[Awaited]:
    for seat in state.seats.values():
        if seat.role == "tenderee" and not seat.reserve:
            yield _one(seat.seat, "tenderee", act, track)


def _one(who: str, role: Role, act: str, track: Track) -> Awaited:
    return Awaited(who, role, act, track.lot, track.envelope)
