"""A roll-call picture: what is looked at of a JPEG, and how a page asks for one (SPEC 31.6)."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from protocol import limits
from protocol.words import Id

ROLL_CALL: Final = "roll_call"
"""A page asks its node for a picture that the record names."""

_BEGINS, _ENDS = b"\xff\xd8", b"\xff\xd9"
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_NO_SEGMENT: Final = frozenset({0xD8, 0xD9, 0xDA})


class RollCallWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """The picture of this number; the record's first is 1."""

    session: Id
    number: Annotated[int, Meta(ge=1, le=limits.ROLL_CALLS_MAX)]


class RollCallPicture(Struct, frozen=True, forbid_unknown_fields=True):
    """Its bytes, a JPEG."""

    session: str
    number: int
    picture: bytes


def jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG in pixels, as its frame says; None where that cannot be found.

    >>> jpeg_size(bytes.fromhex("ffd8ffc000070800090010ffd9"))
    (16, 9)
    >>> jpeg_size(b"GIF89a") is None
    True
    """
    if not raw.startswith(_BEGINS) or not raw.endswith(_ENDS):
        return None
    at = 2
    while at + 4 <= len(raw) and raw[at] == 0xFF and raw[at + 1] not in _NO_SEGMENT:
        length = int.from_bytes(raw[at + 2 : at + 4])
        if raw[at + 1] in _FRAMES:
            if length < 7 or at + 9 > len(raw):
                return None
            return int.from_bytes(raw[at + 7 : at + 9]), int.from_bytes(raw[at + 5 : at + 7])
        if length < 2:
            return None
        at += 2 + length
    return None
