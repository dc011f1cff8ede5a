"""A venue's own cameras: what they send comes out as it went in, they come back, faults are told."""

import asyncio
import contextlib
import itertools
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
import pytest

from protocol import media
from protocol.media import CameraLine, CameraLines, Present, Table
from protocol.words import SessionPhase
from server.media.cameras import settings, units
from tests.server.media import film
from tests.server.media.ends import Viewer, connection, offered, until
from tests.server.media.rtsp import filming, units_of
from tests.server.media.working import SECRET, Worker, working

ROOM = "room.hefei"
PEOPLE = (
    Present(media.token_digest("of the camera"), "", "venue", "hefei", ROOM),
    Present(media.token_digest("of the seat's camera"), "", "venue", "hefei", "camera.expert-1"),
    Present(media.token_digest("secret of "), "", "venue", "hefei"),
    Present(media.token_digest("secret of expert-1"), "expert-1", "expert", "hefei"),
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
        log.extend([line.decode() async for line in process.stderr])

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


async def test_what_a_camera_sends_reaches_a_viewer_bit_for_bit_and_a_dead_one_comes_back(
    tmp_path: Path,
) -> None:
    frames = film.pictures("H264", 30)
    played = [unit for frame in frames for unit in units_of(frame)]
    (tmp_path / "login").write_text("admin:p@ss/wörd\n")
    told = {"source": ROOM, "kind": "rtsp", "credentials": str(tmp_path / "login")}
    async with filming(frames, "admin:p@ss/wörd") as camera, working(tmp_path) as worker:
        await worker.allow(allowed())
        async with cameras(tmp_path, {**told, "url": camera.url}) as reading:
            assert await reading.send(line(worker), secret="guess") == 401
            assert await reading.send(line(worker)) == 200
            async with watching(worker) as viewer:
                await until(lambda: len(units_seen(viewer)) > 60)
                assert is_run_of(units_seen(viewer), played)
                standing = await reading.until(state="sending", lines=1, wanted=1)
                assert (standing["codec"], standing["width"], standing["height"]) == ("H264", 320, 240)
                assert 400 < standing["keyframe_ms"] < 1_000

                await camera.unplug()
                standing = await reading.until(state="down", lines=0)
                assert standing["why"] in ("unreachable", "stalled")
                await until(lambda: viewer.connection.connectionState == "connected")
                before = len(viewer.packets["video"])
                await camera.plug_in()
                await reading.until(state="sending", lines=1)
                await until(lambda: len(viewer.packets["video"]) > before + 100)
                later = Viewer(viewer.connection)
                later.packets["video"] = viewer.packets["video"][before:]
                assert is_run_of(units_seen(later), played)

                # The node ends it: nothing of this session any more.
                assert (await worker.allow(allowed("ARCHIVED", 6)))[0] == 200
                assert await reading.send() == 200
                await reading.until(state="sending", wanted=0)
            text = "".join(reading.log)
            assert "p@ss" not in text
            assert "p%40ss" not in text


async def test_a_worker_that_was_started_anew_is_sent_to_again(tmp_path: Path) -> None:
    frames = film.pictures("H264", 30)
    async with (
        filming(frames) as camera,
        cameras(tmp_path, {"source": ROOM, "kind": "rtsp", "url": camera.url}) as reading,
    ):
        for _ in range(2):
            async with working(tmp_path) as worker:
                await worker.allow(allowed())
                await reading.send(line(worker))
                async with watching(worker) as viewer:
                    await until(lambda seen=viewer: len(seen.packets["video"]) > 20)  # type: ignore[misc]
                    await reading.until(lines=1)
            await reading.until(lines=0)


@pytest.mark.parametrize(
    ("options", "told"), [({"profile": "main"}, "H.264 Main"), ({"profile": "high"}, "H.264 High")]
)
async def test_a_profile_that_browsers_do_not_show_is_refused_with_its_name(
    tmp_path: Path, options: dict[str, str], told: str
) -> None:
    path = tmp_path / "film.mp4"
    recorded(path, "libx264", options)
    async with cameras(tmp_path, {"source": ROOM, "kind": "file", "url": str(path)}) as reading:
        found = await reading.until(state="refused", why="profile", codec=told)
        assert found["frames"] == 0


async def test_h265_is_refused_and_encoded_where_the_configuration_says_so(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    recorded(path, "libx265", {"preset": "ultrafast", "x265-params": "log-level=none"})
    seat = {"source": "camera.expert-1", "kind": "file", "url": str(path), "coding": "encode"}
    async with cameras(tmp_path, {"source": ROOM, "kind": "file", "url": str(path)}, seat) as reading:
        await reading.until(state="refused", why="codec", codec="H.265")
        async with working(tmp_path) as worker:
            await worker.allow(allowed())
            await reading.send(line(worker, "camera.expert-1", "of the seat's camera"))
            async with watching(worker, source="camera.expert-1") as viewer:
                await until(lambda: len(viewer.packets["video"]) > 40)
                await reading.until("camera.expert-1", state="sending", codec="VP8", lines=1)
                assert is_shown(viewer)


async def test_a_file_is_played_over_and_over_as_it_is_with_its_sound_as_opus(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    recorded(path, "libx264", {"profile": "baseline"}, sound=True)
    with av.open(str(path)) as container:
        kept = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    pictures = [unit for frame in kept for unit in units_behind_lengths(frame)]
    async with working(tmp_path) as worker:
        await worker.allow(allowed())
        async with cameras(tmp_path, {"source": ROOM, "kind": "file", "url": str(path)}) as reading:
            await reading.send(line(worker))
            async with watching(worker, "audio", "video") as viewer:
                await until(lambda: len(viewer.packets["video"]) > 50 and len(viewer.packets["audio"]) > 150)
                shown = [unit for unit in units_seen(viewer) if unit[0] & 0x1F not in (7, 8)]
                assert is_run_of(shown, [unit for unit in pictures if unit[0] & 0x1F not in (7, 8)])
                heard = [one.timestamp for one in viewer.packets["audio"][:40]]
                steps = {after - before for before, after in itertools.pairwise(heard)}
                assert all(900 <= step <= 1_020 for step in steps), steps
                assert is_heard(viewer)


async def test_raw_pictures_are_encoded_once(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    recorded(path, "mjpeg", {})
    async with working(tmp_path) as worker:
        await worker.allow(allowed())
        async with cameras(tmp_path, {"source": ROOM, "kind": "file", "url": str(path)}) as reading:
            await reading.send(line(worker))
            async with watching(worker) as viewer:
                await until(lambda: len(viewer.packets["video"]) > 40)
                assert is_shown(viewer)
                assert (await reading.told())["keyframe_ms"] <= 1_200


async def test_what_is_wrong_with_a_camera_is_told(tmp_path: Path) -> None:
    (tmp_path / "login").write_text("admin:wrong")
    (tmp_path / "no login").write_text("nothing")
    (tmp_path / "text").write_text("no film\n" * 500)
    async with filming(film.pictures("H264", 30), "admin:right") as camera:
        told = [
            {"kind": "rtsp", "url": camera.url, "credentials": str(tmp_path / "login")},
            {"kind": "rtsp", "url": camera.url, "credentials": str(tmp_path / "no login")},
            {"kind": "rtsp", "url": camera.url, "credentials": str(tmp_path / "nowhere")},
            {"kind": "rtsp", "url": "rtsp://127.0.0.1:1/film"},
            {"kind": "file", "url": str(tmp_path / "nowhere.mp4")},
            {"kind": "file", "url": str(tmp_path / "text")},
            {"kind": "v4l2", "url": str(tmp_path / "video0")},
        ]
        named = [{"source": f"camera.{at}", **one} for at, one in enumerate(told)]
        async with cameras(tmp_path, *named) as reading:
            whys = ("denied", "credentials", "credentials", "unreachable", "missing", "unreadable", "missing")
            for at, why in enumerate(whys):
                await reading.until(f"camera.{at}", state="down", why=why)
            text = "".join(reading.log)
            assert "wrong" not in text


async def test_a_cameras_secret_sends_its_own_source_and_does_nothing_else(tmp_path: Path) -> None:
    room, seat = media.Source("room", "hefei"), media.Source("camera", "expert-1")
    table = msgspec.json.decode(allowed(), type=Table)
    camera, seats_camera, node, expert, _ = table.people
    assert media.may_publish(table, camera, room)
    assert not media.may_publish(table, camera, seat)
    assert media.may_publish(table, seats_camera, seat)
    assert not media.may_see(table, camera, seat)
    assert media.may_publish(table, node, seat)
    assert not media.may_publish(table, expert, seat)  # its camera is the venue's
    assert media.may_publish(table, expert, media.Source("screen", "expert-1"))
    without = msgspec.structs.replace(
        table, people=tuple(one for one in table.people if one is not seats_camera)
    )
    assert media.may_publish(without, expert, seat)
    archived = msgspec.structs.replace(table, phase="ARCHIVED")
    assert not media.may_publish(archived, camera, room)
    async with working(tmp_path) as worker:
        await worker.allow(allowed())
        status, text, _ = await worker.ask("POST", "/whip/s-1/camera.expert-1", "expert-1", "v=0")
        assert (status, json.loads(text)["refused"]["code"]) == (403, "MediaByVenue")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"kind": "rtsp", "url": "rtsp://admin:secret@192.0.2.7/1"}, "stand in the file"),
        ({"kind": "rtsp", "url": "http://192.0.2.7/1"}, "rtsp://"),
        ({"kind": "file", "url": "rtsp://192.0.2.7/1"}, "rtsp://"),
        ({"kind": "file", "url": "http://192.0.2.7/film.mp4"}, "takes a path"),
        ({"kind": "v4l2", "url": "/dev/video0", "credentials": "login"}, "takes a path"),
        ({"kind": "file", "url": "film.mp4", "source": "screen.expert-1"}, "source"),
    ],
)
def test_a_configuration_that_is_out_of_form_is_refused(told: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        settings.CameraSettings.model_validate({"source": ROOM, **told})


def test_two_cameras_of_one_source_are_refused() -> None:
    told = {"source": ROOM, "kind": "file", "url": "film.mp4"}
    with pytest.raises(ValueError, match="same source"):
        settings.Settings.model_validate({"control_secret": "secret", "cameras": [told, told]})


def test_parameter_sets_stand_before_each_key_frame_and_the_last_ones_count() -> None:
    sps, pps, other, picture = b"\x67\x42\xc0\x1f", b"\x68\xce", b"\x67\x42\xc0\x28", b"\x65\x88"
    sets = units.Sets(b"".join(units.START + one for one in (sps, pps)))
    assert sets.with_sets([picture]) == [sps, pps, picture]
    assert sets.with_sets([b"\x41\x9a"]) == [b"\x41\x9a"]
    assert sets.with_sets([b"\x09\xf0", picture]) == [b"\x09\xf0", sps, pps, picture]
    assert sets.with_sets([other, pps, picture]) == [other, pps, picture]
    assert sets.with_sets([picture]) == [other, pps, picture]
    assert units.Sets().with_sets([picture]) == [picture]


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
