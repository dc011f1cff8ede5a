"""A demonstration for tests: the real stack, its lines, the door, a session ready to be begun."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ops import backing, custody, installation, places, ports, senses
from ops.backing import Size
from ops.installation import DEFAULT_PLACES, PORTS_SPAN
from ops.landing.demonstration import Demonstration
from ops.landing.door import Door
from ops.landing.lines import Lines
from ops.landing.performance import Performance
from ops.people import notebook, script
from ops.people.course import PLAIN, Course
from ops.senses import Dice
from ops.stack import Stack
from protocol.plan.case import Case
from tests import ukey_door

UNTIL_MS = 60_000
"""How long the play may take to come to what a test waits for."""


async def until(play: Performance, true: Callable[[], bool]) -> None:
    """Wait until the play has come so far; tells where it stands where it does not."""
    end = senses.running_ms() + UNTIL_MS
    while not true():
        seats = {seat: (place.standing, place.fault) for seat, place in play.cast.places.items()}
        assert senses.running_ms() < end, (play.phase, play.baton.here, play.baton.waiting, seats)
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def demonstration(
    data: Path, case: Case | None = None, course: Course = PLAIN
) -> AsyncIterator[tuple[Demonstration, Door]]:
    """A demonstration of a case and its course, the sample where none is given; ready to be begun."""
    case = script.load(places.sample_case()) if case is None else case
    rules = script.rules_of(case)
    services = len(custody.names(backing.custodians_of(rules)))
    base = ports.free_base(PORTS_SPAN + 2 * len(DEFAULT_PLACES) + 2 + services, Dice())
    shape = backing.shape(data, Size(), rules)
    found = installation.ensure(data, now_ms=senses.now_ms(), ports_from=base, shape=shape)
    lines = Lines(found)
    stack = Stack(found, before=lines.open)
    shown = Demonstration(stack, lines, case, papers=False)
    door = Door(shown, found.landing_port)
    async with contextlib.AsyncExitStack() as leaving:
        if shape.authorities:
            await leaving.enter_async_context(ukey_door.alone())
        leaving.push_async_callback(lines.close)
        leaving.push_async_callback(stack.stop)
        await stack.start()
        leaving.push_async_callback(shown.stop)
        await door.open()
        leaving.push_async_callback(door.close)
        await shown.start(notebook.begin(found, case), case, booked=False, course=course)
        yield shown, door
