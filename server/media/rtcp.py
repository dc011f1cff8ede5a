"""What a receiver says of a stream (RTCP): read from bytes into calls, with no object made on the way.

Source: RFC 3550 section 6.4 (reports), RFC 4585 section 6 (NACK, PLI), RFC 5104 section 4.3.1 (FIR),
draft-alvestrand-rmcat-remb (REMB). Pure.
"""

import struct
from collections.abc import Mapping
from typing import Final, Protocol

from aiortc.rtp import unpack_remb_fci

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
_TRANSPORT_FEEDBACK: Final = 205
_PICTURE_FEEDBACK: Final = 206
_NACK: Final = 1
_PLI: Final = 1
_FIR: Final = 4
_REMB: Final = 15
_VERSION: Final = 2
_HEAD = struct.Struct("!BBH")
_REPORT = struct.Struct("!BBHLQLLL")
_EMPTY = struct.Struct("!BBHL")
_BLOCK = struct.Struct("!LLL")
_BLOCK_BYTES: Final = 24
_WHOLE: Final = 0xFFFFFFFF
_NUMBER = struct.Struct("!L")
_LOST = struct.Struct("!HH")


class Ear(Protocol):
    """Who sends a stream, and is told what its receiver says of it."""

    def received(self, highest: int, lost: int) -> None:
        """The highest sequence number received (its rounds above 16 bits), and how many never were."""

    def missed(self, sequences: list[int]) -> None:
        """Packets that are asked for again."""

    def broke(self) -> None:
        """The picture cannot be shown without a keyframe."""

    def told(self, bits_per_s: int) -> None:
        """The most that may be sent."""


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """A sender report without a block.

    >>> sender_report(1, 2, 3, 4, 5).hex()
    '80c80006000000010000000000000002000000030000000400000005'
    """
    return _REPORT.pack(0x80, SENDER_REPORT, 6, ssrc, ntp, timestamp, packets & _WHOLE, octets & _WHOLE)


def empty_report(ssrc: int) -> bytes:
    """A receiver report without a block: says that this end lives, and nothing else (RFC 3550 6.4.2).

    >>> empty_report(1).hex()
    '80c9000100000001'
    """
    return _EMPTY.pack(0x80, RECEIVER_REPORT, 1, ssrc)


def hear(data: bytes, ears: Mapping[int, Ear]) -> None:
    """Tell each ear, by the ssrc of what it sends, what a compound packet says of it.

    Raises:
      ValueError: it is out of form; then nobody was told anything.
    """
    for kind, count, start, end in _parts(data):
        if kind in (RECEIVER_REPORT, SENDER_REPORT):
            at = start + (8 if kind == RECEIVER_REPORT else _REPORT.size)
            for _ in range(count):
                ssrc, lost, highest = _BLOCK.unpack_from(data, at)
                at += _BLOCK_BYTES
                ear = ears.get(ssrc)
                if ear is not None:
                    lost &= 0xFFFFFF
                    ear.received(highest, lost - 0x1000000 if lost & 0x800000 else lost)
        elif kind == _TRANSPORT_FEEDBACK:
            ear = ears.get(_NUMBER.unpack_from(data, start + 8)[0])
            if ear is not None and count == _NACK:
                ear.missed(_lost(data, start + 12, end))
        elif kind == _PICTURE_FEEDBACK:
            _picture(data, count, start, end, ears)


def _parts(data: bytes) -> list[tuple[int, int, int, int]]:
    """The packets of a compound: type, count or format, where it starts, and where it ends."""
    found = []
    start = 0
    while start < len(data):
        if len(data) - start < _HEAD.size:
            raise ValueError("a packet without its head")
        first, kind, words = _HEAD.unpack_from(data, start)
        after = end = start + _HEAD.size + 4 * words
        if first >> 6 != _VERSION or after > len(data):
            raise ValueError("another version, or cut off")
        if first & 0x20:
            end -= data[after - 1]
        count = first & 0x1F
        if end - start < _least(kind, count) or end > after - bool(first & 0x20):
            raise ValueError("shorter than what it says it holds")
        found.append((kind, count, start, end))
        start = after
    return found


def _least(kind: int, count: int) -> int:
    """How long a packet of a kind is at least."""
    if kind == SENDER_REPORT:
        return _REPORT.size + _BLOCK_BYTES * count
    if kind == RECEIVER_REPORT:
        return 8 + _BLOCK_BYTES * count
    return 12 if kind in (_TRANSPORT_FEEDBACK, _PICTURE_FEEDBACK) else _HEAD.size


def _lost(data: bytes, start: int, end: int) -> list[int]:
    """The sequence numbers of a NACK: one, and which of the sixteen behind it."""
    found = []
    for at in range(start, end - 3, 4):
        first, behind = _LOST.unpack_from(data, at)
        found.append(first)
        found += [(first + 1 + bit) & 0xFFFF for bit in range(16) if behind >> bit & 1]
    return found


def _picture(data: bytes, kind: int, start: int, end: int, ears: Mapping[int, Ear]) -> None:
    if kind == _REMB:
        try:
            bits_per_s, ssrcs = unpack_remb_fci(data[start + 12 : end])
        except (ValueError, struct.error):
            return  # an application's own feedback, of another kind
        for ear in [ears[one] for one in ssrcs if one in ears]:
            ear.told(bits_per_s)
        return
    if kind not in (_PLI, _FIR):
        return
    ssrcs = [_NUMBER.unpack_from(data, start + 8)[0]]
    if kind == _FIR:
        ssrcs += [_NUMBER.unpack_from(data, at)[0] for at in range(start + 12, end - 7, 8)]
    for ear in [ears[one] for one in ssrcs if one in ears]:
        ear.broke()
