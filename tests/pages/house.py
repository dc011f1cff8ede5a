"""Everything of one machine, started for a test: coordinator, four nodes, a browser, and people to play.

The processes are the real ones of `ops.stack`; the people are those of `ops.people`, who get their one-time
codes from the agent's page, as they would at their venues.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import Browser, Page

from ops import installation, ports, senses
from ops.installation import Installation
from ops.people import expert, script
from ops.people.listener import Listener
from ops.people.person import Person
from ops.senses import Dice
from ops.stack import Stack
from protocol.plan.case import Case
from tests.house import ground
from tests.pages.chromium import Faults, chromium, new_page

SAMPLE = ground.ROOT / "ops/sample/case.json"
DIST = (
    "sub_venue/web/expert/dist/index.html", "sub_venue/web/witness/dist/index.html",
    "main_venue/web/agent/dist/index.html", "main_venue/web/tenderee/dist/index.html",
)  # fmt: skip
PORTS = 20


class House:
    """A running installation and a browser in front of it."""

    def __init__(self, found: Installation, stack: Stack, browser: Browser) -> None:
        self.installation = found
        self.stack = stack
        self.browser = browser
        self.case: Case = script.load(SAMPLE)
        self.faults = Faults()
        self._dice = Dice("pages")
        self._desks: list[asyncio.Task[None]] = []

    @property
    def enrolment_code(self) -> str:
        return installation.enrolment_code(self.installation)

    async def page(self, node: str, path: str) -> Page:
        """A page of a node's own, in a browser context of its own."""
        page = await new_page(self.browser, self.faults)
        await page.goto(self.installation.node(node).url + path)
        return page

    def seat(self, session: str, seat: str) -> Person:
        """Somebody who is played, at the node of their venue, connected from now on."""
        member = next(one for one in self.case.members if one.seat == seat)
        raw = self._dice.bytes32("key", session, seat)
        person = Person(
            self.installation.node(member.venue), session, seat,
            Ed25519PrivateKey.from_private_bytes(raw), self._dice, listener=Listener(),
        )  # fmt: skip
        self._desks.append(asyncio.create_task(person.desk.keep()))
        return person

    async def play(self, session: str, seat: str, codes: Callable[[str], Awaitable[str]]) -> None:
        """Everything one member does, by the case."""
        await expert.play(self.seat(session, seat), self.case, codes, self._dice)

    async def close(self) -> None:
        for desk in self._desks:
            desk.cancel()
        await asyncio.gather(*self._desks, return_exceptions=True)


@contextlib.asynccontextmanager
async def house(data: Path) -> AsyncIterator[House]:
    """Start everything in a folder; stopped and checked for complaints of pages at the end."""
    missing = [name for name in DIST if not (ground.ROOT / name).is_file()]
    assert not missing, f"not built yet: {missing}; run ops/run --prepare"
    base = ports.free_base(PORTS, Dice())
    found = installation.ensure(data, now_ms=senses.now_ms(), ports_from=base)
    stack = Stack(found)
    await stack.start()
    try:
        async with chromium() as browser:
            here = House(found, stack, browser)
            try:
                yield here
            finally:
                await here.close()
    finally:
        await stack.stop()
