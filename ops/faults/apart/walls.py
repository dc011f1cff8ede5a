"""A supervisor's wall in a real Chromium, two seats in another, and bad lines between their places.

What the wall shows is told by the browser itself (first frame, `freezeCount`, `totalFreezesDuration`, sound
that had to be made up) and by when each picture came onto the page. Signed acts go the same lines meanwhile.
Source: SPEC 30.5; W3C webrtc-stats for what a freeze is.
"""

import asyncio
import contextlib
import importlib.util
import itertools
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final, Self

from msgspec import Struct

from ops import senses
from ops.bench.rounds import quantile
from ops.faults.apart import browsers, rig, within
from ops.faults.apart.lines import Control, acting
from ops.faults.apart.link import Fate
from ops.faults.apart.rig import SEATS, SESSION, WATCHER, Rig
from ops.faults.found import Found
from ops.stack import PROJECT
from ops.trouble import Trouble

FIRST_MS_MAX: Final = 1_000
"""The first picture of each tile on a calm line."""
FROZEN_SHARE_MAX: Final = 0.02
"""How much of a stretch at 2 % of loss may be frozen; a machine that is busy freezes a browser too."""
FPS: Final = 15
PICTURES_MIN: Final = 0.8
SOUND_MIN: Final = 0.97
"""The share of sound that came, and had not to be made up."""
BACK_MS_MAX: Final = 3_000
"""Pictures are back within so long after a cut, and after a network has become another one."""
LOUD_MIN: Final = 60
START_S: Final = 60.0
WAIT_S: Final = 40.0
SHORT_S, LONG_S = 8, 20
_CALM: Final = Fate()
TWO: Final = ("loss_2", Fate(loss=0.02))
MATRIX: Final = (
    ("calm", _CALM),
    ("loss_1", Fate(loss=0.01)),
    TWO,
    ("loss_5", Fate(loss=0.05)),
    ("loss_10", Fate(loss=0.1)),
    ("delay_80", Fate(delay_ms=80, jitter_ms=20)),
)


class Told(Struct, frozen=True):
    """What pages said at a moment, by source."""

    at_ms: int
    by_source: dict[str, Any]


