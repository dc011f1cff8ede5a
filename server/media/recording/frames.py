"""Encoded frames out of RTP payloads: VP8 (RFC 7741), H.264 (RFC 6184), Opus (RFC 7587).

Owns how a codec lies in packets; a frame's bytes are never decoded, only their first few are read for the
picture's size and whether it stands alone. A payload that is out of form is as good as lost.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from server.media.recording.ordering import Lost
from server.media.sinks import Packet

FRAME_BYTES_MAX: Final = 8_388_608
"""Largest encoded frame; beyond it the frame is let go."""

_START: Final = b"\x00\x00\x00\x01"


class Frame(NamedTuple):
    """One encoded frame.

    `timestamp` is in the stream's ticks (32 bits, as sent); `arrival_ms` is that of its last packet. `is_key`
    says that it stands alone; `width` and `height` are in pixels where this frame tells them, else 0.
    """

    timestamp: int
    data: bytes
    is_key: bool
    width: int
    height: int
    arrival_ms: int


class OutOfForm(ValueError):
    """A payload that is none of its codec's."""


def vp8_payload(payload: bytes) -> tuple[bytes, bool]:
    """A VP8 packet without its descriptor, and whether a frame begins in it (RFC 7741 4.2).

    >>> vp8_payload(bytes([0x90, 0x80, 0x81, 0x23]) + b"frame")
    (b'frame', True)

    Raises:
      OutOfForm: the descriptor is cut short.
    """
    try:
        first = payload[0]
        at = 1
        if first & 0x80:
            extended = payload[at]
            at += 1
            if extended & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            at += 1 if extended & 0x40 else 0
            at += 1 if extended & 0x30 else 0
    except IndexError as error:
        raise OutOfForm("VP8 descriptor") from error
    if at >= len(payload):
        raise OutOfForm("VP8 descriptor")
    return payload[at:], bool(first & 0x10) and first & 0x07 == 0


def vp8_picture(frame: bytes) -> tuple[bool, int, int]:
    """Whether a VP8 frame is a key frame, and its width and height in pixels, 0 otherwise (RFC 6386 9.1)."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return False, 0, 0
    width, height = struct.unpack_from("<HH", frame, 6)
    return True, width & 0x3FFF, height & 0x3FFF


def h264_units(payload: bytes) -> Iterator[tuple[bytes, bool]]:
    """The parts of NAL units in an H.264 packet, each with whether a unit begins in it (RFC 6184 5).

    Raises:
      OutOfForm: cut short, or a kind that is not sent in packetization modes 0 and 1.
    """
    if not payload:
        raise OutOfForm("H.264 payload")
    kind = payload[0] & 0x1F
    if 1 <= kind <= 23:
        yield payload, True
    elif kind == 24:
        at = 1
        while at + 2 <= len(payload):
            (size,) = struct.unpack_from("!H", payload, at)
            unit = payload[at + 2 : at + 2 + size]
            if not size or len(unit) != size:
                raise OutOfForm("STAP-A")
            yield unit, True
            at += 2 + size
    elif kind == 28 and len(payload) > 2:
        begins = bool(payload[1] & 0x80)
        header = bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
        yield (header + payload[2:] if begins else payload[2:]), begins
    else:
        raise OutOfForm("H.264 payload")


class Frames:
    """One stream's frames, from packets in order and what was lost between them."""

    def __init__(self, codec: str) -> None:
        """`codec` is `VP8`, `H264` or `opus`."""
        self._take: Callable[[Packet], None] = {"VP8": self._vp8, "H264": self._h264, "opus": self._opus}[
            codec
        ]
        self._codec = codec
        self._parts: list[bytes] = []
        self._size = 0
        self._timestamp: int | None = None
        self._broken = False
        self.dropped = 0

    def put(self, one: Packet | Lost) -> Frame | None:
        """The frame that ends with this packet, if one does."""
        if isinstance(one, Lost):
            self._broken = self._broken or self._codec != "opus"
            return None
        if one.timestamp != self._timestamp:
            if self._parts:
                self.dropped += 1
            self._begin(one.timestamp)
        try:
            self._take(one)
        except OutOfForm:
            self._broken = True
        if not (one.marker or self._codec == "opus"):
            return None
        return self._end(one)

    def _begin(self, timestamp: int) -> None:
        self._parts, self._size, self._timestamp, self._broken = [], 0, timestamp, False

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > FRAME_BYTES_MAX:
            raise OutOfForm("frame too large")
        self._parts.append(part)

    def _vp8(self, packet: Packet) -> None:
        part, begins = vp8_payload(packet.payload)
        if begins != (not self._parts):
            raise OutOfForm("a part is missing")
        self._add(part)

    def _h264(self, packet: Packet) -> None:
        for part, begins in h264_units(packet.payload):
            if not begins and not self._parts:
                raise OutOfForm("a part is missing")
            self._add(_START + part if begins else part)

    def _opus(self, packet: Packet) -> None:
        self._add(packet.payload)

    def _end(self, packet: Packet) -> Frame | None:
        data, broken, timestamp = b"".join(self._parts), self._broken, packet.timestamp
        self._parts, self._timestamp, self._broken = [], None, False
        if broken or not data:
            self.dropped += 1
            return None
        is_key, width, height = True, 0, 0
        if self._codec == "VP8":
            is_key, width, height = vp8_picture(data)
        elif self._codec == "H264":
            is_key = any(data[at + 4] & 0x1F == 5 for at in _starts(data))
        return Frame(timestamp, data, is_key, width, height, packet.arrival_ms)


def _starts(data: bytes) -> Iterator[int]:
    at = data.find(_START)
    while at >= 0 and at + 4 < len(data):
        yield at
        at = data.find(_START, at + 4)
