"""Frames: how records lie in an append-only file, and what is left of them after a crash.

A frame is ``length (4) ‖ CRC32 (4) ‖ durable (8) ‖ payload``, big-endian; the CRC is over length, durable and
payload. `durable` is how much of the file was known to be on disk when the frame was written. After a crash
the bytes behind the last fdatasync may be anything: the first frame that does not hold and all behind it are
the *torn tail* and are dropped. But a frame that does not hold *before* an offset that a later frame calls
durable is no torn tail: acknowledged bytes have changed, and that is `DamagedFile`, never a silent cut.
Payloads are JSON text, so that no payload can hold what looks like a frame. Pure: bytes in, frames out.
"""

import struct
import zlib
from collections.abc import Iterator

from msgspec import Struct

MAGIC = b"TCVENUE1"
"""The first eight bytes of every file of frames: its form and version."""

PAYLOAD_BYTES_MAX = 8_388_608
"""Largest payload of one frame."""

_HEAD = struct.Struct(">IIQ")
_BOUND = struct.Struct(">IQ")


class DamagedFile(ValueError):
    """Bytes that were durable are not what was written; `offset` is where. A copy must be restored."""

    def __init__(self, offset: int, name: str = "a file") -> None:
        super().__init__(f"{name} is damaged at byte {offset}: it is not what was written; restore it")
        self.offset = offset


class Frame(Struct, frozen=True):
    """One record: where it begins, where the next begins, and its payload."""

    offset: int
    end: int
    durable: int
    payload: bytes


class Scan(Struct, frozen=True):
    """A file as read: its whole frames, and where the torn tail begins (the file's end if there is none)."""

    frames: tuple[Frame, ...]
    end: int


def encode(payload: bytes, durable: int) -> bytes:
    """A frame round a payload.

    Args:
      payload: at most `PAYLOAD_BYTES_MAX` bytes.
      durable: how many bytes of the file are on disk for certain now.
    """
    assert 0 < len(payload) <= PAYLOAD_BYTES_MAX
    return _HEAD.pack(len(payload), _crc(len(payload), durable, payload), durable) + payload


def decode(raw: bytes) -> bytes | None:
    """The payload of exactly one frame, or None where the bytes do not hold."""
    if len(raw) < _HEAD.size:
        return None
    length, crc, durable = _HEAD.unpack_from(raw)
    payload = raw[_HEAD.size :]
    return payload if len(payload) == length and _crc(length, durable, payload) == crc else None


def scan(raw: bytes) -> Scan:
    """The whole frames of a file, in order.

    Raises:
      DamagedFile: it does not begin as our files do, or bytes that were durable do not hold.
    """
    if not raw.startswith(MAGIC):
        # A file that was being made when the machine stopped holds a beginning of the magic, or nothing;
        # its file system may have grown it before the bytes came, and then zeros follow. No frame can be
        # lost by that: the first is written once the magic is on disk.
        if len(raw) <= len(MAGIC) and MAGIC.startswith(raw.rstrip(b"\0")):
            return Scan((), 0)
        raise DamagedFile(0)
    frames = tuple(_whole(raw))
    end = frames[-1].end if frames else len(MAGIC)
    if end < len(raw) and any(frame.durable > end for frame in _behind(raw, end)):
        raise DamagedFile(end)
    return Scan(frames, end)


def read_at(raw: bytes, offset: int) -> Frame | None:
    """The frame that begins at an offset, or None where none holds."""
    if offset + _HEAD.size > len(raw):
        return None
    length, crc, durable = _HEAD.unpack_from(raw, offset)
    start = offset + _HEAD.size
    if not 0 < length <= PAYLOAD_BYTES_MAX or start + length > len(raw) or durable > offset:
        return None
    payload = raw[start : start + length]
    if _crc(length, durable, payload) != crc:
        return None
    return Frame(offset, start + length, durable, payload)


def _whole(raw: bytes) -> Iterator[Frame]:
    frame = read_at(raw, len(MAGIC))
    while frame is not None:
        yield frame
        frame = read_at(raw, frame.end)


def _behind(raw: bytes, offset: int) -> Iterator[Frame]:
    """Whatever frames hold at any place behind an offset."""
    at = offset + 1
    while at + _HEAD.size < len(raw):
        frame = read_at(raw, at)
        if frame is None:
            at += 1
        else:
            yield frame
            at = frame.end


def _crc(length: int, durable: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(_BOUND.pack(length, durable)))
