"""How long a newcomer waits: from `./ops/run` in a clone to a cell of a score sheet that takes the focus.

`python -m tests.pages.first_page CLONE` starts the command in that clone as a person would, follows the
landing page in a real Chromium, and prints the seconds at each station. In a clone that was never started
this is the cold start; once more in the same clone, the warm one, which finds the session at its sheets.
Caches are whatever the environment says (`UV_CACHE_DIR`, `npm_config_cache`, `PIP_CACHE_DIR`): point them at
empty folders to have none.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from playwright.async_api import Browser, expect

from ops import ports, stopping
from ops.installation import COORDINATORS_MAX, LOOPBACK, PORTS_SPAN
from ops.landing.door import NAME
from ops.senses import Dice
from tests.pages.chromium import chromium

SEAT = "M4"
"""Whose first entry is the mismatch, so that the play stands still while the sheet is open."""
START_MS = 600_000
"""How long a start may take before it counts as failed."""
LOOK_S = 0.1


class Stations:
    """What was reached, and when: by the clock, and by the processor's time that the command had used."""

    def __init__(self, pid: int) -> None:
        """The clock runs from now on."""
        self._begun = time.monotonic()
        self._pid = pid

    def reached(self, what: str) -> None:
        """Say so; on a busy machine the processor's time tells more than the clock."""
        spent, load = time.monotonic() - self._begun, os.getloadavg()[0]
        sys.stdout.write(
            f"{spent:7.1f} s, {self._processor_s():6.1f} s of processor: {what} (load {load:.1f})\n"
        )
        sys.stdout.flush()

    def _processor_s(self) -> float:
        """The command's and those of its children that have ended (Linux, proc(5))."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


async def measure(clone: Path, log: Path) -> None:
    """Start a clone, walk to a score cell, and stop what was started."""
    base = ports.free_base(PORTS_SPAN, Dice())
    async with chromium() as browser:
        with log.open("wb") as said:
            process = subprocess.Popen(  # noqa: ASYNC220 - starting is quick, and nobody else waits
                ["./ops/run", "--no-browser", "--ports-from", str(base)],
                cwd=clone, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        stations = Stations(process.pid)
        try:
            await _walk(browser, base + COORDINATORS_MAX + 1, process, stations)
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait)


async def _walk(browser: Browser, port: int, process: subprocess.Popen[bytes], stations: Stations) -> None:
    """From the landing page's port to a cell."""
    expect.set_options(timeout=START_MS)
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    page.set_default_timeout(START_MS)
    # A browser that shows an error page ten times a second would slow down what is measured.
    while not await _listens(port):
        if process.poll() is not None:
            sys.exit(f"./ops/run ended with {process.returncode}")
        await asyncio.sleep(LOOK_S)
    await page.goto(f"http://{NAME}:{port}/")
    stations.reached("the landing page answers")
    await expect(page.get_by_test_id("play-panel")).to_be_visible()
    await expect(page.locator(f"[data-seat={SEAT}]").get_by_test_id("sit")).to_be_enabled()
    stations.reached("every desk can be taken")
    standing = await page.locator(f"[data-seat={SEAT}]").get_attribute("data-standing")
    if standing not in ("person", "offered"):  # else an earlier run has sat there, before an open sheet
        await page.locator("[name=point-opening]").uncheck()
        await page.locator("[data-pace=fast]").click()
        await page.get_by_test_id("go").click()
        await expect(page.locator("[data-point=mismatch]")).to_be_visible()
        stations.reached("the play stands at the score sheets")
    async with page.context.expect_page() as opened:
        await page.locator(f"[data-seat={SEAT}]").get_by_test_id("sit").click()
    desk = await opened.value
    cell = desk.locator("input[data-bidder]").first
    await cell.focus()
    await expect(cell).to_be_focused()
    await expect(cell).to_be_editable()
    stations.reached("a cell can be scored, one click later")


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


async def _main(clone: Path, log: Path) -> int:
    stop = asyncio.Event()
    with stopping.stop_signals(stop.set):
        await stopping.until_stopped(measure(clone, log), stop)
    return 130 if stop.is_set() else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("clone", type=Path)
    arguments.add_argument("--log", type=Path, default=Path("first_page.log"))
    asked = arguments.parse_args()
    sys.exit(asyncio.run(_main(asked.clone.resolve(), asked.log.resolve())))
