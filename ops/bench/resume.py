"""`resume`: five hundred lines are cut at once, miss some acts, and come back at once with their cursors.

Each of them must end up with every entry, while further acts are made: a gap ends the benchmark with 1, what
comes twice is counted. The limit beside it is a bare process that takes the same TLS, the same WebSocket,
reads the same entries from the same database and sends them: what coming back costs where nothing is kept.

Then the same with two coordinators on a PostgreSQL, whose Redis is killed for a second meanwhile: half of the
lines stay at the other coordinator and hear of acts by the bus alone, or by its poll where the bus is dead.
"""

import asyncio
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops.backing import Size as Backed
from ops.bench import peers
from ops.bench.generator import Generator, generator
from ops.bench.house import House, house, tls
from ops.bench.peers import Like
from ops.bench.report import Report
from ops.bench.rounds import Measured, Table, interleaved
from ops.bench.sides import Acts
from ops.installation import COORDINATOR
from ops.trouble import Trouble

AT_ONCE_MAX: Final = 100
"""Lines that are being made at the same moment: what a listening socket holds back by default."""
OUTAGE_S: Final = 1.0
"""How long Redis is dead."""
GOALS: Final = {"time_ratio_vs_bare": 2.0}


class Size(Struct, frozen=True):
    """How much is measured: `missed` acts before the return, `during` acts while it goes on."""

    clients: int
    rounds: int
    missed: int
    during: int


FULL: Final = Size(500, 5, 20, 10)
QUICK: Final = Size(10, 2, 3, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure lines at the coordinator, then look for gaps where Redis dies."""
    size = QUICK if quick else FULL
    faults: list[str] = []
    table = await _one_coordinator(data, size, faults)
    outage = await _redis_dies(data, size, faults)
    return Report(
        "resume",
        {"time_ratio_vs_bare": table.ratio("took_ms", "ours", "bare")},
        GOALS,
        {
            "coordinator": table.figures(), "redis_dead_for_a_second": outage, "gaps": len(faults),
            **msgspec.to_builtins(size),
        },
        tuple(faults[:10]),
    )  # fmt: skip


async def _one_coordinator(data: Path, size: Size, faults: list[str]) -> Table:
    async with house(data) as held, generator() as crowd:
        line = held.line(held.found.main.place.node)
        acts = Acts(held)
        await acts.open(crowd, line)
        since = {"sessions": [acts.session], "since": acts.size, "counts": True}
        await crowd.tell("open", group="ours", count=size.clients, **line, **since)
        database = held.found.config(COORDINATOR).parent / "coordinator.db"

        async def ours() -> Measured:
            told = await _cut(crowd, "ours", acts, size)
            faults.extend(told["faults"])
            return {"took_ms": told["took_ms"], "doubles_per_client": told["doubles"] / size.clients}

        served = tls(held.found, COORDINATOR)
        seen = ["entries", {"size": 0}]
        like = Like(line["namespace"], seen, ("size",), served, line["tls"], line["name"])
        async with peers.bare(data, like, database) as limit:
            how = {**limit.line(), "reads": acts.session, "since": acts.size}
            await crowd.tell("open", group="bare", count=size.clients, **how)

            async def bare() -> Measured:
                told = await crowd.tell(
                    "resume", group="bare", since=acts.size - size.missed, size=acts.size,
                    at_once_max=AT_ONCE_MAX, missed=[], during=[],
                )  # fmt: skip
                return {"took_ms": told["took_ms"], "doubles_per_client": told["doubles"] / size.clients}

            return await interleaved(size.rounds, {"ours": ours, "bare": bare})


async def _cut(crowd: Generator, group: str, acts: Acts, size: Size) -> dict[str, Any]:
    """Cut a group off and have it come back while acts are made."""
    missed = acts.further(size.missed)
    return await crowd.tell(
        "resume", group=group, speaker="speaker", size=acts.size, at_once_max=AT_ONCE_MAX,
        missed=missed, during=acts.further(size.during),
    )  # fmt: skip


async def _redis_dies(data: Path, size: Size, faults: list[str]) -> dict[str, Any]:
    """Two coordinators; their Redis dies, lines are cut and come back, acts go on, Redis returns."""
    try:
        backed = Backed(coordinators=2, postgres=True, redis=True)
        async with house(data, size=backed) as held, generator() as crowd:
            return await _outage(held, crowd, size, faults)
    except Trouble as trouble:
        if "PostgreSQL" not in trouble.zh and "Redis" not in trouble.zh and "nginx" not in trouble.zh:
            raise
        return {"not_measured": str(trouble)}


async def _outage(held: House, crowd: Generator, size: Size, faults: list[str]) -> dict[str, Any]:
    near, far = (held.line_to(one, held.found.main.place.node) for one in held.found.coordinators)
    acts = Acts(held)
    await acts.open(crowd, near)
    since = {"sessions": [acts.session], "since": acts.size, "counts": True}
    half = max(1, size.clients // 2)
    await crowd.tell("open", group="near", count=half, **near, **since)
    await crowd.tell("open", group="far", count=half, **far, **since)
    redis = held.redis
    assert redis is not None
    doubles = 0
    late_ms = []
    for group in ("near", "far", "near", "far"):
        await asyncio.to_thread(redis.kill)
        begun = asyncio.create_task(asyncio.sleep(OUTAGE_S))
        told = await _cut(crowd, group, acts, size)
        await begun
        await asyncio.to_thread(redis.start)
        faults.extend(told["faults"])
        doubles += told["doubles"]
        for one in ("near", "far"):
            there = await crowd.tell("settle", group=one, size=acts.size)
            faults.extend(there["faults"])
            late_ms.append(there["took_ms"])
    return {"outages": 4, "doubles": doubles, "settled_after_ms_most": max(late_ms)}
