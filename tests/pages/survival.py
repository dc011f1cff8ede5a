"""Drafts in a real Chromium before real processes: typing, reloads, crashes, cut lines, second tabs.

`python -m tests.pages.survival --seeds 300` runs that many random stories and says what was lost; a story
that loses a cell is told step by step. All of them are one seat's in one session, so that each begins with
what the one before has left. What a cell was once shown as saved with, in the browser or at the venue, must
be found again at the end, in the sheet or among the cells that are offered to enter.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from playwright.async_api import Error, Page, async_playwright, expect

from ops import stopping
from tests.pages.agent_page import AgentPage
from tests.pages.expert_page import ExpertPage
from tests.pages.house import SAMPLE, House, house
from tests.pages.machine import WAIT_MS, Cuttable, Machine

SESSION = "S-SURVIVAL"
NODE, SEAT = "hangzhou", "M5"
CELLS = tuple((bidder, item) for bidder in ("b1", "b2") for item in ("A1", "A2", "A3"))
POINTS = ("", "0.5", "1", "1.5", "2")
STEPS = 12
WINDOWS_MAX = 2
OFFER_S = 30
"""How long a window may take to look through the browser's store."""
AT_REST = re.compile("venue|nowhere")
Cell = tuple[str, str]

SHOWN = """() => {
  const saved = document.querySelector('[data-testid=saved]');
  const value = (one) => [[one.dataset.bidder, one.dataset.criterion], one.value];
  return {
    where: saved === null ? '' : saved.dataset.safety,
    cells: [...document.querySelectorAll('input[data-bidder]')].map(value),
    unsent: document.querySelector('[data-testid=unsent]') !== null,
  };
}"""


class Told(Struct):
    """What is known of one cell: what it was shown as saved with last, and what was typed since."""

    saved: str = ""
    since: list[str] = []

    def may_be(self, value: str) -> bool:
        """Whether a value would be no loss."""
        return value == self.saved or value in self.since


class Window(Struct):
    """A tab, its line, and what was typed in it and not yet shown as saved."""

    page: Page
    line: Cuttable
    typed: dict[Cell, str] = {}


