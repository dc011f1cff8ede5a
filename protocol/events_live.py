"""Events of rules version 4, group `live`: recordings, masked faces, roll-call pictures (SPEC 31)."""

from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits
from protocol.commands_live import Called, Codec, Gap, MaskReason, Missing, PictureBytes, Rooms, Side
from protocol.words import Count, Hash, Id, Millis


class SegmentRecorded(Struct, frozen=True, forbid_unknown_fields=True, tag="SegmentRecorded.1"):
    """A venue has kept a segment of a source; the fields are those of `RecordSegment`."""

    venue: Id
    source: Id
    number: Count
    began_at: Millis
    duration_ms: Count
    octets: Count
    digest: Hash
    codecs: tuple[Codec, ...]
    frames: Count
    missing_ms: Count
    cause: Missing
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=limits.RECORDED_GAPS_MAX)]


class FaceMaskSet(Struct, frozen=True, forbid_unknown_fields=True, tag="FaceMaskSet.1"):
    """A member's face is shown from now on, or masked; `by` is the witness's seat."""

    seat: Id
    by: Id
    masked: bool
    reason: MaskReason


class RollCallRecorded(Struct, frozen=True, forbid_unknown_fields=True, tag="RollCallRecorded.1"):
    """A still picture of who was seen at one moment; `by` is the seat that took it."""

    by: Id
    picture: Hash
    digest: Hash
    octets: PictureBytes
    width: Side
    height: Side
    taken_at: Millis
    shown: Called
    missing: Called
    rooms: Rooms


LiveEvent = SegmentRecorded | FaceMaskSet | RollCallRecorded
