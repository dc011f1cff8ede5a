"""`append`: thirty-two submitters make entries durable, beside a bare fdatasync of the same bytes.

The store is asked as a session's actor asks it (`Store.append`: an entry, its answer, real signed acts), by
32 sessions at once, each when its last append has returned; beside it the same entries are written to a file
one after the other, each with an fdatasync. The whole way, with signatures verified and rules decided, is
measured too: a venue's line to the coordinator with 32 acts under way, each of another session (`actor_…`).
"""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops import files, postgres, senses
from ops.bench import appending, machine
from ops.bench.acts import Script
from ops.bench.generator import Generator, generator
from ops.bench.house import House, house
from ops.bench.report import Report
from ops.bench.rounds import Measured, Table, interleaved, quantile
from ops.bench.sides import submit
from ops.senses import Dice
from ops.stack import PROJECT
from ops.trouble import Trouble

GOALS: Final = {"ratio_vs_fdatasync": 5.0}
ROUND_S: Final = 120.0
"""How long one round of one side may take at most."""


class Size(Struct, frozen=True):
    """How much is measured: how long a round of one side lasts, and acts per submitter of the whole way."""

    submitters: int
    rounds: int
    round_ms: int
    acts: int


FULL: Final = Size(32, 5, 1_500, 12)
QUICK: Final = Size(4, 2, 100, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure the store alone on each database, then the whole way on the default one."""
    size = QUICK if quick else FULL
    async with house(data) as held:
        acts = _signed(held, size)
        tables = {"sqlite": await _store(data, "", acts, size)}
        async with _postgres(data) as url:
            if url:
                tables["postgresql"] = await _store(data, url, acts, size)
        async with generator() as crowd:
            whole = await _actor(data, held, crowd, size)
    ratios = {one: table.ratio("per_s", "ours", "fdatasync") for one, table in tables.items()}
    lower = min(ratios, key=lambda one: ratios[one].median)
    return Report(
        "append",
        {
            "ratio_vs_fdatasync": ratios[lower],
            **{f"{one}_ratio_vs_fdatasync": ratio for one, ratio in ratios.items()},
            "actor_ratio_vs_fdatasync": whole.ratio("per_s", "ours", "fdatasync"),
        },
        GOALS,
        {
            "lower": lower, **{one: table.figures() for one, table in tables.items()},
            "actor": whole.figures(), **msgspec.to_builtins(size),
        },
    )  # fmt: skip


@contextlib.asynccontextmanager
async def _postgres(data: Path) -> AsyncIterator[str]:
    """A PostgreSQL of the benchmark's own on the other core, and its URL; empty where none is installed."""
    folder = data / f"postgres-{senses.now_ms()}"
    try:
        cluster = postgres.Cluster(postgres.home_for(folder))
    except Trouble:
        yield ""
        return
    try:
        await asyncio.to_thread(cluster.start)
        if cluster.pid is not None:
            machine.pin(cluster.pid, machine.CROWD_CORE)
        await asyncio.to_thread(cluster.create, "bench")
        yield cluster.url("bench")
    finally:
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(cluster.remove)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _store(data: Path, url: str, acts: list[list[str]], size: Size) -> Table:
    """The store in a process of its own, and bare fdatasync in the same process."""
    folder = files.make_folder(data / f"append-{senses.now_ms()}")
    path = folder / "acts.json"
    path.write_text(json.dumps(acts))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.bench.appending", url, str(folder), str(path), cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        machine.pin(process.pid, machine.SERVER_CORE)
        sides = {
            "ours": _asked(process, "store", size.round_ms),
            "fdatasync": _asked(process, "bare", size.round_ms),
        }
        return await interleaved(size.rounds, sides)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        for one in sorted(folder.glob("*")):
            one.unlink()
        folder.rmdir()


def _asked(process: asyncio.subprocess.Process, side: str, ms: int) -> Callable[[], Awaitable[Measured]]:
    async def once() -> Measured:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"side": side, "ms": ms}).encode() + b"\n")
        async with asyncio.timeout(ROUND_S):
            line = await process.stdout.readline()
        measured: Measured = json.loads(line)
        return measured

    return once


async def _actor(data: Path, held: House, crowd: Generator, size: Size) -> Table:
    """The whole way: a venue's line that carries every submitter, each with a session of its own."""
    node = held.found.main.place.node
    scripts = [_script(held) for _ in range(size.submitters)]
    await crowd.tell("open", group="ours", count=1, **held.line(node))
    await crowd.tell("flood", group="ours", acts=[[submit(one) for one in s.opened()] for s in scripts])
    folder = files.make_folder(data)

    async def ours() -> Measured:
        acts = [[submit(s.bound(f"keeper-{node}")) for _ in range(size.acts)] for s in scripts]
        before = machine.cpu_ms(held.pid())
        told = await crowd.tell("flood", group="ours", acts=acts)
        count = size.submitters * size.acts
        return {
            "per_s": count / told["took_ms"] * 1000,
            "p50_ms": quantile(told["answered_ms"], 0.5),
            "p99_ms": quantile(told["answered_ms"], 0.99),
            "cpu_us_per_act": (machine.cpu_ms(held.pid()) - before) * 1000 / count,
        }

    async def bare() -> Measured:
        body = scripts[0].bound(f"keeper-{node}").command.encode()
        return appending.bare(folder / "bare.bin", [body], size.round_ms)

    try:
        return await interleaved(size.rounds, {"ours": ours, "fdatasync": bare})
    finally:
        (folder / "bare.bin").unlink(missing_ok=True)


def _signed(held: House, size: Size) -> list[list[str]]:
    """For every submitter a few signed acts, whose entries the store is given again and again."""
    node = held.found.main.place.node
    return [
        [script.bound(f"keeper-{node}").command for _ in range(4)]
        for script in (_script(held) for _ in range(size.submitters))
    ]


def _script(held: House) -> Script:
    return Script(held.found, held.keys, held.case, f"bench-{Dice().bytes32().hex()[:12]}")