class Trial:
    """One seat at its sheet, before a machine on which anything may happen."""

    def __init__(self, here: House, machine: Machine) -> None:
        self.here = here
        self.machine = machine
        self.cells = {cell: Told() for cell in CELLS}
        self.windows: list[Window] = []
        self.story: list[str] = []
        self._dice = random.Random(0)

    async def run(self, seed: int) -> list[str]:
        """One story; the cells it lost."""
        self._dice = random.Random(seed)
        self.story = []
        if not self.windows:
            await self._open()
        for _ in range(STEPS):
            await self._step()
            await self._note_saved()
        return await self._judge()

    async def _step(self) -> None:
        window, roll = self._dice.choice(self.windows), self._dice.random()
        if roll < 0.55:
            for _ in range(self._dice.randrange(1, 4)):
                await self._type(window)
        elif roll < 0.65:
            await self._wait(self._dice.choice([0.05, 0.3, 0.6]))
        elif roll < 0.73:
            await self._reload(window)
        elif roll < 0.80:
            await self._cut(window)
        elif roll < 0.85:
            await self._crash()
        elif roll < 0.90:
            await self._kill_node()
        elif roll < 0.95 and len(self.windows) < WINDOWS_MAX:
            await self._open()
        elif len(self.windows) > 1 and roll < 0.97:
            self._tell("close", window)
            self.windows.remove(window)
            await window.page.close()
        else:
            await self._take_over(window)

    async def _type(self, window: Window) -> None:
        cell, points = self._dice.choice(CELLS), self._dice.choice(POINTS)
        field = window.page.locator(f"input[data-bidder={cell[0]}][data-criterion={cell[1]}]")
        if not await field.count() or not await field.is_editable():
            return
        if await field.input_value() == points:
            return
        self._tell(f"type {cell} {points!r}", window)
        self.cells[cell].since.append(points)
        window.typed[cell] = points
        with contextlib.suppress(Error):  # the pen may be gone in this moment: then nothing was typed
            await field.fill(points, timeout=1_000)

    async def _wait(self, seconds: float) -> None:
        self._tell(f"wait {seconds}")
        await asyncio.sleep(seconds)

    async def _open(self) -> None:
        await self.here.stack.wait_ready(NODE)
        window = Window(await self.machine.page(), Cuttable(), {})
        self._tell("open", window)
        await window.page.route_web_socket(lambda _: True, window.line.pass_on)
        await window.page.goto(self.here.installation.node(NODE).url + "expert/")
        self.windows.append(window)
        await self._at_sheet(window)

    async def _at_sheet(self, window: Window) -> None:
        await expect(window.page.get_by_test_id("grid")).to_be_visible(timeout=2 * WAIT_MS)

    async def _reload(self, window: Window) -> None:
        self._tell("reload", window)
        await self.here.stack.wait_ready(NODE)
        window.line.cut = False
        window.typed.clear()
        await window.page.reload()
        await self._at_sheet(window)

    async def _cut(self, window: Window) -> None:
        if window.line.cut:
            self._tell("line back", window)
            window.line.cut = False
        else:
            self._tell("line cut", window)
            await window.line.cut_now()

    async def _crash(self) -> None:
        self._tell("browser killed")
        self.windows.clear()
        await self.machine.kill()
        await self.machine.start()
        await self._open()

    async def _kill_node(self) -> None:
        self._tell("node killed")
        with contextlib.suppress(ProcessLookupError):  # it is dead already, and about to be started again
            os.kill(self.here.stack.pid(NODE), signal.SIGKILL)
        if self._dice.random() < 0.5:
            await self.here.stack.wait_ready(NODE)

    async def _take_over(self, window: Window) -> None:
        button = window.page.get_by_role("button", name="在此窗口接管")
        if await button.count():
            self._tell("take over", window)
            with contextlib.suppress(Error):
                await button.click(timeout=2_000)

    async def _note_saved(self) -> None:
        for window in self.windows:
            shown = await self._shown(window)
            if shown["where"] not in ("venue", "browser"):
                continue
            for cell, points in list(window.typed.items()):
                if shown["cells"].get(cell) == points:
                    told = self.cells[cell]
                    if points in told.since:
                        at = len(told.since) - 1 - told.since[::-1].index(points)
                        told.saved, told.since = points, told.since[at + 1 :]
                    del window.typed[cell]

    async def _found(self, window: Window) -> dict[str, Any]:
        """What a window shows, once it has looked whether others left something that the sheet lacks."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OFFER_S):
                while not (shown := await self._shown(window))["unsent"]:
                    if all(told.may_be(shown["cells"].get(cell, "")) for cell, told in self.cells.items()):
                        return shown
                    await asyncio.sleep(0.05)
        return await self._shown(window)

    async def _shown(self, window: Window) -> dict[str, Any]:
        found: dict[str, Any] = await window.page.evaluate(SHOWN)
        found["cells"] = {tuple(cell): value for cell, value in found["cells"]}
        return found

    async def _judge(self) -> list[str]:
        """All well again, one window, this one writing: what it shows and what it offers."""
        self._tell("judged")
        await self.here.stack.wait_ready(NODE)
        last = self.windows[-1]
        for window in self.windows[:-1]:
            await window.page.close()
        self.windows = [last]
        await self._reload(last)
        saved = last.page.get_by_test_id("saved")
        await expect(saved).not_to_have_attribute("data-safety", "saving", timeout=WAIT_MS)
        if await saved.get_attribute("data-safety") == "reading":
            await last.page.get_by_role("button", name="在此窗口接管").click()
        await expect(saved).to_have_attribute("data-safety", AT_REST, timeout=WAIT_MS)
        before = await self._found(last)
        after = before
        enter = last.page.get_by_test_id("unsent").get_by_role("button", name="并入评分表")
        if await enter.count():
            await enter.click()
            await expect(last.page.get_by_test_id("unsent")).to_have_count(0)
            await expect(saved).to_have_attribute("data-safety", AT_REST, timeout=WAIT_MS)
            after = await self._shown(last)
        lost = []
        for cell, told in self.cells.items():
            there, offered = before["cells"].get(cell, ""), after["cells"].get(cell, "")
            if not (told.may_be(there) or told.may_be(offered)):
                lost.append(
                    f"{cell}: saved {told.saved!r}, then {told.since}; there {there!r}, offered {offered!r}"
                )
            self.cells[cell] = Told(offered, [])
        return lost

    def _tell(self, what: str, window: Window | None = None) -> None:
        which = (
            "" if window is None or window not in self.windows else f" in window {self.windows.index(window)}"
        )
        self.story.append(f"{what}{which}")


@contextlib.asynccontextmanager
async def trial(data: Path) -> AsyncIterator[Trial]:
    """A house with a session at its score sheets, and an expert's machine before one of them."""
    async with house(data / "house") as here, async_playwright() as playwright:
        agent = AgentPage(await here.page("hefei", "agent/"))
        await agent.enrol(here.enrolment_code)
        await agent.choose(SAMPLE)
        await agent.book(SESSION)
        for act in ("ImportCommittee", "ImportOpening"):
            await agent.do(act)
        await agent.draw("98")
        await agent.do("OpenCheckIn")
        codes = await agent.issue_codes("M1", "M2", "M3", "M4", SEAT)

        async def code_of(seat: str) -> str:
            return codes[seat]

        machine = Machine(playwright, data / "profile")
        await machine.start()
        played = [asyncio.create_task(here.play(SESSION, seat, code_of)) for seat in ("M1", "M2", "M3", "M4")]
        try:
            page = await machine.page()
            await page.goto(here.installation.node(NODE).url + "expert/")
            expert = ExpertPage(page)
            await expert.sign_in(SESSION, SEAT, codes[SEAT])
            await expert.check_in()
            for act in ("LockRoster", "BeginPreliminary", "ImportPreliminary"):
                await agent.do(act)
            await expect(page.get_by_test_id("grid")).to_be_visible()
            await agent.page.close()
            await page.close()
            yield Trial(here, machine)
        finally:
            for one in played:
                one.cancel()
            await asyncio.gather(*played, return_exceptions=True)
            await machine.kill()


