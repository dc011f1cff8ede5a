"""An expert's computer in a test: a Chromium that can be killed and started again, and lines that can be cut.

Its profile survives the browser's death as on a real machine; what is cut is one window's own line.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from playwright.async_api import Browser, Error, Page, Playwright, WebSocketRoute

from tests.pages.chromium import EXECUTABLE, FLAGS

PORT_FILE_S = 60
WAIT_MS = 60_000
"""How long a window may take to show what it is waited for, also after a crash on a busy machine."""
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Whatever ends this process ends the browser that it started, also when nobody is left to do it."""


class Cuttable:
    """One window's own line to its node; the other windows of the browser keep theirs."""

    def __init__(self) -> None:
        self.cut = False
        self._routes: list[WebSocketRoute] = []

    async def pass_on(self, route: WebSocketRoute) -> None:
        """Every WebSocket that the window opens comes here."""
        if self.cut:
            await route.close()
            return
        self._routes.append(route)
        route.connect_to_server()

    async def cut_now(self) -> None:
        """End the line and let none be opened."""
        self.cut = True
        for route in self._routes:
            with contextlib.suppress(Error):
                await route.close()
        self._routes.clear()


class Machine:
    """An expert's computer: one Chromium on a profile of its own, which survives the browser's death."""

    def __init__(self, playwright: Playwright, profile: Path) -> None:
        self._playwright = playwright
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None
        self._browser: Browser | None = None

    async def start(self) -> None:
        """Start the browser and get hold of it."""
        port_file = self._profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        self._process = subprocess.Popen(  # noqa: ASYNC220 - starting is quick, and nobody else waits
            [
                *DIES_WITH_US, EXECUTABLE, *FLAGS, "--remote-debugging-port=0", "--lang=zh-CN",
                f"--user-data-dir={self._profile}",
                "--hide-crash-restore-bubble", "about:blank",
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        async with asyncio.timeout(PORT_FILE_S):
            while not port_file.exists() or "\n" not in port_file.read_text():  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0.02)
        port = port_file.read_text().splitlines()[0]
        self._browser = await self._playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")

    async def page(self) -> Page:
        """A new tab."""
        assert self._browser is not None
        page = await self._browser.contexts[0].new_page()
        page.set_default_timeout(WAIT_MS)
        return page

    async def kill(self) -> None:
        """End the browser as a power cut does, with all that belongs to it."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._browser is not None:
            with contextlib.suppress(Error):
                await self._browser.close()
            self._browser = None
