"""A venue's own cameras: what they send comes out as it went in, they come back, faults are told."""

import itertools
import json
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest

from protocol import media
from protocol.media import Table
from server.media.cameras import coding, settings, units
from tests.server.media import film
from tests.server.media.ends import Viewer, until
from tests.server.media.filming import (
    ROOM,
    allowed,
    cameras,
    is_heard,
    is_run_of,
    is_shown,
    line,
    recorded,
    units_behind_lengths,
    units_seen,
    watching,
)
from tests.server.media.rtsp import filming, units_of
from tests.server.media.working import working


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
    seat = {"source": "camera.agent-1", "kind": "file", "url": str(path), "coding": "encode"}
    async with cameras(tmp_path, {"source": ROOM, "kind": "file", "url": str(path)}, seat) as reading:
        await reading.until(state="refused", why="codec", codec="H.265")
        async with working(tmp_path) as worker:
            await worker.allow(allowed())
            await reading.send(line(worker, "camera.agent-1", "of the seat's camera"))
            async with watching(worker, source="camera.agent-1") as viewer:
                await until(lambda: len(viewer.packets["video"]) > 40)
                await reading.until("camera.agent-1", state="sending", codec="VP8", lines=1)
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
                assert (await reading.told())["keyframe_ms"] <= 2_500  # a second, where the machine keeps up


def test_a_machine_that_is_too_slow_shows_fewer_pictures_never_later_ones(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    recorded(path, "mjpeg", {})
    late = [False]
    with av.open(str(path)) as container:
        way = coding.pictures(container.streams.video[0], "pass", 500, 15, lambda _: late[0])
        shown = []
        for number, packet in enumerate(one for one in container.demux(video=0) if one.size):
            late[0] = 5 <= number < 25
            shown += [(number, one.is_key) for one in way.take(packet, number * 1000 / film.RATE)]
    assert shown == [(number, number in {0, 25}) for number in range(30) if not 5 <= number < 25]


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
    room, seat = media.Source("room", "hefei"), media.Source("camera", "agent-1")
    table = msgspec.json.decode(allowed(), type=Table)
    camera, seats_camera, _, node, _, agent, _ = table.people
    assert media.may_publish(table, camera, room)
    assert not media.may_publish(table, camera, seat)
    assert media.may_publish(table, seats_camera, seat)
    assert not media.may_see(table, camera, seat)
    assert media.may_publish(table, node, seat)
    assert not media.may_publish(table, agent, seat)  # its camera is the venue's
    assert media.may_publish(table, agent, media.Source("screen", "agent-1"))
    without = msgspec.structs.replace(
        table, people=tuple(one for one in table.people if one is not seats_camera)
    )
    assert media.may_publish(without, agent, seat)
    archived = msgspec.structs.replace(table, phase="ARCHIVED")
    assert not media.may_publish(archived, camera, room)
    async with working(tmp_path) as worker:
        await worker.allow(allowed())
        status, text, _ = await worker.ask("POST", "/whip/s-1/camera.agent-1", "agent-1", "v=0")
        assert (status, json.loads(text)["refused"]["code"]) == (403, "MediaByVenue")


async def test_a_camera_of_the_venue_is_refused_as_an_experts_and_the_experts_page_is_not(
    tmp_path: Path,
) -> None:
    seat = media.Source("camera", "expert-1")
    table = msgspec.json.decode(allowed(), type=Table)
    _, _, experts_camera, node, expert, *_ = table.people
    assert not media.may_publish(table, experts_camera, seat)
    assert media.may_publish(table, expert, seat)
    assert media.may_publish(table, node, seat)  # it hands on what the page sent
    path = tmp_path / "film.mp4"
    recorded(path, "libx264", {"profile": "baseline"})
    told = {"source": "camera.expert-1", "kind": "file", "url": str(path)}
    async with working(tmp_path) as worker, cameras(tmp_path, told) as reading:
        await worker.allow(allowed())
        where = "/whip/s-1/camera.expert-1"
        status, text, _ = await worker.ask("POST", where, "the expert's camera", "v=0")
        refused = json.loads(text)["refused"]
        assert (status, refused["code"]) == (403, "MediaByPage")
        assert "遮挡" in refused["zh"]
        assert "mask" in refused["en"]
        status, text, _ = await worker.ask("POST", where, "expert-1", "v=0")
        assert (status, json.loads(text)["refused"]["code"]) == (400, "MediaBadOffer")  # past that door
        await reading.until("camera.expert-1", state="sending")
        await reading.send(line(worker, "camera.expert-1", "secret of the expert's camera"))
        await until(lambda: any("the worker answers 403" in one for one in reading.log))
        assert (await reading.told("camera.expert-1"))["lines"] == 0


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
