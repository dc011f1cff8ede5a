"""A film to record: real VP8, H.264 and Opus, put into RTP packets as a publisher's would be."""

import functools
import struct
from fractions import Fraction
from typing import Any

import av

from server.media.sinks import Packet, Track

START_MS = 1_790_000_000_000
WIDTH, HEIGHT, RATE = 320, 240, 15
_PAYLOAD_BYTES = 1_100


def track(name: str, codec: str, publication: int = 1, source: str = "hefei.room") -> Track:
    """A track as the engine would tell it."""
    rate = 48_000 if codec == "opus" else 90_000
    return Track(source, name, publication, codec, rate, 96, 2 if codec == "opus" else 0)


@functools.cache
def pictures(
    codec: str, count: int, *, width: int = WIDTH, height: int = HEIGHT, keys_every: int = 15
) -> tuple[Any, ...]:
    """`count` encoded frames, a key frame every `keys_every`."""
    coder: Any = av.CodecContext.create({"VP8": "libvpx", "H264": "libx264"}[codec], "w")
    coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
    coder.time_base, coder.framerate, coder.gop_size = Fraction(1, RATE), RATE, keys_every
    coder.options = (
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        if codec == "VP8"
        else {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "annexb=1:repeat-headers=1"}
    )
    coded = []
    for number in range(count):
        frame = av.VideoFrame(width, height, "yuv420p")
        frame.pts = number
        for plane in frame.planes:
            row = bytes((number * 7 + x) % 256 for x in range(plane.line_size))
            plane.update(row * plane.height)
        coded += coder.encode(frame)
    return (*coded, *coder.encode(None))


def vp8(
    frames: tuple[Any, ...], *, first: int = 0, at_ms: int = START_MS, ticks: int = 1_000
) -> list[Packet]:
    """Frames in packets (RFC 7741), 15 a second."""
    packets: list[Packet] = []
    for number, frame in enumerate(frames):
        data = bytes(frame)
        for begin in range(0, len(data), _PAYLOAD_BYTES):
            head = b"\x90\x80" if begin == 0 else b"\x80\x80"
            payload = (
                head + struct.pack("!H", 0x8000 | number & 0x7FFF) + data[begin : begin + _PAYLOAD_BYTES]
            )
            marker = begin + _PAYLOAD_BYTES >= len(data)
            packets.append(
                _packet(
                    marker,
                    first + len(packets),
                    ticks + number * 6_000,
                    payload,
                    at_ms + number * 1000 // RATE,
                )
            )
    return packets


def h264(frames: tuple[Any, ...], *, at_ms: int = START_MS) -> list[Packet]:
    """Frames in packets (RFC 6184): parameter sets together, large units in parts."""
    packets: list[Packet] = []
    for number, frame in enumerate(frames):
        units = [
            unit
            for unit in bytes(frame).replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
            if unit
        ]
        payloads = []
        small = [unit for unit in units if unit[0] & 0x1F in (7, 8)]
        if small:
            payloads.append(b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in small))
        for unit in units:
            if unit in small:
                continue
            if len(unit) <= _PAYLOAD_BYTES:
                payloads.append(unit)
                continue
            body = unit[1:]
            for begin in range(0, len(body), _PAYLOAD_BYTES):
                last = begin + _PAYLOAD_BYTES >= len(body)
                part = (0x80 if begin == 0 else 0) | (0x40 if last else 0) | unit[0] & 0x1F
                payloads.append(bytes([unit[0] & 0xE0 | 28, part]) + body[begin : begin + _PAYLOAD_BYTES])
        for at, payload in enumerate(payloads):
            marker = at == len(payloads) - 1
            packets.append(
                _packet(marker, len(packets), 500 + number * 6_000, payload, at_ms + number * 1000 // RATE)
            )
    return packets


def opus(count: int, *, at_ms: int = START_MS) -> list[Packet]:
    """`count` packets of 20 ms of a tone (RFC 7587)."""
    coder: Any = av.CodecContext.create("libopus", "w")
    coder.sample_rate, coder.layout, coder.format = 48_000, "stereo", "s16"
    coded: list[bytes] = []
    number = 0
    while len(coded) < count:
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.sample_rate, frame.pts = 48_000, number * 960
        frame.planes[0].update(
            struct.pack("<h", 4_000 if number % 2 else -4_000) * (frame.planes[0].buffer_size // 2)
        )
        coded += [bytes(one) for one in coder.encode(frame)]
        number += 1
    return [
        _packet(False, (65_500 + at) % 65_536, at * 960 % 2**32, data, at_ms + at * 20)
        for at, data in enumerate(coded[:count])
    ]  # fmt: skip


def _packet(marker: bool, sequence: int, timestamp: int, payload: bytes, at_ms: int) -> Packet:
    return Packet(96, marker, sequence % 65_536, timestamp % 2**32, 7, payload, at_ms)
