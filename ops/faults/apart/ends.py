"""One end of a media line in a place of its own: a camera that is really encoded, or somebody who looks.

`python -m ops.faults.apart.ends publish|watch URL SESSION SEAT SECRET` says what it did, a line of JSON every
`TELL_MS`. A camera's picture carries the moment at which it was taken in its top rows, black and white; who
looks reads it out of the decoded picture. So what is told is what a person saw: pictures, not packets. Both
moments are of one machine's clock. The lines are kept up as pages keep theirs (`media_lines`).
"""

import array
import asyncio
import fractions
import json
import math
import os
import struct
import sys
from collections.abc import Callable
from typing import Any, Final

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

from ops import senses
from ops.faults.media_lines import Line
from server.media import passthrough
from server.media.recording.frames import Frames
from server.media.recording.ordering import Lost, Ordering
from server.media.sinks import Packet

TELL_MS: Final = 100
WIDTH, HEIGHT, FPS = 640, 360, 15
_BITS: Final = 16
_BLOCK: Final = WIDTH // (2 * _BITS)
_ROWS: Final = 24
PATIENCE_MS: Final = 400
"""How long who looks waits for a packet that was lost."""
_ASK_MS: Final = 300
_VIDEO: Final = fractions.Fraction(1, 90_000)
_AUDIO: Final = fractions.Fraction(1, 48_000)
_SAMPLES: Final = 960
_TONE_HZ: Final = 400
"""Whole waves in each 20 ms, so that every frame of sound is the same."""
_LOUD: Final = 1_000
"""Of 32,767; what is below is silence that a decoder filled in."""


def stamped(stamp: int) -> bytes:
    """A row of the picture that says a number of 16 bits, and the same the other way round.

    >>> read_stamp(stamped(40_001)), read_stamp(bytes(WIDTH))
    (40001, None)
    """
    bits = [stamp >> at & 1 for at in range(_BITS)]
    return b"".join(bytes([235 if bit else 16]) * _BLOCK for bit in [*bits, *(1 - bit for bit in bits)])


