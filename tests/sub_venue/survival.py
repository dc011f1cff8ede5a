"""One seed of a draft's troubles: an expert types, tabs reload and crash, lines are cut, the node is killed.

The browser's side is the real page's drafting in `browser.mjs`, the venue's the real `Drafts` and `Pens` on a
real disk; between them stands this world, which loses, delays and repeats as a line does. Whatever a cell was
once shown as saved with, in the browser or at the venue, must be found again at the end: in the venue's draft
or among the cells that a window offers to enter.
"""

import contextlib
import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from protocol.refusals import Refusal, refuse
from protocol.wire import Draft, PenWanted, Refused
from protocol.words import Stage
from sub_venue.journal.disk import Disk
from sub_venue.keys import SeatKeys
from sub_venue.seats.drafts import Drafts
from sub_venue.seats.pens import Pens
from sub_venue.seats.screens import Seated
from sub_venue.senses import Senses
from tests.house import ground

SESSION, SEAT, STAGE = "S", "M5", Stage("01", "1", 1)
WHO = {"session": SESSION, "seat": SEAT}
SEATED = Seated(SESSION, SEAT, "expert", "ed25519:key")
BIDDERS, ITEMS = ("b1", "b2"), ("A1", "A2", "A3")
STEPS = 45
WINDOWS_MAX = 3
PEN_KEPT_MS = 15_000
ENTRY = "sub_venue/web/expert/tests/survival/browser.mjs"
Cell = tuple[str, str]


