"""Contents of the commands of rules version 4, group `live`: recordings, masks, roll-calls (SPEC 31)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import Content
from protocol.words import Count, Hash, Id, Millis

Codec = Literal["opus", "VP8", "H264"]
Missing = Literal["", "away", "stopped", "disk", "busy"]
"""Why nothing was kept before a segment.

Nobody sent; the recorder was not running; the disk was full; it could not follow.
"""

MaskReason = Literal["identity", "discipline", "technical", "request", "other"]
"""Why a face is shown or masked: identity is verified, conduct is looked into, the mask does not work, the
member or a supervisor asks, or another reason that the witness notes as an observation."""


Side = Annotated[int, Meta(ge=limits.ROLL_CALL_SIDE_MIN, le=limits.ROLL_CALL_SIDE_MAX)]
"""Width or height of a roll-call picture, pixels."""
Called = Annotated[tuple[Id, ...], Meta(max_length=limits.SEATS_MAX)]
Rooms = Annotated[tuple[Id, ...], Meta(max_length=limits.VENUES_MAX)]
PictureBytes = Annotated[int, Meta(ge=1, le=limits.ROLL_CALL_BYTES_MAX)]


class Gap(Struct, frozen=True, forbid_unknown_fields=True):
    """What a segment lacks: `at_ms` from its beginning, how long, and how many packets or frames where known.

    `cause`: `lost` on the line, `silent` (nothing came), `busy` (the recorder could not follow).
    """

    at_ms: Count
    duration_ms: Count
    cause: Literal["lost", "silent", "busy"]
    count: Count


class RecordSegment(Content, frozen=True, forbid_unknown_fields=True):
    """录像分段存证: a venue's node has kept one segment of a source (SPEC 31.2).

    `source` is the venue's id, a dot, and the source's name there. `number` counts that source's segments
    from 1.
    `began_at` is the recorder's clock, ms; `duration_ms` how long the segment is. `octets` and `digest`
    are the
    file's. `missing_ms` is what lies between the end of the segment before and this one, `cause` why, empty
    where that is no longer than a seam.
    """

    source: Id
    number: Annotated[int, Meta(ge=1, le=limits.INTEGER_MAX)]
    began_at: Millis
    duration_ms: Annotated[int, Meta(ge=1, le=limits.RECORDED_SEGMENT_MS_MAX)]
    octets: Annotated[int, Meta(ge=1, le=limits.INTEGER_MAX)]
    digest: Hash
    codecs: Annotated[tuple[Codec, ...], Meta(min_length=1, max_length=limits.RECORDED_TRACKS_MAX)]
    frames: Count
    missing_ms: Count
    cause: Missing
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=limits.RECORDED_GAPS_MAX)]


class SetFaceMask(Content, frozen=True, forbid_unknown_fields=True):
    """面部遮挡: a witness beside a member has its face shown from now on, or masked again (SPEC 31.5)."""

    seat: Id
    masked: bool
    reason: MaskReason


class RecordRollCall(Content, frozen=True, forbid_unknown_fields=True):
    """点名画面: a still picture of all seats that were seen at one moment, and who was not (SPEC 31.6).

    `digest` and `octets` are of the JPEG's bytes, `picture` is the digest of the disclosure that holds them;
    `shown` and `missing` are seats, `rooms` venues, each ascending; `taken_at` ms.
    """

    picture: Hash
    digest: Hash
    octets: PictureBytes
    width: Side
    height: Side
    taken_at: Millis
    shown: Called
    missing: Called
    rooms: Rooms


CONTENTS: tuple[type[Content], ...] = (RecordSegment, SetFaceMask, RecordRollCall)
