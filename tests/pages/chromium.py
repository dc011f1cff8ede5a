"""A real Chromium for page tests: how it is started, what it may not say, axe, and pictures.

The flags are those that were tried on this kind of machine (FIELDNOTES 10). Every page that is opened here
fails its test when it logs an error or throws.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.house import ground

EXECUTABLE = "/usr/bin/chromium"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
GALLERY = Path(__file__).parent / "gallery"
AXE = ground.ROOT / "node_modules/axe-core/axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2, A and AA (2.2 has no criterion at A that a program could judge), and axe's own."""
SIZE: ViewportSize = {"width": 1440, "height": 1000}
WAIT_MS = 20_000
"""How long a page may take to show what it is waited for."""


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser; every desk gets a context of its own, as if it were another machine."""
    expect.set_options(timeout=WAIT_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


class Faults(list[str]):
    """What pages complained of; empty is as it should be. `forgive` names what a test provokes."""

    def __init__(self, *forgive: str) -> None:
        super().__init__()
        self.forgive = forgive

    def note(self, text: str) -> None:
        if not any(part in text for part in self.forgive):
            self.append(text)


async def new_page(browser: Browser, faults: Faults) -> Page:
    """A page in a context of its own whose errors are noted."""
    context = await browser.new_context(viewport=SIZE, locale="zh-CN")
    page = await context.new_page()
    page.set_default_timeout(WAIT_MS)

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.note(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: faults.note(str(error)))
    return page


async def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds against WCAG 2.2 A and AA and its own best practice."""
    if not await page.evaluate("'axe' in window"):
        # Through the debugger, since the page's own policy lets no foreign script in.
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("tags => axe.run(document, {runOnly: tags})", list(RULES))
    return [
        {"id": one["id"], "impact": one["impact"], "at": [node["target"] for node in one["nodes"]]}
        for one in found["violations"]
    ]


async def picture(page: Page, name: str) -> Path:
    """The whole page as it looks, kept in the gallery for people to look at."""
    GALLERY.mkdir(exist_ok=True)
    path = GALLERY / f"{name}.png"
    await page.screenshot(path=path, full_page=True, animations="disabled")
    return path
