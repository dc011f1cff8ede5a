"""The landing page as a person uses it, who has several tabs: a demonstration with a browser before it."""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Locator, Page, WebSocket, expect

from ops.landing.demonstration import Demonstration
from ops.landing.door import Door
from ops.landing.performance import Performance
from ops.people.course import PLAIN, Course
from protocol.plan.case import Case
from tests.ops.showing import demonstration
from tests.pages.chromium import WAIT_MS, Faults, chromium

LANGUAGE = re.compile("Switch to English|切换为中文")
"""The one button by which a page speaks the other language; each place remembers what was chosen there."""
TO_THE_END_MS = 90_000
"""How long everybody who is played may take from where a person's part ends to the archive."""


class Landing:
    """A demonstration, its door, and one browser context: a person with several tabs.

    `heard` is all that the sockets of the tabs received, by the address of their page.
    """

    def __init__(self, shown: Demonstration, door: Door, browser: Browser) -> None:
        self.shown = shown
        self.door = door
        self.faults = Faults()
        self.heard: dict[str, list[str]] = {}
        self._browser = browser
        self._context: BrowserContext | None = None
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
        self._context = await self._browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN"
        )
        self._context.set_default_timeout(WAIT_MS)
        self._context.on("page", self._watch)
        self._page = await self._context.new_page()
        await self._page.goto(self.door.url)
        await expect(self._page.get_by_test_id("play-panel")).to_be_visible()
        return self._page

    def card(self, seat: str) -> Locator:
        return self.page.locator(f"[data-seat={seat}]")

    def venue(self, name: str) -> Locator:
        return self.page.locator(f"[data-venue={name}]")

    async def sit(self, seat: str, *, english: bool = False) -> Page:
        """One click; the desk in its new tab, in Chinese or in English."""
        assert self._context is not None
        async with self._context.expect_page() as opened:
            await self.card(seat).get_by_test_id("sit").click()
        desk = await opened.value
        await expect(self.card(seat)).to_have_attribute("data-standing", "person")
        switch = desk.get_by_role("button", name=LANGUAGE)
        await expect(switch).to_be_visible()
        wanted = "en" if english else "zh-CN"
        if await desk.locator("html").get_attribute("lang") != wanted:
            await switch.click()
        await expect(desk.locator("html")).to_have_attribute("lang", wanted)
        return desk

    async def give_back(self, seat: str) -> None:
        """The system plays the seat again."""
        await self.card(seat).get_by_test_id("give-back").click()
        await expect(self.card(seat)).to_have_attribute("data-standing", "system")

    async def begin(self, *points: str) -> None:
        """The play begins, as fast as it goes, and will stand still at these breakpoints alone."""
        await self.page.locator("[data-pace=fast]").click()
        for box in await self.page.locator("[name^=point-]").all():
            name = str(await box.get_attribute("name")).removeprefix("point-")
            await box.set_checked(name in points)
        await self.page.get_by_test_id("go").click()

    async def stands_at(self, point: str) -> None:
        """Wait until the play stands still at a breakpoint."""
        await expect(self.page.get_by_test_id("break-card")).to_have_attribute(
            "data-point", point, timeout=TO_THE_END_MS
        )

    async def go_on(self) -> None:
        """On from the breakpoint at which the play stands."""
        await self.page.get_by_test_id("go-on").click()
        await expect(self.page.get_by_test_id("break-card")).to_have_count(0)

    async def archived(self) -> None:
        """The landing page tells the end, and nothing that was to be done is left open."""
        await expect(self.page.get_by_test_id("result")).to_be_visible(timeout=TO_THE_END_MS)
        assert self.play.phase == "ARCHIVED"
        view = self.play.chronicle.view()
        assert view is not None
        assert not view.outstanding

    async def anew(self) -> None:
        """Another session on the same house; every tab of the one before is closed."""
        assert self._context is not None
        for tab in self._context.pages:
            if tab is not self.page:
                await tab.close()
        self.heard.clear()
        before = self.play.session
        going = self.play.cast.begun and self.play.ending is None
        await self.page.get_by_test_id("anew").click()
        if going:
            await self.page.get_by_test_id("anew-yes").click()
        await expect(self.page.get_by_test_id("session")).not_to_have_text(before, timeout=TO_THE_END_MS)
        await expect(self.page.get_by_test_id("go")).to_be_visible()

    def _watch(self, page: Page) -> None:
        page.on(
            "console", lambda said: self.faults.note(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.faults.note(str(error)))
        page.on("websocket", lambda socket: self._listen(page, socket))

    def _listen(self, page: Page, socket: WebSocket) -> None:
        frames = self.heard.setdefault(page.url.partition("#")[0], [])
        socket.on(
            "framereceived", lambda frame: frames.append(frame if isinstance(frame, str) else frame.decode())
        )


@contextlib.asynccontextmanager
async def landing(data: Path, case: Case | None = None, course: Course = PLAIN) -> AsyncIterator[Landing]:
    """The same with a browser; no page may have complained by the end."""
    async with demonstration(data, case, course) as (shown, door), chromium() as browser:
        yield Landing(shown, door, browser)
