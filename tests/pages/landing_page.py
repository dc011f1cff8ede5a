"""A demonstration for page tests: the real stack, the landing page's door and a browser in front of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from ops import installation, places, ports, senses
from ops.installation import PORTS_SPAN
from ops.landing.demonstration import LANDING_PORT, Demonstration
from ops.landing.door import Door
from ops.landing.lines import Lines
from ops.landing.performance import Performance
from ops.people import notebook, script
from ops.senses import Dice
from ops.stack import Stack
from tests.pages.chromium import WAIT_MS, Faults, chromium

UNTIL_MS = 60_000
"""How long the play may take to come to what a test waits for."""


class Landing:
    """A demonstration, its door, and one browser context: a person with several tabs."""

    def __init__(self, shown: Demonstration, door: Door, context: BrowserContext, faults: Faults) -> None:
        self.shown = shown
        self.door = door
        self.context = context
        self.faults = faults
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        assert self._page is not None
        return self._page

    @property
    def play(self) -> Performance:
        assert self.shown.shown is not None
        return self.shown.shown

    async def open(self) -> Page:
        """The landing page in its own tab."""
        self._page = await self.context.new_page()
        await self._page.goto(self.door.url)
        await expect(self._page.get_by_test_id("play-panel")).to_be_visible()
        return self._page

    def card(self, seat: str) -> Locator:
        return self.page.locator(f"[data-seat={seat}]")

    def venue(self, name: str) -> Locator:
        return self.page.locator(f"[data-venue={name}]")

    async def sit(self, seat: str) -> Page:
        """One click; the desk in its new tab."""
        async with self.context.expect_page() as opened:
            await self.card(seat).get_by_test_id("sit").click()
        return await opened.value

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the play has come so far."""
        end = senses.running_ms() + UNTIL_MS
        while not true():
            where = self.play
            told = (
                where.phase,
                where.baton.waiting,
                {s: p.fault for s, p in where.cast.places.items() if p.fault},
            )
            assert senses.running_ms() < end, told
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def demonstration(data: Path) -> AsyncIterator[tuple[Demonstration, Door]]:
    """A demonstration of the sample, its session ready to be begun."""
    base = ports.free_base(PORTS_SPAN + 4, Dice())
    found = installation.ensure(data, now_ms=senses.now_ms(), ports_from=base)
    lines = Lines(found)
    stack = Stack(found, before=lines.open)
    case = script.load(places.sample_case())
    shown = Demonstration(stack, lines, case)
    door = Door(shown, base + LANDING_PORT)
    async with contextlib.AsyncExitStack() as leaving:
        leaving.push_async_callback(lines.close)
        leaving.push_async_callback(stack.stop)
        await stack.start()
        leaving.push_async_callback(shown.stop)
        await door.open()
        leaving.push_async_callback(door.close)
        await shown.start(notebook.begin(found, case), case, booked=False)
        yield shown, door


@contextlib.asynccontextmanager
async def landing(data: Path) -> AsyncIterator[Landing]:
    """The same with a browser; no page may have complained by the end."""
    async with demonstration(data) as (shown, door), chromium() as browser:
        faults = Faults()
        context = await _context(browser, faults)
        yield Landing(shown, door, context, faults)


async def _context(browser: Browser, faults: Faults) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(WAIT_MS)

    def watch(page: Page) -> None:
        page.on("console", lambda said: faults.note(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.note(str(error)))

    context.on("page", watch)
    return context
