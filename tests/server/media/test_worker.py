"""A worker as a process of its own: who may ask, over HTTP, with real connections."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from protocol import media
from protocol.media import Present, Table
from protocol.words import SessionPhase
from tests.server.media.ends import Frames, Viewer, connection, offered, until

SECRET = "node-and-worker"
PEOPLE = {
    "expert-1": ("expert", "hefei"),
    "bidder-1": ("bidder", ""),
    "supervisor-1": ("supervisor", "nanjing"),
}
ORIGIN = "http://nanjing.localhost:7711"


def table(phase: SessionPhase, as_of: int, *, without: str = "") -> bytes:
    people = tuple(
        Present(media.token_digest(f"secret of {seat}"), seat, role, venue)  # type: ignore[arg-type]
        for seat, (role, venue) in PEOPLE.items()
        if seat != without
    )
    return msgspec.json.encode(Table(1, "s-1", as_of, phase, people))


class Worker:
    """The process, and asking it."""

    def __init__(self, pages: str, node: str, http: aiohttp.ClientSession) -> None:
        self.pages, self.node, self.http = pages, node, http

    async def allow(self, raw: bytes, secret: str = SECRET) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret}"}
        async with self.http.put(f"{self.node}/allow/s-1", data=raw, headers=headers) as answer:
            return answer.status, await answer.json()

    async def ask(
        self, method: str, path: str, seat: str, sdp: str = "", origin: str = ORIGIN
    ) -> tuple[int, str, str]:
        headers = {
            "Authorization": f"Bearer secret of {seat}",
            "Origin": origin,
            "Content-Type": "application/sdp",
        }
        async with self.http.request(method, self.pages + path, data=sdp, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location", "")

    async def stats(self) -> Any:
        async with self.http.get(
            f"{self.node}/stats", headers={"Authorization": f"Bearer {SECRET}"}
        ) as answer:
            return await answer.json()


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    (tmp_path / "secret").write_text(SECRET)
    config = {"control_secret": str(tmp_path / "secret"), "hosts": ["127.0.0.1"], "origins": [ORIGIN]}
    (tmp_path / "media.json").write_text(json.dumps(config))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.media", "--config", str(tmp_path / "media.json"),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        ready = json.loads(await process.stderr.readline())
        async with aiohttp.ClientSession() as http:
            yield Worker(f"http://127.0.0.1:{ready['port']}", f"http://127.0.0.1:{ready['control']}", http)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


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
        assert (status, json.loads(text)["refused"]["code"]) == (401, "MediaNotSignedIn")
        assert await worker.allow(table("CHECKIN", 5), "guess") == (401, json.loads(text))
        assert (await worker.allow(table("CHECKIN", 5)))[1] == {"taken": True, "ended": 0}
        assert (await worker.allow(table("ARCHIVED", 4)))[0] == 409
        assert (await worker.allow(b"{}"))[0] == 400

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
