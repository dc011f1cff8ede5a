"""A media worker as a process of its own, and asking it."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from protocol import media
from protocol.media import Present, Table
from protocol.words import SessionPhase

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

    def __init__(
        self, pages: str, node: str, http: aiohttp.ClientSession, process: asyncio.subprocess.Process
    ) -> None:
        self.pages, self.node, self.http, self.process = pages, node, http, process

    async def kill(self) -> None:
        """As by the kernel: without a word."""
        self.process.kill()
        await self.process.wait()

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


@contextlib.asynccontextmanager
async def working(tmp_path: Path, origin: str = ORIGIN, **more: Any) -> AsyncIterator[Worker]:
    """A worker on loopback, until the block ends; `more` stands in its configuration."""
    (tmp_path / "secret").write_text(SECRET)
    config = {"control_secret": str(tmp_path / "secret"), "hosts": ["127.0.0.1"], "origins": [origin], **more}
    (tmp_path / "media.json").write_text(json.dumps(config))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.media", "--config", str(tmp_path / "media.json"),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        ready = json.loads(await process.stderr.readline())
        async with aiohttp.ClientSession() as http:
            pages, node = (f"http://127.0.0.1:{ready[of]}" for of in ("port", "control"))
            yield Worker(pages, node, http, process)
    finally:
        was_killed = process.returncode is not None
        if not was_killed:
            process.terminate()
        await process.communicate()
    assert process.returncode == (-signal.SIGKILL if was_killed else 0)
