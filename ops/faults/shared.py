"""Three coordinators on one PostgreSQL with a Redis: each of them killed, stopped, emptied or replaced.

Every fault falls while a member's sheet is on its way to the coordinator that holds the session. What was
acknowledged is there once, whoever writes after that. Source: DESIGN 1.3, 1.5, 9, 10.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from ops import senses
from ops.backing import Size
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes

SHARED: Final = Size(coordinators=3, postgres=True, redis=True)
SESSION: Final = "shared"
WAIT_S: Final = 90.0
TAKE_OVER_MS: Final = 5_000
"""How soon another coordinator has taken over."""
CUT_AT: Final = ("SealSheet", "ConfirmRanking", "SubmitReport")
"""The acts, in the order of an evaluation, whose commit's answer is swallowed: each is surely sent."""

_REFUSED: Final = ("the lease is another's", "another writer was first")
"""What a coordinator says of a write that the database did not take."""

Break = Callable[[Ground, Notes, int, Found], Coroutine[Any, Any, None]]


async def postgres_killed(data: Path, for_ms: int, found: Found) -> None:
    """The postmaster is killed (SIGKILL) and started again after a while."""
    found.injected = f"kill -9 of PostgreSQL's postmaster while sheets come, started again after {for_ms} ms"
    await _shared(data, for_ms, found, _kill_postgres)


async def postgres_failover(data: Path, for_ms: int, found: Found) -> None:
    """The primary is killed for good, and its synchronous standby promoted after a while."""
    found.injected = f"kill -9 of the primary for good, its synchronous standby promoted after {for_ms} ms"
    await _shared(data, for_ms, found, _fail_over, standby=True)


async def redis_emptied(data: Path, for_ms: int, found: Found) -> None:
    """Redis is killed for a while, started again, and emptied."""
    found.injected = f"kill -9 of Redis while sheets come, started again after {for_ms} ms, then FLUSHALL"
    await _shared(data, for_ms, found, _empty_redis)


