"""What the group's rules ask of a state: a stage's opening, its clock, its lists, who is missing."""

from collections.abc import Iterable, Iterator

from protocol import canonical
from protocol.commands_ceremony import KeyGroup, Keyholder, OpenedBid, ReceivedBid
from protocol.hidden import Field
from protocol.session.ceremony.state import StageCeremony
from protocol.session.state import State, Track


def of(state: State, here: Track) -> StageCeremony:
    """A stage's opening, empty where none has begun."""
    return state.ceremony.stages.get(here.name, StageCeremony())


def until(state: State, here: Track) -> int:
    """When the bidders' window ends (coordinator's clock, ms): suspensions within it do not count."""
    found = of(state, here)
    return found.until + sum(one.suspended_ms for one in state.turns.suspended[found.suspensions :])


def keyholder(found: StageCeremony, custodian: str) -> tuple[KeyGroup, Keyholder] | None:
    """A custodian of a stage, and its group; None where it is none."""
    for group in found.groups:
        for member in group.members:
            if member.custodian == custodian:
                return group, member
    return None


def services(state: State) -> frozenset[str]:
    """The keys of every custodian's service that was appointed, of whatever stage."""
    return frozenset(
        member.key
        for found in state.ceremony.stages.values()
        for group in found.groups
        for member in group.members
    )


def short_of(found: StageCeremony, present: Iterable[str]) -> tuple[str, ...]:
    """Groups of which too few are present, each with how many are missing: `centres +1`."""
    here = set(present)
    short = []
    for group in found.groups:
        count = sum(member.custodian in here for member in group.members)
        if count < group.threshold:
            short.append(f"{group.group} +{group.threshold - count}")
    return tuple(short)


def released(found: StageCeremony) -> tuple[ReceivedBid, ...]:
    """The bids that their bidders released, in the order of the list that was received."""
    return tuple(bid for bid in found.received if bid.bid in found.released)


def list_digest(state: State, here: Track, bids: tuple[ReceivedBid, ...]) -> bytes:
    """The digest of the bids that custodians release for, 32 bytes (SPEC 28.4)."""
    stage = {"envelope": here.envelope, "lot": here.lot, "round": here.round}
    return canonical.tagged_digest("released-bids/v1", [state.session, stage, bids])


def report_digest(state: State, here: Track, bids: tuple[OpenedBid, ...]) -> bytes:
    """The digest of what a venue found, 32 bytes; equal at all that found the same (SPEC 28.5)."""
    return canonical.tagged_digest("decryption/v1", [state.session, here.lot, here.envelope, bids])


def opening_record(state: State, here: Track) -> bytes:
    """The digest that `SignOpeningRecord` signs under these rules, 32 bytes (SPEC 28.6)."""
    found = of(state, here)
    value = {
        "bids": here.bids,
        "failures": [[bid, one.cause, one.reason, one.remedy] for bid, one in sorted(found.failures.items())],
        "found": next((one.digest for one in found.reports.values()), b""),
        "objections": len(here.turns.objections),
        "read_out": here.read_out,
        "received": found.received,
        "session": state.session,
        "stage": {"envelope": here.envelope, "lot": here.lot, "round": here.round},
    }
    return canonical.tagged_digest("opening-record/v2", value)


def unopened(found: StageCeremony) -> tuple[str, ...]:
    """Bids that were received and are not opened, once the venues have said so: to be accounted for."""
    reports = tuple(found.reports.values())
    opened = {one.bid for one in reports[0].bids if one.result == "opened"} if reports else set()
    return tuple(bid.bid for bid in found.received if bid.bid not in opened)


def hidden(state: State) -> Iterator[tuple[Field, bytes, Track]]:
    """Boxes that were released or escrowed, and why a bid was not opened: field, digest, stage."""
    for name, found in state.ceremony.stages.items():
        track = state.tracks[name]
        yield from (("bid_release", digest, track) for digest in found.released.values())
        yield from (("custody_release", digest, track) for digest in found.custody.values())
        yield from (("statement", one.statement, track) for one in found.failures.values())
    for name, held in state.escrow.held.items():
        track = state.tracks[name.split(" ", 1)[0]]
        yield "sheet_escrow", held.escrow, track
        yield from (("escrow_release", digest, track) for digest in held.released.values())
