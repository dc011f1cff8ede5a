"""The process that reads cameras, asking it, and judging what a viewer was sent of them."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import av
import msgspec

from protocol import media
from protocol.media import CameraLine, CameraLines, Present, Table
from protocol.words import SessionPhase
from tests.server.media import film
from tests.server.media.ends import Viewer, connection, offered
from tests.server.media.working import SECRET, Worker

ROOM = "room.hefei"
PEOPLE = (
    Present(media.token_digest("of the camera"), "", "venue", "hefei", ROOM),
    Present(media.token_digest("of the seat's camera"), "", "venue", "hefei", "camera.agent-1"),
    Present(media.token_digest("secret of the expert's camera"), "", "venue", "hefei", "camera.expert-1"),
    Present(media.token_digest("secret of "), "", "venue", "hefei"),
    Present(media.token_digest("secret of expert-1"), "expert-1", "expert", "hefei"),
    Present(media.token_digest("secret of agent-1"), "agent-1", "agent", "hefei"),
    Present(media.token_digest("secret of supervisor-1"), "supervisor-1", "supervisor", "nanjing"),
)
WAIT_S = 30.0


def allowed(phase: SessionPhase = "CHECKIN", as_of: int = 5) -> bytes:
    return msgspec.json.encode(Table(1, "s-1", as_of, phase, PEOPLE))


class Cameras:
    """The process that reads the cameras, and asking it."""

    def __init__(self, control: str, http: aiohttp.ClientSession, log: list[str]) -> None:
        self.control, self.http, self.log = control, http, log

    async def send(self, *lines: CameraLine, secret: str = SECRET) -> int:
        body = msgspec.json.encode(CameraLines(1, lines))
        headers = {"Authorization": f"Bearer {secret}"}
        async with self.http.put(f"{self.control}/lines", data=body, headers=headers) as answer:
            return answer.status

    async def told(self, source: str = ROOM) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with self.http.get(f"{self.control}/cameras", headers=headers) as answer:
            found = await answer.json()
        return next(one for one in found["cameras"] if one["source"] == source)

    async def until(self, source: str = ROOM, **wanted: Any) -> dict[str, Any]:
        """Wait until a camera stands so."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found = await self.told(source)
                if {key: found[key] for key in wanted} == wanted:
                    return found
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def cameras(tmp_path: Path, *told: dict[str, Any]) -> AsyncIterator[Cameras]:
    (tmp_path / "secret").write_text(SECRET)
    bounds = {"pause_ms": 50, "pause_ms_max": 200, "silent_ms": 1_000, "open_ms": 3_000}
    config = {
        "control_secret": str(tmp_path / "secret"), "hosts": ["127.0.0.1"], "cameras": told, "bounds": bounds,
    }  # fmt: skip
    (tmp_path / "cameras.json").write_text(json.dumps(config))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.media.cameras", "--config", str(tmp_path / "cameras.json"),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    log: list[str] = []

    async def keep() -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            log.append(line.decode())

    keeping: asyncio.Task[None] | None = None
    try:
        ready: dict[str, Any] = {}
        while "control" not in ready:
            line = await process.stderr.readline()
            log.append(line.decode())
            ready = json.loads(line)
        keeping = asyncio.create_task(keep())
        async with aiohttp.ClientSession() as http:
            yield Cameras(f"http://127.0.0.1:{ready['control']}", http, log)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        assert await process.wait() == 0, "".join(log)
        if keeping is not None:
            await keeping


def line(worker: Worker, source: str = ROOM, secret: str = "of the camera") -> CameraLine:
    return CameraLine("s-1", source, worker.pages, secret)


@contextlib.asynccontextmanager
async def watching(worker: Worker, *kinds: str, source: str = ROOM) -> AsyncIterator[Viewer]:
    viewer = Viewer(connection())
    for kind in kinds or ("video",):
        viewer.receive(kind)

    async def watch(sdp: str) -> tuple[str, str]:
        async with asyncio.timeout(WAIT_S):
            while True:
                status, answer, where = await worker.ask("POST", f"/whep/s-1/{source}", "supervisor-1", sdp)
                if status == 201:
                    return answer, where
                assert status == 409, answer
                await asyncio.sleep(0.05)

    try:
        await offered(viewer.connection, watch)
        yield viewer
    finally:
        await viewer.connection.close()