def read_stamp(row: bytes) -> int | None:
    """The number that a row of a decoded picture says; None where it can not be read."""
    read = [row[at * _BLOCK + _BLOCK // 2] > 125 for at in range(2 * _BITS)]
    if any(read[at] == read[at + _BITS] for at in range(_BITS)):
        return None
    return sum(bit << at for at, bit in enumerate(read[:_BITS]))


class Camera(MediaStreamTrack):
    """A picture that moves, `FPS` a second, each with its moment."""

    kind = "video"

    def __init__(self) -> None:
        """Begin now."""
        super().__init__()
        self.taken = 0
        self.stamps: list[int] = []
        """What the pictures say that nobody has asked for yet."""
        self._begun_ms = senses.running_ms()
        self._rows = bytes((x // 3) % 160 + 40 for x in range(3 * WIDTH))

    async def recv(self) -> Any:
        """The next picture when its time has come."""
        if self.readyState != "live":
            raise MediaStreamError
        due_ms = self._begun_ms + self.taken * 1000 // FPS
        await asyncio.sleep(max(0, due_ms - senses.running_ms()) / 1000)
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        at = self.taken * 7 % WIDTH
        for number, plane in enumerate(frame.planes):
            row = self._rows[at : at + plane.line_size] if number == 0 else bytes([128]) * plane.line_size
            body = row * plane.height
            if number == 0:
                self.stamps.append(senses.running_ms() & 0xFFFF)
                top = stamped(self.stamps[-1]).ljust(plane.line_size, b"\x10") * _ROWS
                body = top + body[len(top) :]
            plane.update(body)
        frame.pts, frame.time_base = self.taken * 90_000 // FPS, _VIDEO
        self.taken += 1
        return frame


class Microphone(MediaStreamTrack):
    """A tone that does not end."""

    kind = "audio"

    def __init__(self) -> None:
        """Begin now."""
        super().__init__()
        self._taken = 0
        self._begun_ms = senses.running_ms()
        wave = [int(8_000 * math.sin(2 * math.pi * _TONE_HZ * at / 48_000)) for at in range(_SAMPLES)]
        self._wave = struct.pack(f"<{_SAMPLES}h", *wave)

    async def recv(self) -> Any:
        """The next 20 ms when they have passed."""
        if self.readyState != "live":
            raise MediaStreamError
        due_ms = self._begun_ms + self._taken * 20
        await asyncio.sleep(max(0, due_ms - senses.running_ms()) / 1000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
        frame.planes[0].update(self._wave)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._taken * _SAMPLES, _AUDIO
        self._taken += 1
        return frame


class Publishing(Line):
    """A seat's camera and microphone."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str, session: str, seat: str) -> None:
        """Send under the seat's name."""
        super().__init__(http, url, secret, session, f"/whip/{session}/camera.{seat}")
        self._before = 0
        self._camera: Camera | None = None

    def prepare(self, line: RTCPeerConnection) -> None:
        """See `Line`."""
        self._before += 0 if self._camera is None else self._camera.taken
        self._camera = Camera()
        line.addTrack(self._camera)
        line.addTrack(Microphone())

    def told(self) -> dict[str, Any]:
        """How many pictures were taken, what they say since this was last asked, and lines offered."""
        taken = self._before + (0 if self._camera is None else self._camera.taken)
        stamps: list[int] = []
        if self._camera is not None:
            stamps, self._camera.stamps = self._camera.stamps, stamps
        return {"taken": taken, "stamps": stamps, "offered": self.offered}


class Watching(Line):
    """Somebody who looks and listens."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str, session: str, seat: str) -> None:
        """Watch in a window of its own."""
        window = f"w{os.getpid()}"
        super().__init__(http, url, secret, session, f"/whep/{session}/camera.{seat}?window={window}")
        self._seen: list[tuple[int, int]] = []
        self._heard = self._unread = 0
        self._asking: set[asyncio.Task[None]] = set()

    def prepare(self, line: RTCPeerConnection) -> None:
        """See `Line`."""
        for kind, player in (("video", _Eye(self._look)), ("audio", _Ear(self._listen))):
            receiver = line.addTransceiver(kind, direction="recvonly").receiver
            player.ask = passthrough.tap(receiver, player.take, lambda *_: None)
            player.again = passthrough.Again(receiver)
            task = asyncio.create_task(player.ask_again())
            self._asking.add(task)
            line.on("connectionstatechange", _ending(line, task))

    def told(self) -> dict[str, Any]:
        """Pictures since this was last asked: when each was seen and how old it was, ms; ms of tone."""
        seen, self._seen = self._seen, []
        heard, self._heard = self._heard, 0
        unread, self._unread = self._unread, 0
        return {"seen": seen, "heard_ms": heard, "unread": unread, "offered": self.offered}

    def _look(self, frame: Any) -> None:
        now_ms = senses.running_ms()
        plane = frame.planes[0]
        stamp = read_stamp(bytes(memoryview(plane)[8 * plane.line_size : 9 * plane.line_size]))
        if stamp is None or frame.width != WIDTH:
            self._unread += 1
        else:
            self._seen.append((now_ms, (now_ms - stamp) & 0xFFFF))

    def _listen(self, frame: Any) -> None:
        samples = array.array("f" if "flt" in frame.format.name else "h", bytes(frame.planes[0]))
        loudest = max(abs(one) for one in samples[::7]) * (32_767 if samples.typecode == "f" else 1)
        self._heard += frame.samples * 1000 // frame.sample_rate if loudest > _LOUD else 0


class _Player:
    """Packets of a line, put in order and decoded; what does not come within `PATIENCE_MS` is let go."""

    codec = decoder = ""

    def __init__(self, show: Callable[[Any], None]) -> None:
        self.ask: Callable[[int], None] = lambda _: None
        self.again: passthrough.Again | None = None
        self._show = show
        self._ssrc = -1
        self._ordering = Ordering(PATIENCE_MS)
        self._frames = Frames(self.codec)
        self._coder: Any = av.CodecContext.create(self.decoder, "r")
        self._is_whole = self.codec == "opus"
        self._asked_ms = 0

    def take(self, packet: RtpPacket) -> None:
        """One packet, as it came."""
        self._ssrc = packet.ssrc
        now_ms = senses.running_ms()
        kept = Packet(
            packet.payload_type, bool(packet.marker), packet.sequence_number, packet.timestamp, packet.ssrc,
            packet.payload, now_ms,
        )  # fmt: skip
        for one in self._ordering.put(kept):
            if isinstance(one, Lost) and self.codec != "opus":
                self._is_whole = False
            frame = self._frames.put(one)
            if frame is None:
                continue
            self._is_whole = self._is_whole or frame.is_key
            if self._is_whole:
                for picture in self._coder.decode(av.Packet(frame.data)):
                    self._show(picture)
        if not self._is_whole and now_ms - self._asked_ms >= _ASK_MS:
            self._asked_ms = now_ms
            self.ask(packet.ssrc)

    async def ask_again(self) -> None:
        """Ask for what is missing until cancelled."""
        while True:
            await asyncio.sleep(passthrough.AGAIN_MS / 1000)
            if self.again is not None and self._ssrc >= 0:
                await self.again.ask(self._ssrc)


class _Eye(_Player):
    """Pictures; after a hole from the next key frame on, as a browser shows them."""

    codec, decoder = "VP8", "vp8"


class _Ear(_Player):
    """Sound."""

    codec, decoder = "opus", "libopus"


def _ending(line: RTCPeerConnection, task: asyncio.Task[None]) -> Callable[[], None]:
    def changed() -> None:
        if line.connectionState == "closed":
            task.cancel()

    return changed


async def _run() -> None:
    what, url, session, seat, secret = sys.argv[1:]
    passthrough.ask_for_sound_too()
    kinds: dict[str, type[Publishing | Watching]] = {"publish": Publishing, "watch": Watching}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
        line = kinds[what](http, url, secret, session, seat)
        keeping = asyncio.create_task(line.keep())
        while not keeping.done():
            await asyncio.sleep(TELL_MS / 1000)
            print(json.dumps({"at": senses.running_ms(), **line.told()}), flush=True)
        keeping.result()


if __name__ == "__main__":
    asyncio.run(_run())
