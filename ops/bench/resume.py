"""`resume`: five hundred lines are cut at once, miss some acts, and come back at once with their cursors.

Each of them must end up with every entry, while further acts are made: a gap ends the benchmark with 1, what
comes twice is counted. The limit beside it is a bare process that takes the same TLS, the same WebSocket,
reads the same entries from the same database and sends them: what coming back costs where nothing is kept.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops.bench import peers
from ops.bench.generator import generator
from ops.bench.house import house, tls
from ops.bench.peers import Like
from ops.bench.report import Report
from ops.bench.rounds import Measured, interleaved
from ops.bench.sides import Acts
from ops.installation import COORDINATOR

AT_ONCE_MAX: Final = 100
"""Lines that are being made at the same moment: what a listening socket holds back by default."""
GOALS: Final = {"time_ratio_vs_bare": 2.0}


class Size(Struct, frozen=True):
    """How much is measured: `missed` acts before the return, `during` acts while it goes on."""

    clients: int
    rounds: int
    missed: int
    during: int


FULL: Final = Size(500, 7, 20, 10)
QUICK: Final = Size(10, 2, 3, 2)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure lines at the coordinator."""
    size = QUICK if quick else FULL
    faults: list[str] = []
    async with house(data) as held, generator() as crowd:
        line = held.line(held.found.main.place.node)
        acts = Acts(held)
        await acts.open(crowd, line)
        since = {"sessions": [acts.session], "since": acts.size, "counts": True}
        await crowd.tell("open", group="ours", count=size.clients, **line, **since)
        database = held.found.config(COORDINATOR).parent / "coordinator.db"

        async def ours() -> Measured:
            missed = acts.further(size.missed)
            told = await crowd.tell(
                "resume", group="ours", speaker="speaker", size=acts.size, at_once_max=AT_ONCE_MAX,
                missed=missed, during=acts.further(size.during),
            )  # fmt: skip
            faults.extend(told["faults"])
            return {"took_ms": told["took_ms"], "doubles_per_client": told["doubles"] / size.clients}

        served = tls(held.found, COORDINATOR)
        like = Like(line["namespace"], ["entries", {"size": 0}], ("size",), served, line["tls"], line["name"])
        async with peers.bare(data, like, database) as limit:
            how = {**limit.line(), "reads": acts.session, "since": acts.size}
            await crowd.tell("open", group="bare", count=size.clients, **how)

            async def bare() -> Measured:
                told = await crowd.tell(
                    "resume", group="bare", since=acts.size - size.missed, size=acts.size,
                    at_once_max=AT_ONCE_MAX, missed=[], during=[],
                )  # fmt: skip
                return {"took_ms": told["took_ms"], "doubles_per_client": told["doubles"] / size.clients}

            table = await interleaved(size.rounds, {"ours": ours, "bare": bare})
    return Report(
        "resume",
        {"time_ratio_vs_bare": table.ratio("took_ms", "ours", "bare")},
        GOALS,
        {"coordinator": table.figures(), "gaps": len(faults), **msgspec.to_builtins(size)},
        tuple(faults[:10]),
    )
