"""A worker as a process of its own: who may ask, over HTTP, with real connections."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.media.ends import Frames, Viewer, connection, offered, until
from tests.server.media.working import Worker, table, working


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with working(tmp_path) as found:
        yield found


async def test_a_worker_shows_what_its_node_allows_until_it_allows_it_no_longer(worker: Worker) -> None:
    sender, viewer = connection(), Viewer(connection())
    sender.addTrack(Frames("video"))
    viewer.receive("video")

    async def publish(sdp: str) -> tuple[str, str]:
        status, answer, where = await worker.ask("POST", "/whip/s-1/camera.expert-1", "expert-1", sdp)
        assert status == 201, answer
        return answer, where

    async def watch(sdp: str) -> tuple[str, str]:
        status, answer, where = await worker.ask("POST", "/whep/s-1/camera.expert-1", "supervisor-1", sdp)
        assert status == 201, answer
        return answer, where

    try:
        status, text, _ = await worker.ask("GET", "/sources/s-1", "supervisor-1")
        assert (status, json.loads(text)["refused"]["code"]) == (503, "MediaStarting")
        status, answer = await worker.allow(table("CHECKIN", 5), "guess")
        assert (status, answer["refused"]["code"]) == (401, "MediaNotSignedIn")
        assert (await worker.allow(table("CHECKIN", 5)))[1] == {"taken": True, "ended": 0}
        assert (await worker.allow(table("ARCHIVED", 4)))[0] == 409
        assert (await worker.allow(b"{}"))[0] == 400

        status, text, _ = await worker.ask("GET", "/sources/s-1", "stranger")
        assert (status, json.loads(text)["refused"]["code"]) == (401, "MediaNotSignedIn")
        for seat, path in (
            ("bidder-1", "/whep/s-1/camera.expert-1"),
            ("expert-1", "/whep/s-1/camera.bidder-1"),
            ("expert-1", "/whip/s-1/camera.supervisor-1"),
            ("supervisor-1", "/whep/s-1/camera.nobody"),
            ("supervisor-1", "/whep/s-1/nonsense"),
        ):
            assert (await worker.ask("POST", path, seat, "v=0"))[0] == 403, path
        assert (await worker.ask("GET", "/sources/s-1", "supervisor-1", origin="http://evil.test"))[0] == 403
        status, text, _ = await worker.ask("POST", "/whep/s-1/camera.expert-1", "supervisor-1", "v=0")
        assert (status, json.loads(text)["refused"]["code"]) == (400, "MediaBadOffer")

        await offered(sender, publish)
        told = json.loads((await worker.ask("GET", "/sources/s-1", "supervisor-1"))[1])
        assert told["iceServers"] == []
        assert {one["source"]: one["live"] for one in told["sources"]} == {
            "camera.supervisor-1": False, "camera.expert-1": True, "camera.bidder-1": False,
        }  # fmt: skip
        assert set(told["sources"][0]) == {"source", "device", "seat", "role", "venue", "live"}
        where = await offered(viewer.connection, watch)
        await until(lambda: len(viewer.packets["video"]) > 20)
        assert (await worker.ask("DELETE", where, "bidder-1"))[0] == 404

        assert (await worker.allow(table("CHECKIN", 6, without="supervisor-1")))[1]["ended"] == 1
        await until(lambda: viewer.connection.connectionState == "closed")
        assert (await worker.allow(table("ARCHIVED", 7)))[1]["ended"] == 1
        assert (await worker.stats())["publishers"] == 0
    finally:
        await sender.close()
        await viewer.connection.close()