def units_seen(viewer: Viewer) -> list[bytes]:
    """The H.264 units that came, put together again from RTP (RFC 6184), while nothing was lost."""
    found: list[bytes] = []
    part = b""
    packets = viewer.packets["video"]
    numbers = [one.sequence_number for one in packets]
    assert numbers == [(numbers[0] + at) % 65_536 for at in range(len(numbers))]
    for packet in packets:
        payload = packet.payload
        kind = payload[0] & 0x1F
        if kind == 24:
            at = 1
            while at < len(payload):
                size = int.from_bytes(payload[at : at + 2], "big")
                found.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                part = bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
            part += payload[2:]
            if payload[1] & 0x40:
                found.append(part)
        else:
            found.append(payload)
    return found


def is_run_of(found: list[bytes], played: list[bytes]) -> bool:
    """Whether units are those that are played over and over, in order, from any of them on."""
    return any(
        all(one == played[(begin + at) % len(played)] for at, one in enumerate(found))
        for begin, first in enumerate(played)
        if first == found[0]
    )


def recorded(path: Path, codec: str, options: dict[str, str], *, sound: bool = False) -> None:
    """A film of two seconds in a file."""
    with av.open(str(path), "w") as container:
        picture: Any = container.add_stream(codec, rate=film.RATE, options=options)
        picture.width, picture.height = film.WIDTH, film.HEIGHT
        picture.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        picture.gop_size = film.RATE
        voice: Any = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for number in range(2 * film.RATE):
            frame = av.VideoFrame(film.WIDTH, film.HEIGHT, picture.pix_fmt)
            frame.pts, frame.time_base = number, Fraction(1, film.RATE)
            for plane in frame.planes:
                row = bytes((number * 7 + x) % 256 for x in range(plane.line_size))
                plane.update(row * plane.height)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for number in range(2 * 44_100 // 1_024) if sound else ():
            tone = av.AudioFrame(format="fltp", layout="mono", samples=1_024)
            tone.sample_rate, tone.pts = 44_100, number * 1_024
            samples = memoryview(bytearray(4 * 1_024)).cast("f")
            for at in range(1_024):
                samples[at] = 0.5 if (number * 1_024 + at) // 50 % 2 else -0.5
            tone.planes[0].update(bytes(samples))
            container.mux(voice.encode(tone))
        if sound:
            container.mux(voice.encode(None))


def units_behind_lengths(frame: bytes) -> list[bytes]:
    """The units of a frame as an MP4 file holds them."""
    found, at = [], 0
    while at < len(frame):
        size = int.from_bytes(frame[at : at + 4], "big")
        found.append(frame[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def is_shown(viewer: Viewer) -> bool:
    """Whether the VP8 that came can be decoded into pictures that are not all one colour."""
    coder: Any = av.CodecContext.create("vp8", "r")
    data, shown = b"", 0
    for packet in viewer.packets["video"]:
        payload = packet.payload
        at = 1
        if payload[0] & 0x80:
            extended = payload[1]
            at = 2
            if extended & 0x80:
                at += 2 if payload[at] & 0x80 else 1
            at += (1 if extended & 0x40 else 0) + (1 if extended & 0x30 else 0)
        data += payload[at:]
        if packet.marker:
            for frame in coder.decode(av.Packet(data)):
                shown += len(set(bytes(frame.planes[0])[: frame.width])) > 8
            data = b""
    return shown > 10


def is_heard(viewer: Viewer) -> bool:
    """Whether the Opus that came can be decoded into a sound."""
    coder: Any = av.CodecContext.create("opus", "r")
    loud = 0
    for packet in viewer.packets["audio"]:
        for frame in coder.decode(av.Packet(packet.payload)):
            loud += max(bytes(frame.planes[0])[3::4]) > 8
    return loud > 20