async def _tell_all(seeds: range) -> int:
    """Tell the stories one after another; a story that breaks off is no loss yet, and none is passed over."""
    left, lost, broken = list(seeds), 0, 0
    begun = time.monotonic()
    while left:
        with tempfile.TemporaryDirectory(prefix="survival-", ignore_cleanup_errors=True) as folder:
            async with trial(Path(folder)) as found:
                while left:
                    seed = left.pop(0)
                    at = time.monotonic()
                    try:
                        wrong = await found.run(seed)
                    except (Error, AssertionError, TimeoutError) as fault:
                        broken += 1
                        print(f"seed {seed} broke off:", repr(fault), *found.story, sep="\n  ", flush=True)
                        break
                    print(f"{seed}: {'lost' if wrong else 'kept'}, {time.monotonic() - at:.1f} s", flush=True)
                    if wrong:
                        lost += 1
                        print(f"seed {seed} lost:", *wrong, "story:", *found.story, sep="\n  ", flush=True)
    told = f"{len(seeds)} stories from seed {seeds.start}: {lost} lost a cell, {broken} broke off"
    print(f"{told}, {time.monotonic() - begun:.0f} s", flush=True)
    return 1 if lost or broken else 0


async def _main(seeds: range) -> int:
    """The stories, ended in good order by Ctrl-C and SIGTERM: no browser stays behind."""
    stop = asyncio.Event()
    with stopping.stop_signals(stop.set):
        outcome = await stopping.until_stopped(_tell_all(seeds), stop)
    return 130 if outcome is None else outcome


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=300)
    arguments.add_argument("--from", dest="first", type=int, default=0)
    asked = arguments.parse_args()
    sys.exit(asyncio.run(_main(range(asked.first, asked.first + asked.seeds))))
