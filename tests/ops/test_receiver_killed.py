"""The coordinator that receives is killed after the deadline of sealed bids, and again while they are opened.

Three of them on one PostgreSQL and Redis behind nginx, as real processes: the next one that is asked receives
from what is on the disk, and the evaluation comes to its table (SPEC 10.2).
"""

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from ops import act, backing, custody, installation, ports, senses
from ops.backing import Size
from ops.installation import DEFAULT_PLACES, PORTS_SPAN, Installation
from ops.people.listener import Listener
from ops.people.notebook import Note
from ops.scripts import tenders
from ops.senses import Dice
from ops.stack import Stack
from tests.ops.stage import TABLE

KILLED_AT = ("bids are closed", "bids received")
"""What a log tells when the one that receives is killed: frozen at the deadline; entered in the record."""
WAIT_S = 240.0
RULES = "4"
SESSION = "received"


async def kill(running: Stack) -> list[str]:
    """Kill whoever receives, at each of the moments; who that was."""
    killed = []
    logs = [running.installation.logs / f"{name}.log" for name in running.installation.coordinators]
    async with asyncio.timeout(WAIT_S):
        for moment in KILLED_AT:
            while not any(f'"{moment}"' in one.read_text() for one in logs):  # noqa: ASYNC110 - files are asked
                await asyncio.sleep(0.02)
            name = receiving(running.installation)
            os.kill(running.pid(name), signal.SIGKILL)
            killed.append(name)
            logging.getLogger(__name__).info("killed %s when %s", name, moment)
    return killed


def receiving(found: Installation) -> str:
    """Which coordinator's address stands in the lock."""
    lock = found.config(found.coordinators[0]).parent / "bids" / "receiving.lock"
    port = int(lock.read_text().rpartition(":")[2])
    return next(name for name in found.coordinators if found.listens(name)[0] == port)


@pytest.mark.timeout(480)
async def test_whoever_receives_is_killed_and_the_opening_and_the_evaluation_go_on(open_folder: Path) -> None:
    data = open_folder / "receiver"
    span = PORTS_SPAN + 2 * len(DEFAULT_PLACES) + 2 + len(custody.names(backing.CUSTODIANS))
    shape = backing.shape(data, Size(3, postgres=True, redis=True), RULES)
    found = installation.ensure(
        data, now_ms=senses.now_ms(), ports_from=ports.free_base(span, Dice()), shape=shape
    )
    running = Stack(found, restart=True)
    await running.start()
    try:
        case = tenders.held(None, RULES)
        options = act.Options(record=data / f"{SESSION}.record", rules=RULES)
        note = Note(SESSION, case.id)
        killing = asyncio.create_task(kill(running))
        played = await running.unless_broken(act.perform(found, case, note, options, Listener()))
        assert len(await killing) == len(KILLED_AT)
        assert {row.id: row.total for row in played.result.rows} == TABLE
    finally:
        await running.stop()