def bundle(folder: Path) -> Path:
    """The page's drafting as one program for Node.js; its entry."""
    tool = ground.ROOT / "node_modules/.bin/rolldown"
    subprocess.run(
        [
            tool, ENTRY, "--platform", "browser", "--external", "/^node:/", "--format", "esm",
            "--dir", folder, "--entryFileNames", "[name].mjs", "--chunkFileNames", "[name]-[hash].mjs",
        ],
        cwd=ground.ROOT, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder / "browser.mjs"


class Browser:
    """The program, spoken to a line at a time."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.asks: list[dict[str, Any]] = []
        self.windows: dict[str, dict[str, Any]] = {}
        self.now_ms = 0

    def do(self, what: str, **told: Any) -> None:
        """One command; what the windows then show and ask is kept."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **told}) + "\n")
        text = self._process.stdout.readline()
        assert text, f"the browser's program ended at {what}"
        answer = json.loads(text)
        self.asks += answer["asks"]
        self.windows = answer["windows"]
        self.now_ms = answer["now"]

    def close(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextlib.contextmanager
def browser(program: Path) -> Iterator[Browser]:
    """The program, ended whatever happens."""
    found = Browser(program)
    try:
        yield found
    finally:
        found.close()


class Told(Struct):
    """What is known of one cell: what was shown as saved last, and what was typed since."""

    saved: int | None
    since: list[int | None]

    def may_be(self, value: int | None) -> bool:
        """Whether a value would be no loss."""
        return value == self.saved or value in self.since


class World:
    """One run: a browser with windows, a node, and a line between them that misbehaves."""

    def __init__(self, seed: int, page: Browser, folder: Path) -> None:
        self.dice = random.Random(seed)
        self.page = page
        self.cells: dict[Cell, Told] = {(b, i): Told(None, []) for b in BIDDERS for i in ITEMS}
        self.story: list[str] = []
        self._folder = folder
        self._disk = Disk(1_000_000)
        self._opened = 0
        self._pairs: dict[str, int] = {}
        """Which connection of a window is the present one."""
        self._losing: dict[str, dict[Cell, int | None]] = {}
        self._start_node()

    def _start_node(self) -> None:
        keys = SeatKeys(self._folder / "seats", Senses())
        self.drafts = Drafts(self._folder / "drafts", self._disk, keys, Senses())
        clock = lambda: self.page.now_ms  # noqa: E731 - the world's only clock
        self.pens = Pens(PEN_KEPT_MS, clock, clock)
        self.pens.listen(lambda _seated: self._tell_pens())

    # --- the run ----------------------------------------------------------------------------------

    async def run(self) -> list[str]:
        """The seed's whole story; what was lost, cell by cell."""
        self.page.asks.clear()
        self._do("forget")
        await self._open({})
        for _ in range(STEPS):
            await self._step()
            await self._deliver(self.dice.random() < 0.2)
            self._note_saved()
        return await self._heal()

    async def _step(self) -> None:
        names = list(self.page.windows)
        roll = self.dice.random()
        window = self.dice.choice(names) if names else ""
        if not names:
            await self._open({})
        elif roll < 0.45:
            self._type(window)
        elif roll < 0.63:
            self._do("wait", ms=self.dice.choice([3, 40, 260, 700, 3_100, 4_200, 16_000]))
        elif roll < 0.71:
            await self._line(window, up=not self.page.windows[window]["connected"])
        elif roll < 0.76:
            await self._reload(window)
        elif roll < 0.80:
            await self._crash()
        elif roll < 0.85:
            await self._kill_node()
        elif roll < 0.89 and len(names) < WINDOWS_MAX:
            # A duplicated tab has its original's name.
            await self._open(self.page.windows[window]["session"] if self.dice.random() < 0.3 else {})
        elif roll < 0.92:
            await self._close(window)
        elif roll < 0.96:
            self._do("takeover", window=window)
        elif roll < 0.98:
            self._enter(window)
        else:
            self._do("slow", ms=self.dice.choice([1, 1, 5, 30]))

    def _type(self, window: str) -> None:
        shown = self.page.windows[window]
        if not shown["ready"] or shown["reading"]:
            return
        bidder, item = self.dice.choice(BIDDERS), self.dice.choice(ITEMS)
        centi = None if self.dice.random() < 0.1 else self.dice.randrange(0, 800, 25)
        if shown["scores"].get(bidder, {}).get(item) == centi:
            return
        self.cells[bidder, item].since.append(centi)
        self._losing.setdefault(window, {})[bidder, item] = centi
        self._do("type", window=window, bidder=bidder, criterion=item, centi=centi)

    def _enter(self, window: str) -> None:
        shown = self.page.windows[window]
        if shown["reading"] or not shown["ready"]:
            return
        for one in shown["unsent"]:
            cell = (one["bidder"], one["criterion"])
            self.cells[cell].since.append(one["centi"])
            self._losing.setdefault(window, {})[cell] = one["centi"]
        self._do("enter", window=window)

    async def _open(self, session: dict[str, str]) -> None:
        self._opened += 1
        name = f"W{self._opened}"
        stage = {"lot": STAGE.lot, "envelope": STAGE.envelope, "round": STAGE.round}
        # A page appears once its line follows the record; now and then the line is lost in the meantime.
        up = self.dice.random() < 0.8
        self._do("open", window=name, who=WHO, stage=stage, session=session, up=up)
        if not up:
            await self._line(name, up=True)

    async def _line(self, window: str, *, up: bool) -> None:
        if up:
            self._pairs[window] = self._pairs.get(window, 0) + 1
        else:
            await self._lose(window)
            self.pens.left(self._sid(window))
        self._do("line", window=window, up=up)

    async def _reload(self, window: str) -> None:
        session = self.page.windows[window]["session"]
        await self._gone(window)
        self._do("kill", window=window, commits=self.dice.randrange(3))
        await self._open(session)

    async def _crash(self) -> None:
        """The browser's process is killed: every window at once, and no tab remembers its name."""
        for window in list(self.page.windows):
            await self._gone(window)
            self._do("kill", window=window, commits=self.dice.randrange(3))
        await self._open({})

    async def _close(self, window: str) -> None:
        self._do("close", window=window)
        await self._gone(window)

    async def _gone(self, window: str) -> None:
        await self._lose(window)
        self.pens.left(self._sid(window))
        self._losing.pop(window, None)

    async def _kill_node(self) -> None:
        for window in self.page.windows:
            await self._lose(window)
        self.story.append("node killed")
        self._start_node()
        for window in list(self.page.windows):
            self._do("line", window=window, up=False)
        for window in list(self.page.windows):
            if self.dice.random() < 0.8:
                await self._line(window, up=True)

    # --- the line ----------------------------------------------------------------------------------

    async def _deliver(self, everything: bool) -> None:
        """Some of what is on its way arrives and is answered, in any order between windows."""
        while True:
            due = [one for one in self.page.asks if everything or self.dice.random() < 0.8]
            if not due:
                return
            for one in due:
                self.page.asks.remove(one)
                if one["window"] not in self.page.windows:
                    continue
                self._do("answer", window=one["window"], ask=one["ask"], **await self._answer(one))

    async def _lose(self, window: str) -> None:
        """The line is cut: what was on its way has reached the node, or never will; no answer comes back."""
        for one in [one for one in self.page.asks if one["window"] == window]:
            self.page.asks.remove(one)
            if self.dice.random() < 0.5:
                await self._answer(one)

    async def _answer(self, one: dict[str, Any]) -> dict[str, Any]:
        payload = json.dumps(one["payload"])
        found = await self._act(one["event"], self._sid(one["window"]), payload)
        if isinstance(found, Refusal):
            return {
                "refused": json.loads(msgspec.json.encode(Refused(found.code, "", "", dict(found.detail))))
            }
        return {"value": json.loads(msgspec.json.encode(found))}

    async def _act(self, event: str, sid: str, payload: str) -> Any:
        """As the node's desk does, for a seat that has proved its key."""
        if event == "pen":
            wanted = msgspec.json.decode(payload, type=PenWanted)
            if wanted.over and self.pens.is_held_by(SEATED, wanted.over):
                self.pens.take_over(SEATED, sid, wanted.window, wanted.over)
            return self.pens.claim(SEATED, sid, wanted.window)
        draft = msgspec.json.decode(payload, type=Draft)
        if event == "draft_get":
            return self.drafts.get(SESSION, SEAT, STAGE)
        if not self.pens.may_write(SEATED, sid):
            return refuse("ReadOnlyHere", seat=SEAT)
        return await self.drafts.put(draft)

    def _tell_pens(self) -> None:
        for window, shown in list(self.page.windows.items()):
            if shown["connected"]:
                pen = json.loads(msgspec.json.encode(self.pens.pen(SEATED, self._sid(window))))
                self._do("push", window=window, event="pen", payload=pen)

    def _sid(self, window: str) -> str:
        return f"{window}#{self._pairs.get(window, 0)}"

    def _do(self, what: str, **told: Any) -> None:
        self.story.append(f"{what} {told}")
        self.page.do(what, **told)
        self._note_saved()

    # --- the judge ---------------------------------------------------------------------------------

    def _note_saved(self) -> None:
        """A window says where its sheet is safe: then every cell it was typed in is saved as it shows."""
        for window, shown in self.page.windows.items():
            if shown["reading"] or shown["where"] not in ("venue", "browser"):
                continue
            for cell, centi in list(self._losing.get(window, {}).items()):
                if shown["scores"].get(cell[0], {}).get(cell[1]) == centi:
                    self._saved(cell, centi)
                    self._losing[window].pop(cell)

    def _saved(self, cell: Cell, centi: int | None) -> None:
        told = self.cells[cell]
        if centi in told.since:
            at = len(told.since) - 1 - told.since[::-1].index(centi)
            told.saved, told.since = centi, told.since[at + 1 :]

    async def _heal(self) -> list[str]:
        """Everything closed but the disk and the browser's store; one new window in the end."""
        self.story.append("--- heal")
        for window in list(self.page.windows):
            await self._gone(window)
            self._do("kill", window=window, commits=9)
        await self._open({})
        (window,) = self.page.windows
        for _ in range(8):
            await self._deliver(True)
            self._do("wait", ms=4_000)
        shown = self.page.windows[window]
        if not (shown["ready"] and shown["pen"] is True and shown["where"] in ("venue", "nowhere")):
            return [f"the last window does not come to rest: {shown}"]
        there = self.drafts.get(SESSION, SEAT, STAGE).scores
        offered = {(one["bidder"], one["criterion"]): one["centi"] for one in shown["unsent"]}
        lost = []
        for cell, told in self.cells.items():
            kept = there.get(cell[0], {}).get(cell[1])
            if not (told.may_be(kept) or (cell in offered and told.may_be(offered[cell]))):
                lost.append(f"{cell}: saved {told.saved}, then typed {told.since}; the venue has {kept}, "
                            f"offered {offered.get(cell, '-')}")  # fmt: skip
        return lost

    async def close(self) -> None:
        """Let go of the disk."""
        await self._disk.close()
