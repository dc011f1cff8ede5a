"""The landing page as a person uses it, who has several tabs: a demonstration with a browser before it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from ops.landing.demonstration import Demonstration
from ops.landing.door import Door
from ops.landing.performance import Performance
from tests.ops.showing import demonstration
from tests.pages.chromium import WAIT_MS, Faults, chromium


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
