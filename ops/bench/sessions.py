"""`sessions`: how many sessions one coordinator holds, thirteen connections and one act a second each.

All connections are lines at the coordinator, the harshest place: each session has thirteen that follow it,
and an act goes out of another. Held is what keeps 99 of 100 acts below 300 ms from the sending until the last
of the thirteen, the supervisor, has it. Ramps up until that breaks, halves the last step, and then measures
the best number over and over. The coordinator has one core; what a session takes of memory is told beside it.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops import senses
from ops.bench import machine
from ops.bench.generator import Generator, generator
from ops.bench.house import House, house
from ops.bench.report import Report
from ops.bench.rounds import Measured, Table, interleaved, quantile, spread
from ops.bench.sides import Acts

CONNECTIONS: Final = 13
EVERY_MS: Final = 1_000
SEEN_P99_MS_MAX: Final = 300.0
SPEAKERS: Final = 8
SETTLING_MAX: Final = 3
"""How many of the numbers that held once are tried over all rounds, the largest first."""
GOALS: Final[dict[str, float]] = {}
"""None is set: the number itself is what is asked for."""


class Size(Struct, frozen=True):
    """How far it goes: sessions at first and at most, how a step grows, its seconds, and seconds in all."""

    first: int
    most: int
    grows: float
    seconds: int
    rounds: int
    ramp_s_max: int


FULL: Final = Size(10, 320, 1.6, 6, 5, 100)
QUICK: Final = Size(2, 3, 1.5, 2, 2, 20)


async def run(data: Path, *, quick: bool) -> Report:
    """Ramp up, then measure what held."""
    size = QUICK if quick else FULL
    async with house(data) as held, generator() as crowd:
        hall = Hall(held, crowd)
        empty_mb = machine.resident_mb(held.pid())
        steps = await _ramp(hall, size)
        best, table = await _settled(hall, steps, size)
        grown_mb = (machine.resident_mb(held.pid()) - empty_mb) / len(hall.sessions)
    p99 = table.spread("ours", "seen_p99_ms")
    holds = best if p99.median < SEEN_P99_MS_MAX else 0
    return Report(
        "sessions",
        {
            "sessions_held": spread([max(holds, 1)]),
            "seen_p99_of_300_ms": _share(table),
            "memory_mb_per_session": spread([grown_mb]),
        },
        GOALS,
        {"steps": steps, "coordinator": table.figures(), **msgspec.to_builtins(size)},
    )  # fmt: skip


async def _ramp(hall: "Hall", size: Size) -> list[dict[str, Any]]:
    """Steps upwards until one does not hold, then one between the last two."""
    steps: list[dict[str, Any]] = []
    until = senses.running_ms() + size.ramp_s_max * 1000
    wanted = size.first
    while wanted <= size.most and senses.running_ms() < until:
        steps.append(await _step(hall, wanted, size))
        if not steps[-1]["held"]:
            break
        wanted = max(wanted + 1, int(wanted * size.grows))
    if len(steps) > 1 and not steps[-1]["held"]:
        between = (int(steps[-1]["sessions"]) + int(steps[-2]["sessions"])) // 2
        steps.append(await _step(hall, between, size))
    return steps


async def _settled(hall: "Hall", steps: list[dict[str, Any]], size: Size) -> tuple[int, Table]:
    """The largest number that held once and holds over all rounds as well; the last one tried."""
    held = sorted((int(one["sessions"]) for one in steps if one["held"]), reverse=True) or [size.first]
    for best in held[:SETTLING_MAX]:
        table = await interleaved(size.rounds, {"ours": partial(hall.measure, best, size.seconds)})
        if table.spread("ours", "seen_p99_ms").median < SEEN_P99_MS_MAX or best == held[:SETTLING_MAX][-1]:
            return best, table
    raise AssertionError("one is always tried")


async def _step(hall: "Hall", wanted: int, size: Size) -> dict[str, Any]:
    await hall.grow(wanted)
    measured = await hall.measure(wanted, size.seconds)
    return {"sessions": wanted, "held": measured["seen_p99_ms"] < SEEN_P99_MS_MAX, **measured}


class Hall:
    """All sessions of the run, and their connections."""

    def __init__(self, held: House, crowd: Generator) -> None:
        """Begin with none."""
        self.sessions: list[Acts] = []
        self._held = held
        self._crowd = crowd
        self._line = held.line(held.found.main.place.node)

    async def grow(self, wanted: int) -> None:
        """Book sessions and connect to them until there are so many; all connections are made anew."""
        if wanted <= len(self.sessions):
            return
        while len(self.sessions) < wanted:
            acts = Acts(self._held)
            await acts.open(self._crowd, self._line)
            await self._crowd.tell("drop", group="speaker")
            self.sessions.append(acts)
        await self._crowd.tell("drop", group="hall")
        await self._crowd.tell("drop", group="voices")
        names = [one.session for one in self.sessions]
        since = {"sessions": names, "since": 0}
        count = CONNECTIONS * len(names)
        await self._crowd.tell("open", group="hall", count=count, **self._line, **since)
        # Lines that say hello now know of every session and follow none.
        await self._crowd.tell("open", group="voices", count=SPEAKERS, **self._line)

    async def measure(self, sessions: int, seconds: int) -> Measured:
        """So many of the sessions at one act a second each; the others are followed and still."""
        acts = [one.further(seconds) for one in self.sessions[:sessions]]
        pid = self._held.pid()
        before = machine.cpu_ms(pid)
        told = await self._crowd.tell(
            "pace", group="hall", speaker="voices", acts=acts, of=len(self.sessions), every_ms=EVERY_MS
        )
        used = machine.cpu_ms(pid) - before
        return {
            "seen_p50_ms": quantile(told["seen_ms"], 0.5),
            "seen_p99_ms": quantile(told["seen_ms"], 0.99),
            "answered_p99_ms": quantile(told["answered_ms"], 0.99),
            "cpu_ms_per_act": used / (sessions * seconds),
            "core_share": used / (seconds * 1000),
            "resident_mb": machine.resident_mb(pid),
            "crowd_late_ms": told["crowd_late_ms"],
        }


def _share(table: Table) -> Any:
    return spread([one["seen_p99_ms"] / SEEN_P99_MS_MAX for one in table.sides["ours"]])
