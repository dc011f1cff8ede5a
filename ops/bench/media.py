"""`media`: what one more viewer costs, beside Janus and aiortc's own MediaRelay, in turn in one run.

The server gets a core of its own; publisher and viewers live in this process on the other one. Frames are
encoded once and replayed, so that the machine measures forwarding. MediaRelay decodes, and encodes for each
viewer; it is given as many viewers as it bears. Janus forwards as we do, in C; it has as many viewers as we
and as many event loops as it has cores (one). The ratios with a goal are the worse of the two shapes;
delivery and delay are those of 720p30. All of it is in a network of its own, since libnice refuses loopback.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from msgspec import Struct

from ops import senses
from ops.bench import machine, media_janus
from ops.bench.media_ends import FULL, SMALL, Ends, Replay, Shape, encoded
from ops.bench.media_janus import JanusEnds
from ops.bench.report import Report
from ops.bench.rounds import Measured, Spread, Table, interleaved, quantile, spread
from ops.stack import PROJECT
from protocol import media
from protocol.media import Present
from server.media import passthrough

GOALS: Final = {
    "cpu_ratio_vs_janus": 1.25,
    "cpu_ratio_vs_mediarelay": 0.02,
    "delivery": 0.999,
    "p50_ms_behind_janus": 5.0,
}
WARM_S: Final = 1.0
JANUS_LOOPS: Final = 1
"""Event loops of Janus: one for each core that it is given."""
_SECRET: Final = "bench"  # noqa: S105 - opens a worker that lives as long as a round
_WATCHER: Final = "bench-supervisor"


class Size(Struct, frozen=True):
    """How many viewers, how long, how often."""

    viewers: int
    relay_viewers: int
    seconds: float
    rounds: int


ALL: Final = Size(60, 2, 3.0, 5)
QUICK: Final = Size(3, 1, 1.0, 1)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure both shapes, one after the other."""
    size = QUICK if quick else ALL
    machine.pin(os.getpid(), machine.CROWD_CORE)
    device = media_janus.ground()
    try:
        return await _compared(data, size)
    finally:
        os.close(device)


async def _compared(data: Path, size: Size) -> Report:
    passthrough.offer_addresses((media_janus.ADDRESS,))
    tables: dict[str, Table] = {}
    for shape in (SMALL, FULL):
        frames = encoded(shape)
        async with aiohttp.ClientSession() as http:
            sides = {
                "ours": _side(lambda: _worker(data, http), Ends, http, shape, frames, size.viewers, size),
                "janus": _side(lambda: _janus(data), JanusEnds, http, shape, frames, size.viewers, size),
                "mediarelay": _side(_relay, Ends, http, shape, frames, size.relay_viewers, size),
            }
            tables[shape.name] = await interleaved(size.rounds, sides)
    return report(tables, msgspec.to_builtins(size))


def report(tables: dict[str, Table], size: dict[str, Any]) -> Report:
    """What the rounds of both shapes come to."""
    ratios: dict[str, Spread] = {}
    worst: dict[str, Spread] = {}
    for peer in ("janus", "mediarelay"):
        for name, table in tables.items():
            ratios[f"{name}_cpu_ratio_vs_{peer}"] = table.ratio("cpu_percent_per_viewer", "ours", peer)
        found = [ratios[f"{name}_cpu_ratio_vs_{peer}"] for name in tables]
        worst[f"cpu_ratio_vs_{peer}"] = max(found, key=lambda one: one.median)
    full = tables[FULL.name]
    return Report(
        "media",
        {
            **worst,
            "delivery": full.spread("ours", "delivery"),
            "p50_ms_behind_janus": _behind(full),
            "p50_ms": full.spread("ours", "p50_ms"),
            **ratios,
        },
        GOALS,
        {**{name: table.figures() for name, table in tables.items()}, **size},
    )


def _behind(table: Table) -> Spread:
    """How much later than with Janus half of the pictures are there, ms; less than 0 is sooner."""
    pairs = zip(table.sides["ours"], table.sides["janus"], strict=True)
    return spread([one["p50_ms"] - other["p50_ms"] for one, other in pairs])


Server = tuple[int, str, dict[str, dict[str, str]]]
"""Process id, where it takes offers, and headers for who publishes and who watches."""


