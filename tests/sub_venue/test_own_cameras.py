"""A venue's own cameras at its node: told where to send with secrets of their own, shown to the keeper."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from msgspec.structs import replace

from protocol import media
from protocol.media import CameraLines, Table
from protocol.venue import CameraStanding, CamerasTold, Trouble
from sub_venue.seats.troubles import troubles
from tests.protocol.world import World
from tests.server.media import film, filming, rtsp
from tests.server.media.ends import Viewer, connection, offered
from tests.server.media.working import working
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S
from tests.sub_venue.test_keeping import BOUNDS, KEEPER, NOW, WELL, codes
from tests.sub_venue.test_uplink import copied

CAMERA = CameraStanding(
    source="room.shanghai", kind="rtsp", state="sending", why="", codec="H264", width=1_280, height=720,
    since=NOW - 60_000, tries=1, frames=900, keyframe_ms=2_000, lines=1, wanted=1,
)  # fmt: skip
SECRET = "of the node and its workers"


class Beside:
    """What stands for a media worker and for the process that reads the cameras, on one port."""

    def __init__(self) -> None:
        self.run = "first"
        self.cameras: tuple[CameraStanding, ...] = (
            CAMERA,
            replace(CAMERA, source="camera.witness-shanghai"),
            replace(CAMERA, source="room.hefei"),
            replace(CAMERA, source="camera.witness-hefei"),
        )
        self.tables: list[Table] = []
        self.lines: list[CameraLines] = []
        self.strangers = 0
        self.url = ""

    @contextlib.asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[int]:
        app = web.Application()
        app.add_routes(
            [
                web.get("/run", self._told_run),
                web.put("/allow/s-1", self._table),
                web.get("/cameras", self._told_cameras),
                web.put("/lines", self._lines),
            ]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            found = runner.addresses[0][1]
            self.url = f"http://127.0.0.1:{found}"
            yield found
        finally:
            await runner.cleanup()

    def _looked(self, request: web.Request) -> None:
        self.strangers += request.headers.get("Authorization") != f"Bearer {SECRET}"

    async def _told_run(self, request: web.Request) -> web.Response:
        self._looked(request)
        return web.json_response({"run": "worker"})

    async def _table(self, request: web.Request) -> web.Response:
        self.tables.append(msgspec.json.decode(await request.read(), type=Table))
        return web.json_response({"taken": True})

    async def _told_cameras(self, request: web.Request) -> web.Response:
        self._looked(request)
        return web.Response(body=msgspec.json.encode(CamerasTold(self.run, self.cameras)))

    async def _lines(self, request: web.Request) -> web.Response:
        self._looked(request)
        self.lines.append(msgspec.json.decode(await request.read(), type=CameraLines))
        return web.json_response({"lines": len(self.lines[-1].lines)})


async def until(condition: Any) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_cameras_are_told_where_to_send_each_with_a_secret_for_its_source_alone(
    opens: Opens, exchange: Exchange, at_check_in: World, tmp_path: Path
) -> None:
    exchange.world = fork(at_check_in)
    (tmp_path / "secret").write_text(SECRET)
    beside = Beside()
    async with beside.listening():
        told = {
            "secret": tmp_path / "secret", "workers": [{"url": beside.url, "control": beside.url}],
            "cameras": beside.url,
        }  # fmt: skip
        async with opens("shanghai", exchange.port, settings={"media": told}) as node:
            await copied(node, exchange.world)
            await until(lambda: beside.lines and len(beside.lines[-1].lines) == 2)
            lines = beside.lines[-1].lines
            assert [(one.session, one.source, one.url) for one in lines] == [
                ("s-1", "room.shanghai", beside.url), ("s-1", "camera.witness-shanghai", beside.url),
            ]  # fmt: skip
            await until(lambda: any(one.only for one in beside.tables[-1].people))
            table = beside.tables[-1]
            for mine, other in (lines, lines[::-1]):
                person = media.who(table, mine.secret)
                assert person is not None
                source, another = media.read_source(mine.source), media.read_source(other.source)
                assert source is not None
                assert another is not None
                assert media.may_publish(table, person, source)
                assert not media.may_publish(table, person, another)
                assert not media.may_see(table, person, another)
            page = media.who(table, node._workers.given("s-1", "witness-shanghai").here)
            assert page is not None
            assert not media.may_publish(table, page, media.Source("camera", "witness-shanghai"))

            state = node._keeping.state(KEEPER)
            assert [(one.source, one.state, one.why) for one in state.cameras] == [
                ("room.shanghai", "sending", ""), ("camera.witness-shanghai", "sending", ""),
                ("room.hefei", "refused", "foreign"), ("camera.witness-hefei", "sending", ""),
            ]  # fmt: skip
            assert "CameraForeign" in [one.code for one in state.troubles]

            beside.run, known = "second", len(beside.lines)
            await until(lambda: len(beside.lines) > known)
            assert beside.lines[-1] == beside.lines[known - 1]
            beside.cameras = (replace(CAMERA, state="down", why="stalled"),)
            await until(lambda: "CameraDown" in [one.code for one in node._keeping.state(KEEPER).troubles])
            await until(lambda: [one.source for one in beside.lines[-1].lines] == ["room.shanghai"])
            await until(lambda: {one.only for one in beside.tables[-1].people} == {"", "room.shanghai"})
            assert beside.strangers == 0


async def test_a_camera_that_is_called_after_an_experts_seat_is_refused_and_the_page_goes_on(
    opens: Opens, exchange: Exchange, at_check_in: World, tmp_path: Path
) -> None:
    exchange.world = fork(at_check_in)
    (tmp_path / "secret").write_text(SECRET)
    beside = Beside()
    experts = sorted(one.seat for one in at_check_in.at.seats.values() if one.role == "expert")
    here = [seat for seat in experts if at_check_in.at.seats[seat].venue == "shanghai"]
    assert here
    beside.cameras = (CAMERA, *(replace(CAMERA, source=f"camera.{seat}") for seat in experts))
    async with beside.listening():
        told = {
            "secret": tmp_path / "secret", "workers": [{"url": beside.url, "control": beside.url}],
            "cameras": beside.url,
        }  # fmt: skip
        async with opens("shanghai", exchange.port, settings={"media": told}) as node:
            await copied(node, exchange.world)
            await until(lambda: beside.lines and beside.lines[-1].lines)
            assert [one.source for one in beside.lines[-1].lines] == ["room.shanghai"]
            await until(lambda: any(one.only for one in beside.tables[-1].people))
            table = beside.tables[-1]
            assert {one.only for one in table.people} == {"", "room.shanghai"}
            page = media.who(table, node._workers.given("s-1", here[0]).here)
            assert page is not None
            assert media.may_publish(table, page, media.Source("camera", here[0]))
            state = node._keeping.state(KEEPER)
            assert [(one.state, one.why) for one in state.cameras] == [
                ("sending", ""), *[("refused", "expert")] * len(experts),
            ]  # fmt: skip
            wrong = [one.detail["source"] for one in state.troubles if one.code == "CameraOfExpert"]
            assert wrong == [f"camera.{seat}" for seat in experts]
            assert all(not one.lines for one in beside.lines[:-1])


async def test_a_process_that_does_not_answer_is_told_and_forgotten_once_it_does(
    opens: Opens, exchange: Exchange, at_check_in: World, tmp_path: Path
) -> None:
    exchange.world = fork(at_check_in)
    (tmp_path / "secret").write_text(SECRET)
    beside = Beside()
    async with beside.listening() as port:
        pass
    told = {
        "secret": tmp_path / "secret", "workers": [{"url": beside.url, "control": beside.url}],
        "cameras": beside.url,
    }  # fmt: skip
    async with opens("shanghai", exchange.port, settings={"media": told}) as node:
        await until(lambda: node._keeping.state(KEEPER).cameras_silent_since)
        assert [one.code for one in node._keeping.state(KEEPER).troubles].count("CamerasSilent") == 1
        async with beside.listening(port):
            await until(lambda: not node._keeping.state(KEEPER).cameras_silent_since)
            assert node._keeping.state(KEEPER).cameras[0] == CAMERA


async def test_a_room_is_seen_by_its_supervisor_with_real_processes_all_the_way(
    opens: Opens, exchange: Exchange, at_check_in: World, tmp_path: Path
) -> None:
    exchange.world = fork(at_check_in)
    frames = film.pictures("H264", 30)
    played = [unit for frame in frames for unit in rtsp.units_of(frame)]
    async with rtsp.filming(frames) as camera, working(tmp_path) as worker:
        told = {"source": "room.shanghai", "kind": "rtsp", "url": camera.url}
        async with filming.cameras(tmp_path, told) as reading:
            media_told = {
                "secret": tmp_path / "secret", "workers": [{"url": worker.pages, "control": worker.node}],
                "cameras": reading.control,
            }  # fmt: skip
            async with opens("shanghai", exchange.port, settings={"media": media_told}) as node:
                await copied(node, exchange.world)
                await reading.until("room.shanghai", state="sending", lines=1)
                secret = node._workers.given("s-1", "supervisor-shanghai").here
                viewer = Viewer(connection())
                viewer.receive("video")

                async def watch(sdp: str) -> tuple[str, str]:
                    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/sdp"}
                    url = f"{worker.pages}/whep/s-1/room.shanghai"
                    async with worker.http.post(url, data=sdp, headers=headers) as answer:
                        assert answer.status == 201
                        return await answer.text(), answer.headers["Location"]

                try:
                    await offered(viewer.connection, watch)
                    await until(lambda: len(filming.units_seen(viewer)) > 60)
                    assert filming.is_run_of(filming.units_seen(viewer), played)
                    await until(lambda: node._keeping.state(KEEPER).cameras[0].lines == 1)
                finally:
                    await viewer.connection.close()


@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        (CAMERA, []),
        (replace(CAMERA, state="connecting"), []),
        (replace(CAMERA, keyframe_ms=4_001), ["CameraKeyframes"]),
        (replace(CAMERA, state="down", why="unreachable"), ["CameraDown"]),
        (replace(CAMERA, state="down", why="denied"), ["CameraDenied"]),
        (replace(CAMERA, state="down", why="credentials"), ["CameraDenied"]),
        (replace(CAMERA, state="refused", why="profile", codec="H.264 High"), ["CameraRefused"]),
        (replace(CAMERA, state="refused", why="foreign"), ["CameraForeign"]),
        (replace(CAMERA, state="refused", why="expert"), ["CameraOfExpert"]),
    ],
)
def test_each_thing_that_is_wrong_with_a_camera_is_told(camera: CameraStanding, expected: list[str]) -> None:
    assert codes(replace(WELL, cameras=(camera,))) == expected


def test_a_refused_camera_is_told_with_what_it_sends() -> None:
    camera = replace(CAMERA, state="refused", why="codec", codec="H.265")
    assert troubles(replace(WELL, cameras=(camera,)), (), BOUNDS) == (
        Trouble("CameraRefused", "alarm", CAMERA.since, {"source": "room.shanghai", "codec": "H.265"}),
    )
