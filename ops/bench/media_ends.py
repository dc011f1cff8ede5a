"""Both ends of a media line for a benchmark: one replays encoded frames, the others only count.

Owns frames that are encoded once and sent again and again, each with the moment of its sending at its end
(where a VP8 decoder reads no more), and what a viewer has counted. Nothing here encodes while it is measured.
"""

import asyncio
import fractions
import struct
from collections.abc import Awaitable
from typing import Any, Final

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from msgspec import Struct

from ops import senses
from ops.senses import Dice
from server.media import passthrough

CLOCK: Final = 90_000
CONNECT_S: Final = 30.0
"""How long a line may take until it is up."""
LOOP_FRAMES: Final = 30
"""So many frames are encoded; the first is a keyframe, and then it begins again."""
GRAIN: Final = 6
"""How many shades the picture's grain has: enough to fill the line, little enough to fit it."""
DELAY_S_MAX: Final = 60
"""A later stamp than this is none: who decodes and encodes anew takes it off."""
_STAMP = struct.Struct("!Q")
_SDP: Final = {"Content-Type": "application/sdp"}


class Shape(Struct, frozen=True):
    """A picture: its size, how often, how much of the line."""

    name: str
    width: int
    height: int
    fps: int
    bits_per_s: int


SMALL: Final = Shape("360p15", 640, 360, 15, 300_000)
FULL: Final = Shape("720p30", 1_280, 720, 30, 1_250_000)


def encoded(shape: Shape) -> tuple[bytes, ...]:
    """VP8 frames of a picture that moves."""
    coder: Any = av.CodecContext.create("libvpx", "w")
    coder.width, coder.height, coder.pix_fmt = shape.width, shape.height, "yuv420p"
    coder.time_base = fractions.Fraction(1, shape.fps)
    coder.bit_rate = shape.bits_per_s
    coder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "9999"}
    coder.options |= {
        "minrate": str(shape.bits_per_s),
        "maxrate": str(shape.bits_per_s),
        "error-resilient": "1",
    }
    dice = Dice("bench media")
    faint = bytes(110 + number % GRAIN for number in range(256))
    grain = b"".join(dice.bytes32("grain", str(number)) for number in range(shape.width // 4)).translate(
        faint
    )
    found = []
    for number in range(LOOP_FRAMES):
        frame = av.VideoFrame(shape.width, shape.height, "yuv420p")
        for plane in frame.planes:
            at = number * 37 % len(grain)
            row = (grain[at:] + grain) * (plane.buffer_size // len(grain) + 2)
            plane.update(row[: plane.buffer_size])
        frame.pts = number
        found += [bytes(one) for one in coder.encode(frame)]
    return tuple(found)


class Replay(MediaStreamTrack):
    """Sends encoded frames at their pace; counts them."""

    kind = "video"

    def __init__(self, shape: Shape, frames: tuple[bytes, ...]) -> None:
        """Begin with the first frame."""
        super().__init__()
        self.sent = 0
        self._shape, self._frames = shape, frames
        self._begun_ns = 0

    async def recv(self) -> Any:
        """The next frame when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        self._begun_ns = self._begun_ns or senses.running_ns()
        due_ns = self._begun_ns + self.sent * 1_000_000_000 // self._shape.fps
        await asyncio.sleep(max(0, due_ns - senses.running_ns()) / 1e9)
        body = self._frames[self.sent % len(self._frames)]
        packet = av.Packet(body + _STAMP.pack(senses.running_ns()))
        packet.time_base = fractions.Fraction(1, CLOCK)
        packet.pts = self.sent * CLOCK // self._shape.fps
        self.sent += 1
        return packet


class Counting:
    """What came to one viewer while `is_on`."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.is_on = False
        self.sequences: set[int] = set()
        self.first = -1
        self.newest = 0
        self.frames = self.packets = 0
        self.delays_ns: list[int] = []

    def take(self, data: bytes) -> None:
        """An RTP packet."""
        if not self.is_on or data[1] & 0x7F == self.rtx:
            return
        sequence = data[2] << 8 | data[3]
        if self.first < 0:
            self.first = sequence
        self.newest = max(self.newest, (sequence - self.first) & 0xFFFF)
        self.sequences.add(sequence)
        self.packets += 1
        if data[1] & 0x80:
            self.frames += 1
            delay_ns = senses.running_ns() - int(_STAMP.unpack(data[-_STAMP.size :])[0])
            if 0 <= delay_ns < DELAY_S_MAX * 1_000_000_000:
                self.delays_ns.append(delay_ns)

    rtx = -1
    """The payload type of retransmissions, which are no packets of their own."""

    @property
    def delivery(self) -> float:
        """The share of packets between the first and the newest that came."""
        return len(self.sequences) / (self.newest + 1) if self.sequences else 0.0


def line() -> RTCPeerConnection:
    """A connection that asks no server outside."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def until_connected(connection: RTCPeerConnection) -> Awaitable[None]:
    """To be made before the other side is known, and waited for afterwards."""
    connected = asyncio.Event()
    connection.on(
        "connectionstatechange",
        lambda: connected.set() if connection.connectionState == "connected" else None,
    )

    async def wait() -> None:
        async with asyncio.timeout(CONNECT_S):
            await connected.wait()

    return wait()


class Ends:
    """A publisher and viewers of one server."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
        """Talk to a server that takes offers at `url`."""
        self._http, self._url, self._headers = http, url, headers
        self._lines: list[RTCPeerConnection] = []
        self.viewers: list[Counting] = []

    async def publish(self, track: Replay) -> None:
        """Send a track."""
        line = self._line()
        line.addTrack(track)
        await self._offer(line, "whip", 0)

    async def watch(self, count: int) -> None:
        """So many viewers."""
        for number in range(count):
            line, counting = self._line(), Counting()
            passthrough.meter(line.addTransceiver("video", direction="recvonly").receiver, counting.take)
            await self._offer(line, "whep", number)
            self.viewers.append(counting)

    async def close(self) -> None:
        """End every line."""
        await asyncio.gather(*(line.close() for line in self._lines))

    def _line(self) -> RTCPeerConnection:
        made = line()
        self._lines.append(made)
        return made

    async def _offer(self, line: RTCPeerConnection, kind: str, window: int) -> None:
        connected = until_connected(line)
        await line.setLocalDescription(await line.createOffer())
        async with self._http.post(
            f"{self._url}/{kind}/bench/camera.expert-1", params={"window": str(window)},
            data=line.localDescription.sdp, headers={**self._headers, **_SDP},
        ) as answer:  # fmt: skip
            answer.raise_for_status()
            await line.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        await connected
