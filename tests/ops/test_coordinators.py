"""Three coordinators on one PostgreSQL and Redis behind nginx, as real processes, and what may befall them.

Within one evaluation Redis is killed and emptied, the holder stopped for longer than its lease, and its
successor killed; the outcome is that of an evaluation that nobody disturbs.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from ops import act, backing, installation, places, ports, senses
from ops.backing import Size
from ops.installation import DEFAULT_PLACES, PORTS_SPAN
from ops.people import script
from ops.people.listener import Listener
from ops.people.notebook import Note
from ops.senses import Dice
from ops.stack import Stack
from protocol import entry, record, wire
from protocol.commands import Command

WAIT_S = 60.0
"""How long another coordinator may take to take over: the goal is 5 s, this bound is a busy machine's."""
CALM, DISTURBED = "calm", "disturbed"


class Pace(Listener):
    """Counts answers, so that each trouble comes at its place in the evaluation."""

    def __init__(self) -> None:
        self.accepted: dict[str, int] = {}

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        if answer.status == "accepted":
            self.accepted[command.command_id] = answer.seq

    async def reaches(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.accepted) < count:  # noqa: ASYNC110 - a condition is asked, no event awaited
                await asyncio.sleep(0.01)


@pytest.fixture
async def running(open_folder: Path) -> AsyncIterator[Stack]:
    data = open_folder / "three"
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    shape = backing.shape(data, Size(3, postgres=True, redis=True))
    found = installation.ensure(data, now_ms=senses.now_ms(), ports_from=base, shape=shape)
    stack = Stack(found, restart=True, revive=False)
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop()


async def _play(running: Stack, session: str, listener: Listener) -> act.Played:
    case = script.load(places.sample_case())
    options = act.Options(record=running.installation.data / f"{session}.record")
    return await act.perform(running.installation, case, Note(session, case.id), options, listener)


async def _holder(running: Stack, session: str, *, other_than: str = "") -> str:
    """Wait until a coordinator other than one holds a session; its name for that run."""
    connection = await asyncpg.connect(running.installation.shape.database)
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                found = await connection.fetchval(
                    "SELECT holder FROM leases WHERE session_id = $1 AND until_ms > "
                    "extract(epoch FROM clock_timestamp()) * 1000",
                    session,
                )
                if found and found != other_than:
                    return str(found)
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


def _process(running: Stack, holder: str) -> int:
    return running.pid(holder.split("/", 1)[0])


async def _disturb(running: Stack, pace: Pace) -> list[str]:
    """Redis gone and emptied, the holder stopped for longer than its lease, then its successor killed."""
    redis = running.backing.redis
    assert redis is not None
    await pace.reaches(8)
    redis.kill()
    await pace.reaches(12)
    await asyncio.to_thread(redis.start)
    await asyncio.to_thread(redis.flush)
    await pace.reaches(16)
    first = await _holder(running, DISTURBED)
    os.kill(_process(running, first), signal.SIGSTOP)
    try:
        second = await _holder(running, DISTURBED, other_than=first)
        await pace.reaches(20)
    finally:
        os.kill(_process(running, first), signal.SIGCONT)
    await pace.reaches(28)
    os.kill(_process(running, second), signal.SIGKILL)
    began = senses.running_ms()
    third = await _holder(running, DISTURBED, other_than=second)
    logging.getLogger(__name__).info("taken over %d ms after the kill", senses.running_ms() - began)
    return [first, second, third]


@pytest.mark.timeout(400)
async def test_whatever_happens_to_three_coordinators_and_redis_the_outcome_is_the_calm_one(
    running: Stack,
) -> None:
    calm = await _play(running, CALM, Listener())
    pace = Pace()
    playing = asyncio.create_task(_play(running, DISTURBED, pace))
    troubles = asyncio.create_task(_disturb(running, pace))
    try:
        await asyncio.wait({playing, troubles}, return_when=asyncio.FIRST_EXCEPTION)
        first, second, third = await troubles
        played = await playing
    finally:
        for task in (playing, troubles):
            task.cancel()
        await asyncio.gather(playing, troubles, return_exceptions=True)
    # The one that was stopped may be the third: it has found its lease gone, and may take another.
    assert second not in (first, third)
    assert played.result.outcome == calm.result.outcome
    assert played.result.rows == calm.result.rows
    entries = [entry.decode(raw) for raw in record.read(played.record.read_bytes()).entries]
    ids = [one.command.command_id for one in entries]
    assert len(set(ids)) == len(ids)
    for command_id, seq in pace.accepted.items():
        assert ids[seq] == command_id