def _side(
    serve: Callable[[], contextlib.AbstractAsyncContextManager[Server]],
    ends: type[Ends | JanusEnds],
    http: aiohttp.ClientSession,
    shape: Shape,
    frames: tuple[bytes, ...],
    viewers: int,
    size: Size,
) -> Callable[[], Awaitable[Measured]]:
    async def once() -> Measured:
        async with serve() as (pid, url, headers):
            track = Replay(shape, frames)
            publishing, watching = ends(http, url, headers["publish"]), ends(http, url, headers["watch"])
            try:
                await publishing.publish(track)
                await asyncio.sleep(WARM_S)
                await watching.watch(viewers)
                await asyncio.sleep(WARM_S)
                return await _measured(pid, track, watching, size.seconds)
            finally:
                await watching.close()
                await publishing.close()
                track.stop()

    return once


async def _measured(pid: int, track: Replay, watching: Ends | JanusEnds, seconds: float) -> Measured:
    """One stretch of time, while everything runs."""
    before, sent, begun = machine.cpu_ms(pid), track.sent, senses.running_ns()
    for one in watching.viewers:
        one.is_on = True
    await asyncio.sleep(seconds)
    for one in watching.viewers:
        one.is_on = False
    took_ms = (senses.running_ns() - begun) / 1e6
    used = max(machine.cpu_ms(pid) - before, machine.TICK_MS)
    viewers = watching.viewers
    delays = [delay for one in viewers for delay in one.delays_ns]
    packets = sum(one.packets for one in viewers)
    return {
        "cpu_percent": used / took_ms * 100,
        "cpu_percent_per_viewer": used / took_ms * 100 / len(viewers),
        "cpu_us_per_packet": used * 1000 / max(packets, 1),
        "packets_per_s": packets / took_ms * 1000,
        "frames_share": sum(one.frames for one in viewers) / len(viewers) / max(1, track.sent - sent),
        "delivery": sum(one.delivery for one in viewers) / len(viewers),
        "p50_ms": quantile(delays, 0.5) / 1e6 if delays else 0.0,
        "p99_ms": quantile(delays, 0.99) / 1e6 if delays else 0.0,
    }


@contextlib.asynccontextmanager
async def _worker(data: Path, http: aiohttp.ClientSession) -> AsyncIterator[Server]:
    """A media worker with one publisher's and one watcher's right to it."""
    secret, config = data / "media.secret", data / "media.json"
    secret.write_text(_SECRET)
    config.write_text(
        json.dumps({"control_secret": str(secret), "hosts": [media_janus.ADDRESS], "log_level": "info"})
    )
    try:
        async with _process("server.media", "--config", str(config)) as (pid, told):
            people = (
                Present(media.token_digest(_SECRET), "expert-1", "expert", "hefei"),
                Present(media.token_digest(_WATCHER), "supervisor-1", "supervisor", "hefei"),
            )
            table = msgspec.json.encode(media.Table(1, "bench", 0, "CHECKIN", people))
            url = f"http://127.0.0.1:{told['control']}/allow/bench"
            async with http.put(url, data=table, headers=_bearer(_SECRET)) as answer:
                answer.raise_for_status()
            headers = {"publish": _bearer(_SECRET), "watch": _bearer(_WATCHER)}
            yield pid, f"http://127.0.0.1:{told['port']}", headers
    finally:
        secret.unlink(missing_ok=True)
        config.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _janus(data: Path) -> AsyncIterator[Server]:
    async with media_janus.running(data, loops=JANUS_LOOPS) as (pid, url):
        yield pid, url, {"publish": {}, "watch": {}}


@contextlib.asynccontextmanager
async def _relay() -> AsyncIterator[Server]:
    async with _process("ops.bench.media_relay", media_janus.ADDRESS) as (pid, told):
        yield pid, f"http://127.0.0.1:{told['port']}", {"publish": {}, "watch": {}}


@contextlib.asynccontextmanager
async def _process(module: str, *arguments: str) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """A server on its own core, until the block ends; what it says when it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=PROJECT, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        told = json.loads(await process.stderr.readline())
        machine.pin(process.pid, machine.SERVER_CORE)
        yield process.pid, told
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}
