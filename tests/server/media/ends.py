"""The two ends of a media line: a publisher of made-up frames, and a viewer that keeps what comes.

Frames only look like VP8 where it counts (the bit that says keyframe): nothing on the way decodes.
"""

import asyncio
import contextlib
import fractions
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from server.media import passthrough
from server.media.embedded import Embedded
from server.media.engine import Engine
from server.media.settings import Bounds
from server.senses import Senses

VIDEO = fractions.Fraction(1, 90_000)
AUDIO = fractions.Fraction(1, 48_000)
KEYFRAME_EVERY = 15
WAIT_S = 20.0


class Frames(MediaStreamTrack):
    """Encoded frames, numbered: the first of every fifteen is a keyframe."""

    def __init__(self, kind: str, *, frame_ms: int = 20, size: int = 1_500) -> None:
        super().__init__()
        self.kind = kind
        self.sent = 0
        self._frame_ms, self._size = frame_ms, size

    async def recv(self) -> Any:
        if self.readyState != "live":
            raise MediaStreamError
        await asyncio.sleep(self._frame_ms / 1000)
        flag = 0 if self.kind == "audio" or self.sent % KEYFRAME_EVERY == 0 else 1
        body = bytes([flag]) + struct.pack("!L", self.sent)
        frame = av.Packet(body.ljust(self._size if self.kind == "video" else 80, b"."))
        frame.time_base = VIDEO if self.kind == "video" else AUDIO
        frame.pts = self.sent * self._frame_ms * frame.time_base.denominator // 1000
        self.sent += 1
        return frame


class Viewer:
    """A viewer's connection; `packets` by kind as they came."""

    def __init__(self, connection: RTCPeerConnection, resource: str = "") -> None:
        self.connection, self.resource = connection, resource
        self.packets: dict[str, list[RtpPacket]] = {"audio": [], "video": []}
        self.reports: dict[str, list[tuple[int, int]]] = {"audio": [], "video": []}
        self.asks: list[Callable[[int], None]] = []

    def receive(self, kind: str) -> None:
        """Take what comes of a kind, before anything decodes it."""
        self.tap(kind, self.connection.addTransceiver(kind, direction="recvonly").receiver)

    def tap(self, kind: str, receiver: RTCRtpReceiver) -> None:
        """Take what a receiver gets."""

        def reported(_: int, ntp: int, at: int) -> None:
            self.reports[kind].append((ntp, at))

        self.asks.append(passthrough.tap(receiver, self.packets[kind].append, reported))

    def numbers(self, kind: str = "video") -> list[int]:
        """The sequence numbers that came."""
        return [one.sequence_number for one in self.packets[kind]]

    def frames(self) -> list[int]:
        """The numbers of the frames whose first packets came."""
        starts = [one.payload for one in self.packets["video"] if one.payload[0] & 0x10]
        return [struct.unpack("!L", payload[_descriptor(payload) + 1 :][:4])[0] for payload in starts]


def _descriptor(payload: bytes) -> int:
    """How long a VP8 payload descriptor of aiortc's is: with a picture id of one byte or two."""
    return 4 if payload[2] & 0x80 else 3


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


def connection(host: str = "127.0.0.1") -> RTCPeerConnection:
    """A connection that asks no server outside and stays on one address."""
    passthrough.offer_addresses((host,))
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


async def offered(line: RTCPeerConnection, ask: Callable[[str], Awaitable[tuple[str, str]]]) -> str:
    """Offer a connection to who answers with an SDP and where it can be ended; the latter."""
    await line.setLocalDescription(await line.createOffer())
    sdp, resource = await ask(line.localDescription.sdp)
    await line.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    return resource


@contextlib.asynccontextmanager
async def engine(bounds: Bounds | None = None) -> AsyncIterator[Embedded]:
    """An embedded engine on loopback."""
    found = Embedded(Senses(), bounds or Bounds(), hosts=("127.0.0.1",))
    await found.start()
    try:
        yield found
    finally:
        await found.close()


@contextlib.asynccontextmanager
async def published(
    to: Engine, source: str, *kinds: str, host: str = "127.0.0.1"
) -> AsyncIterator[list[Frames]]:
    """A publisher of a source."""
    line = connection(host)
    tracks = [Frames(kind) for kind in kinds or ("video",)]
    for track in tracks:
        line.addTrack(track)

    async def ask(sdp: str) -> tuple[str, str]:
        answer = await to.publish(source, sdp)
        return answer.sdp, answer.resource

    try:
        await offered(line, ask)
        yield tracks
    finally:
        await line.close()


@contextlib.asynccontextmanager
async def watched(
    to: Engine, source: str, name: str, *kinds: str, host: str = "127.0.0.1"
) -> AsyncIterator[Viewer]:
    """A viewer of a source; where the engine makes an offer of its own, that one is answered."""
    viewer = Viewer(connection(host))
    for kind in kinds or ("video",):
        viewer.receive(kind)

    async def ask(sdp: str) -> tuple[str, str]:
        answer = await to.subscribe(source, name, sdp)
        countered.append(answer.is_offer)
        return answer.sdp, answer.resource

    countered: list[bool] = []
    line = viewer.connection
    try:
        await line.setLocalDescription(await line.createOffer())
        sdp, viewer.resource = await ask(line.localDescription.sdp)
        if countered[0]:
            await line.close()
            viewer.connection = line = connection(host)
            await line.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            for one in line.getTransceivers():
                viewer.tap(one.kind, one.receiver)
            await line.setLocalDescription(await line.createAnswer())
            await to.accept(viewer.resource, line.localDescription.sdp)
        else:
            await line.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        yield viewer
    finally:
        await viewer.connection.close()


def is_seamless(numbers: list[int]) -> bool:
    """Whether no number is missing between the first and the last."""
    return sorted({(one - numbers[0]) & 0xFFFF for one in numbers}) == list(range(len(set(numbers))))


def packet(sequence: int, timestamp: int) -> RtpPacket:
    """The first packet of a keyframe."""
    return RtpPacket(96, 0, sequence, timestamp, 7, b"\x10\x00")
