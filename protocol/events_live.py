"""Events of rules version 4, group `live`: recordings, masked faces (SPEC 31)."""

from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits
from protocol.commands_live import Codec, Gap, MaskReason, Missing
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


LiveEvent = SegmentRecorded | FaceMaskSet
