"""What an archive lists of a record's keys, certificates and files that are kept elsewhere (SPEC 26).

Owns that both lists follow from the record and from nobody's word. Judges no certificate.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from protocol import canonical, limits
from protocol.content import SeatRef, VenueRef
from protocol.entry import decode
from protocol.events import Event, SeatBound, SessionBooked
from protocol.events_ceremony import BidsReceived, CustodiansAppointed
from protocol.events_draw import SeatTaken
from protocol.events_live import SegmentRecorded
from protocol.record import Record
from protocol.seal.trust import proved
from protocol.seal.trust.proved import SeatEvidence
from protocol.session.signatures.checks import Shown
from protocol.words import Count, Hash


class Attached(Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept elsewhere and proved here by its digest."""

    digest: Hash
    kind: Literal["bid", "document", "recording"]
    name: Annotated[str, Meta(min_length=1, max_length=limits.ARCHIVE_NAME_CHARS_MAX)]
    size: Count


class KeyOf(Struct, frozen=True, forbid_unknown_fields=True):
    """A key that the record binds: from which entry on, whose, at which seat."""

    from_: Count = field(name="from")
    key: str
    of: str
    seat: str


class Keys(Struct, frozen=True, forbid_unknown_fields=True):
    """Keys and certificates of a session; certificates and evidence in order of bytes."""

    certificates: tuple[bytes, ...]
    evidence: tuple[bytes, ...]
    keys: tuple[KeyOf, ...]


def of(record: Record, evidence: Iterable[bytes]) -> bytes:
    """The keys that the record binds (SPEC 26), whichever act of whichever rules version binds them."""
    found: list[tuple[int, str, str, str]] = []
    roles: dict[str, str] = {}
    for raw in record.entries:
        one = decode(raw)
        for event in one.events:
            if isinstance(event, SessionBooked):
                found.append((one.seq, "", "installation", event.installation_key))
                found.append((one.seq, "agent", "agent", event.agent_key))
                roles["agent"] = "agent"
            elif isinstance(event, SeatBound):
                # Whoever has no seat and a key is a bidder.
                found.append((one.seq, event.seat, roles.get(event.seat, "bidder"), event.key))
            elif isinstance(event, CustodiansAppointed):
                holders = [holder for group in event.groups for holder in group.members]
                found += [(one.seq, holder.custodian, "custodian", holder.key) for holder in holders]
            else:
                for named in _named(event):
                    if isinstance(named, VenueRef):
                        found.append((one.seq, named.venue, "venue", named.node_key))
                    else:
                        roles[named.seat] = named.role if isinstance(named, SeatRef) else "expert"
    keys = tuple(KeyOf(seq, key, whose, seat) for seq, seat, whose, key in sorted(found))
    return canonical.encode(Keys(certificates(record), tuple(sorted(set(evidence))), keys))


def certificates(record: Record) -> tuple[bytes, ...]:
    """The certificates that the record's disclosures show, DER, in order of bytes, each once.

    Those of delegations, with what came with them, and those of signatures on the report.
    """
    found: set[bytes] = set()
    for one in record.disclosed.values():
        try:
            if one.field == "delegation":
                found.update(proved.shown(record.disclosed.value(one.digest, SeatEvidence)))
            elif one.field == "certificate":
                found.add(record.disclosed.value(one.digest, Shown).certificate)
        except canonical.NotCanonical:
            # A disclosure that no entry asks for may hold anything; the rest is the rules' to judge.
            continue
    return tuple(sorted(found))


def recordings(record: Record) -> Iterator[Attached]:
    """What a record tells of recordings, segment by segment in its order; nothing before version 4."""
    for raw in record.entries:
        for event in decode(raw).events:
            if isinstance(event, SegmentRecorded):
                yield Attached(event.digest, "recording", _segment(event), event.octets)


def strange(record: Record, kept: Iterable[Attached]) -> str:
    """The first of what is kept elsewhere that the record does not have, by its name; empty for none.

    Before version 4 a record told of no bids and no segments.
    """
    known = _told_of(record)
    if known is None:
        return ""
    for one in kept:
        here = one.kind == "document" or (
            one.name in known.bids
            if one.kind == "bid"
            else known.segments.get(one.name) == (one.digest, one.size)
        )
        if not here:
            return one.name
    return ""


class _ToldOf(Struct, frozen=True):
    """What a record of version 4 tells: bids as `lot/envelope/bid`, segments as `source/number.mkv`."""

    bids: frozenset[str]
    segments: dict[str, tuple[bytes, int]]


def _told_of(record: Record) -> _ToldOf | None:
    bids: set[str] = set()
    segments: dict[str, tuple[bytes, int]] = {}
    for raw in record.entries:
        for event in decode(raw).events:
            if isinstance(event, SessionBooked) and event.rules_version in ("1", "2", "3"):
                return None
            if isinstance(event, BidsReceived):
                bids |= {f"{event.lot}/{event.envelope}/{one.bid}" for one in event.bids}
            elif isinstance(event, SegmentRecorded):
                segments[_segment(event)] = (event.digest, event.octets)
    return _ToldOf(frozenset(bids), segments)


def _segment(told: SegmentRecorded) -> str:
    return f"{told.source}/{told.number}.mkv"


def _named(event: Event) -> Iterator[VenueRef | SeatRef | SeatTaken]:
    """The venues and the seats that an event brings in, under whatever name it has them."""
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, VenueRef | SeatRef | SeatTaken))
