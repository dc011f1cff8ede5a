"""The baton: pace, pause, single steps and breakpoints for everybody who is played.

Owns when a stand-in may go on; one after the other, so that each act can be seen. People at their pages are
never held up. Must not know acts beyond their names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ops import senses
from ops.landing import breakpoints
from ops.landing.breakpoints import Breakpoint
from ops.people.tempo import CORRECTION, DRAFT, Pace, Tempo

PACE_MS: Final[dict[Pace, int]] = {"hand": 0, "slow": 4_000, "brisk": 1_000, "fast": 0}
"""Between two acts of anybody; by hand each waits to be told."""
VOICES: Final = frozenset({"DelegateSeatKey", "ConfirmSeatKey"})
"""Whose seat it is, said once: no part of the play, and whoever sat down just now waits for it."""
DRAFT_PART: Final = 4
"""A line of a draft takes this part of an act's pace."""


class Baton(Tempo):
    """Who is asked before every act; stands still until `go`."""

    def __init__(
        self,
        far: str,
        changed: Callable[[], None],
        reached: Callable[[Breakpoint], Awaitable[None]],
    ) -> None:
        """Hold everybody up at first.

        Args:
          far: the member at whose sealing the breakpoint of a cut line stands.
          changed: hears whenever somebody waits, goes on, or the play stands still.
          reached: does what a breakpoint has done by itself, before the play is said to stand there.
        """
        self.pace: Pace = "brisk"
        self.paused = True
        self.here: Breakpoint | None = None
        self.here_seat = ""
        self.armed: set[str] = {one.id for one in breakpoints.ALL if one.armed}
        self.passed: set[str] = set()
        self.waiting: list[tuple[str, str]] = []
        self._far = far
        self._changed = changed
        self._reached = reached
        self._turn = asyncio.Lock()
        self._stir = asyncio.Event()
        self._steps = 0
        self._last_ms = 0

    def go(self) -> None:
        """Go on; by hand, one step."""
        self.paused, self.here, self.here_seat = False, None, ""
        self._steps = 1
        self._tell()

    def pause(self) -> None:
        """Stand still before the next act."""
        self.paused = True
        self._tell()

    def set_pace(self, pace: Pace) -> None:
        """Change the pace; whoever waits for the old one goes by the new."""
        self.pace = pace
        self._steps = 0
        self._tell()

    def arm(self, point: str, *, on: bool) -> None:
        """Stand still at a breakpoint, or pass it by."""
        (self.armed.add if on else self.armed.discard)(point)
        self._tell()

    async def before(self, seat: str, what: str) -> None:
        """See `Tempo.before`; one at a time, but who gives a seat its voice is never held up."""
        if what in VOICES:
            return
        asked = (seat, what)
        self.waiting.append(asked)
        self._changed()
        try:
            async with self._turn:
                await self._may(seat, what)
        finally:
            self.waiting.remove(asked)
            self._changed()

    async def _may(self, seat: str, what: str) -> None:
        while True:
            point = breakpoints.at(what, seat, self._far)
            if point is not None and point.id in self.armed and point.id not in self.passed:
                self.passed.add(point.id)
                self.paused, self.here, self.here_seat = True, point, seat
                await self._reached(point)
                self._changed()
            wait_ms = self._wait_ms(what)
            if wait_ms == 0:
                break
            self._stir.clear()
            try:
                async with asyncio.timeout(None if wait_ms is None else wait_ms / 1000):
                    await self._stir.wait()
            except TimeoutError:
                continue
        self._steps = max(0, self._steps - 1)
        self._last_ms = senses.running_ms()

    def _wait_ms(self, what: str) -> int | None:
        """How long this one waits still; None until something changes, 0 not at all."""
        if self.paused or (self.pace == "hand" and not self._steps):
            return None
        pace = PACE_MS[self.pace]
        if what in (DRAFT, CORRECTION):
            pace //= DRAFT_PART
        return max(0, self._last_ms + pace - senses.running_ms())

    def _tell(self) -> None:
        self._stir.set()
        self._changed()