class Browsers:
    """A process of `browsers`, and what it said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read what it says."""
        self._process = process
        self.told: list[Told] = []
        self.seen_ms: dict[str, list[int]] = {}
        """By source: when each picture came onto the page."""
        self.is_ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, placed: Rig, what: str) -> Self:
        """Seats in the venue's place (`publish`), or the wall in the far one (`wall`), once it is open.

        Raises:
          OSError: the browser does not come up.
        """
        place, worker = ("venue", "venue") if what == "publish" else ("far", "house")
        secret = rig.secret("{seat}") if what == "publish" else rig.secret(WATCHER)
        process = await asyncio.create_subprocess_exec(
            *within.command(placed.places[place].path), "ops.faults.apart.browsers",
            what, placed.url(worker), SESSION, secret, *SEATS, limit=1 << 20,
            cwd=PROJECT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        made = cls(process)
        ready = asyncio.create_task(made.is_ready.wait())
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait((ready, ended), timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
            if not made.is_ready.is_set():
                raise OSError(f"Chromium does not come up in {place}")
        except BaseException:
            await made.close()
            raise
        finally:
            ready.cancel()
            ended.cancel()
        return made

    async def close(self) -> None:
        """End it; with Playwright its Chromium goes."""
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        await self._process.wait()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def until(self, condition: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait until something is so of what was told last.

        Raises:
          AssertionError: it is not in time; the text says what.
          OSError: the browser tells nothing any more.
        """
        until_ms = senses.running_ms() + int(WAIT_S * 1000)
        while not self.told or not condition(self.told[-1].by_source):
            if self._reading.done():
                raise OSError("the browser tells nothing any more") from self._reading.exception()
            if senses.running_ms() > until_ms:
                raise AssertionError(f"not in time: {what}")
            await asyncio.sleep(0.05)

    async def back(self, since_ms: int) -> int:
        """How long after a moment every tile shows a picture again, ms.

        Raises:
          AssertionError: one never does.
        """

        def all_back(_: Any) -> bool:
            return all(any(at > since_ms for at in self.seen_ms.get(one, ())[-64:]) for one in SOURCES)

        await self.until(all_back, "every tile shows a picture again")
        return max(next(at for at in self.seen_ms[one] if at > since_ms) for one in SOURCES) - since_ms

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if told["told"] == browsers.READY:
                self.is_ready.set()
                continue
            for source, one in told["told"].items():
                self.seen_ms.setdefault(source, []).extend(one.get("seen", ()))
            self.told.append(Told(told["at"], told["told"]))


SOURCES: Final = tuple(f"camera.{seat}" for seat in SEATS)


class Stretch(Struct, frozen=True):
    """What the worse of the tiles showed between two moments."""

    fps: float
    freezes: int
    frozen_ms: int
    gap_max_ms: int
    sound: float
    loud: int
    width: int


def look(wall: Browsers, since_ms: int, until_ms: int) -> Stretch:
    """What the wall showed in a stretch of time in which no line was offered anew."""
    told = [one.by_source for one in wall.told if since_ms <= one.at_ms <= until_ms]
    each = [_tile(wall, source, told, since_ms, until_ms) for source in SOURCES]
    return Stretch(
        fps=min(one.fps for one in each), freezes=max(one.freezes for one in each),
        frozen_ms=max(one.frozen_ms for one in each), gap_max_ms=max(one.gap_max_ms for one in each),
        sound=min(one.sound for one in each), loud=min(one.loud for one in each),
        width=min(one.width for one in each),
    )  # fmt: skip


def _tile(wall: Browsers, source: str, told: list[Any], since_ms: int, until_ms: int) -> Stretch:
    first, last = told[0][source], told[-1][source]
    inside = [at for at in wall.seen_ms[source] if since_ms <= at < until_ms]
    gaps = [after - before for before, after in itertools.pairwise([since_ms, *inside, until_ms])]

    def grown(kind: str, name: str) -> int:
        return int(last.get(kind, {}).get(name, 0) - first.get(kind, {}).get(name, 0))

    samples = grown("audio", "samples")
    return Stretch(
        fps=round(len(inside) * 1000 / (until_ms - since_ms), 2),
        freezes=grown("video", "freezes"),
        frozen_ms=grown("video", "frozen_ms"),
        gap_max_ms=max(gaps),
        sound=round(1 - grown("audio", "concealed") / samples, 3) if samples > 0 else 0.0,
        loud=max(one[source]["loud"] for one in told),
        width=int(last["width"]),
    )


async def shown(data: Path, for_ms: int, found: Found) -> None:
    """Everything one after the other; `for_ms` is how long the lines are cut, 0 leaves all but 2 % out."""
    is_short = for_ms == 0
    seconds = SHORT_S if is_short else LONG_S
    fates = (TWO,) if is_short else MATRIX
    found.injected = f"lines between places of real browsers: {', '.join(name for name, _ in fates)}" + (
        "" if is_short else f", cut for {for_ms} ms, another address for the wall and for the venue"
    )
    found.headings = ("line", "fps", "freezes", "frozen ms", "gap ms", "sound", "width", "act p50", "act max")
    _ready()
    async with rig.stand(data / "walls") as placed, _browsers(placed, found) as (_, wall):
        async with acting(placed, data) as control:
            for name, fate in fates:
                await placed.fate(fate)
                await _stretch(name, wall, control, seconds, found)
            if not is_short:
                await _cut(placed, wall, control, for_ms, found)
            faults, doubles = await control.order()
            found.expect(not faults, "; ".join(("no act is missing or out of order", *faults)))
            found.expect(doubles == 0, "no act comes twice")
        if not is_short:
            for name in ("far", "venue"):
                await _elsewhere(placed, name, wall, found)


def _ready() -> None:
    missing = [str(one) for one in (browsers.CHROMIUM, browsers.BUNDLER) if not one.exists()]
    if importlib.util.find_spec(browsers.PLAYWRIGHT.partition(".")[0]) is None:
        missing.append("Playwright")
    if missing:
        told = "、".join(missing)
        raise Trouble(
            f"此故障使用真实的 Chromium:缺少 {told}。",
            f"This fault needs a real Chromium: there is no {told}.",
            2,
        )


@contextlib.asynccontextmanager
async def _browsers(placed: Rig, found: Found) -> AsyncIterator[tuple[Browsers, Browsers]]:
    """The seats' browser and the wall's, once every tile moves."""
    async with contextlib.AsyncExitStack() as stack:
        seats = await Browsers.open(placed, "publish")
        stack.push_async_callback(seats.close)
        await seats.until(_all(lambda one: one["state"] == "live"), "both seats send")
        await placed.until_live("house", SOURCES)
        wall = await Browsers.open(placed, "wall")
        stack.push_async_callback(wall.close)
        await wall.until(_all(lambda one: one["first"] >= 0), "every tile shows a picture")
        told = wall.told[-1].by_source
        found.figures["first_frame_ms"] = first_ms = round(max(one["first"] for one in told.values()))
        found.expect(first_ms <= FIRST_MS_MAX, f"each tile's first picture comes within {FIRST_MS_MAX} ms")
        yield seats, wall


def _all(condition: Callable[[Any], bool]) -> Callable[[dict[str, Any]], bool]:
    return lambda told: all(condition(one) for one in told.values())


async def _stretch(name: str, wall: Browsers, control: Control, seconds: int, found: Found) -> None:
    since_ms = senses.running_ms()
    await control.pace(seconds)
    until_ms = senses.running_ms()
    await wall.until(lambda _: wall.told[-1].at_ms >= until_ms, "the wall goes on telling")
    seen = look(wall, since_ms, until_ms)
    _row(found, name, seen, control)
    found.expect(seen.width > 0 and seen.loud >= LOUD_MIN, f"{name}: both are seen and heard")
    if name == "loss_10":
        return
    found.expect(seen.fps >= FPS * PICTURES_MIN, f"{name}: nearly every picture is seen")
    found.expect(seen.sound >= SOUND_MIN, f"{name}: the sound is what was said")
    if name in ("calm", "loss_1", "loss_2"):
        limit_ms = int((until_ms - since_ms) * FROZEN_SHARE_MAX)
        found.figures[f"{name}_frozen_max_ms"] = limit_ms
        found.expect(seen.frozen_ms <= limit_ms, f"{name}: no freeze ({limit_ms} ms at most)")


def _row(found: Found, name: str, seen: Stretch, control: Control) -> None:
    told = (seen.fps, seen.freezes, seen.frozen_ms, seen.gap_max_ms, seen.sound, seen.width)
    acts = (round(quantile(control.seen_ms, 0.5), 1), round(max(control.seen_ms), 1))
    names = (
        "fps", "freezes", "frozen_ms", "gap_max_ms", "sound_share", "width_px", "act_p50_ms", "act_max_ms",
    )  # fmt: skip
    found.figures |= {f"{name}_{what}": one for what, one in zip(names, (*told, *acts), strict=True)}
    found.rows.append((name, *(f"{one:g}" for one in (*told, *acts))))


async def _cut(placed: Rig, wall: Browsers, control: Control, for_ms: int, found: Found) -> None:
    await placed.fate(Fate(cut=True))
    await asyncio.sleep(for_ms / 1000)
    await placed.fate(_CALM)
    mended_ms = senses.running_ms()
    found.figures["cut_picture_back_ms"] = back_ms = await wall.back(mended_ms)
    await control.pace(1)
    found.figures["cut_control_back_ms"] = senses.running_ms() - mended_ms
    found.expect(back_ms <= BACK_MS_MAX, f"after the cut pictures are back within {BACK_MS_MAX} ms")


async def _elsewhere(placed: Rig, name: str, wall: Browsers, found: Found) -> None:
    """A place gets another address; nobody does anything about it."""
    changed_ms = placed.readdress(name)
    await asyncio.sleep(1)
    found.figures[f"{name}_address_picture_back_ms"] = back_ms = await wall.back(changed_ms + 500)
    # The offer alone is to be made within 3 s; a picture needs the offer, and a key frame.
    found.expect(back_ms <= 2 * BACK_MS_MAX, f"{name}: with another address pictures are back")
    await asyncio.sleep(1)