async def holder_killed(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator that holds the session is killed."""
    found.injected = "kill -9 of the coordinator that holds the session while sheets come"
    await _shared(data, for_ms, found, _kill_holder)


async def holder_stale(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator that holds the session stands still past its lease, and then goes on."""
    found.injected = f"SIGSTOP of the coordinator that holds the session for {for_ms} ms, then SIGCONT"
    await _shared(data, for_ms, found, _stop_holder)


async def commit_in_doubt(data: Path, for_ms: int, found: Found) -> None:
    """The answers to some commits are swallowed, their connections with them."""
    del for_ms
    found.injected = f"{len(CUT_AT)} commits whose answer is swallowed on its way, the connection with it"
    async with laid(data, Laying(size=SHARED, in_doubt=True)) as ground:
        notes = Notes()
        await ground.broken(ground.seat(SESSION, notes), notes, _doubts(ground, notes, found), found)


async def _shared(data: Path, for_ms: int, found: Found, breaks: Break, *, standby: bool = False) -> None:
    async with laid(data, Laying(size=SHARED, standby=standby)) as ground:
        notes = Notes()
        people = ground.seat(SESSION, notes, stands_ms=for_ms)
        await ground.broken(people, notes, breaks(ground, notes, for_ms, found), found)


async def _at_sealing(notes: Notes, do: Callable[[], object]) -> int:
    """Do something at the moment when a sheet is sent; when that was, by the clock that never goes back."""
    return await _at(notes, "SealSheet", do)


async def _at(notes: Notes, type_: str, do: Callable[[], object]) -> int:
    """As `_at_sealing`, for the first act of any type."""
    done: list[int] = []

    def sending() -> bool:
        return notes.going_out is not None and notes.going_out[1].type == type_

    def now() -> None:
        do()
        done.append(senses.running_ms())

    notes.when(sending, now)
    await notes.until(lambda: done, WAIT_S, f"{type_} is sent")
    return done[0]


async def _kill_postgres(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    cluster = ground.stack.backing.postgres
    assert cluster is not None
    assert cluster.pid is not None
    await _at_sealing(notes, lambda pid=cluster.pid: os.kill(pid, signal.SIGKILL))  # type: ignore[misc]
    await asyncio.to_thread(cluster.kill)
    await asyncio.sleep(for_ms / 1000)
    found.expect(notes.count("SealSheet") < 5, "no sheet is accepted that no database has")
    start = senses.running_ms()
    await asyncio.to_thread(cluster.start)
    found.figures["database_ready_after_ms"] = senses.running_ms() - start
    await _all_sealed(notes, start, found)


async def _fail_over(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    cluster, standby = ground.stack.backing.postgres, ground.standby
    assert cluster is not None
    assert cluster.pid is not None
    assert standby is not None
    await _at_sealing(notes, lambda pid=cluster.pid: os.kill(pid, signal.SIGKILL))  # type: ignore[misc]
    await asyncio.to_thread(cluster.kill)
    await asyncio.sleep(for_ms / 1000)
    start = senses.running_ms()
    await asyncio.to_thread(standby.promote)
    found.figures["promoted_after_ms"] = senses.running_ms() - start
    await _all_sealed(notes, start, found)


async def _empty_redis(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    redis = ground.stack.backing.redis
    assert redis is not None
    assert redis.pid is not None
    killed = await _at_sealing(notes, lambda pid=redis.pid: os.kill(pid, signal.SIGKILL))  # type: ignore[misc]
    await asyncio.to_thread(redis.kill)
    await _all_sealed(notes, killed, found)
    found.expect(redis.pid is None, "every sheet was accepted with Redis gone")
    await asyncio.sleep(max(0, for_ms - (senses.running_ms() - killed)) / 1000)
    await asyncio.to_thread(redis.start)
    await asyncio.to_thread(redis.flush)


async def _kill_holder(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    del for_ms
    await notes.until(lambda: notes.stage("M1") == "DETAILED", WAIT_S, "scoring begins")
    holder = _holder(ground)
    killed = await _at_sealing(notes, lambda: os.kill(ground.stack.pid(holder), signal.SIGKILL))
    await _taken_over(ground, holder, killed, found)
    await _all_sealed(notes, killed, found)


async def _stop_holder(ground: Ground, notes: Notes, for_ms: int, found: Found) -> None:
    await notes.until(lambda: notes.stage("M1") == "DETAILED", WAIT_S, "scoring begins")
    holder = _holder(ground)
    pid = ground.stack.pid(holder)
    try:
        stopped = await _at_sealing(notes, lambda: os.kill(pid, signal.SIGSTOP))
        await _taken_over(ground, holder, stopped, found)
        await asyncio.sleep(max(0, for_ms - (senses.running_ms() - stopped)) / 1000)
    finally:
        os.kill(pid, signal.SIGCONT)
    await _all_sealed(notes, stopped, found)
    found.expect(_holder(ground) != holder, "who stood still past its lease does not write again")
    said = (ground.installation.logs / f"{holder}.log").read_text(errors="replace")
    found.figures["stale_writes_refused"] = sum(said.count(f'"event": "{one}"') for one in _REFUSED)


async def _doubts(ground: Ground, notes: Notes, found: Found) -> None:
    doubt = ground.doubt
    assert doubt is not None
    for number, type_ in enumerate(CUT_AT, start=1):
        sent = await _at(notes, type_, doubt.arm)
        await notes.until(lambda: notes.count(type_), WAIT_S, f"{type_} is answered")  # noqa: B023
        found.figures[f"answered_after_{number}_ms"] = senses.running_ms() - sent
        assert doubt.cuts == number, f"{type_} was answered, and no commit's answer was swallowed"
    found.expect(doubt.cuts == len(CUT_AT), f"{len(CUT_AT)} commits were in doubt")


async def _taken_over(ground: Ground, before: str, since: int, found: Found) -> None:
    while _holder(ground) == before:
        assert senses.running_ms() - since < WAIT_S * 1000, "nobody takes over"
        await asyncio.sleep(0.05)
    spent = senses.running_ms() - since
    found.figures["taken_over_after_ms"] = spent
    found.seen.append(f"{_holder(ground)} took over from {before}")


async def _all_sealed(notes: Notes, since: int, found: Found) -> None:
    await notes.until(lambda: notes.count("SealSheet") == 5, WAIT_S, "every sheet is accepted")
    found.figures["all_sealed_after_ms"] = senses.running_ms() - since


def _holder(ground: Ground) -> str:
    """Who wrote in its log last that it holds the session."""
    held: list[tuple[int, str]] = []
    for name in ground.installation.coordinators:
        log = ground.installation.logs / f"{name}.log"
        for line in log.read_text(errors="replace").splitlines():
            if f'"{SESSION}"' in line and '"held"' in line:
                told = json.loads(line)
                held.append((told.get("epoch", told["at"]), name))
    assert held, "nobody holds the session"
    return max(held)[1]
