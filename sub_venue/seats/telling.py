"""Telling: every page that follows is told of news, in one pass over those that have any.

Pages of one seat at the same line get the same frame; pages of one role the same lines, encoded once
(`screens`). A frame is written without waiting for its page. One that cannot take it now (its page does not
read, or is owed an answer first) is told the newest once it can, or loses its socket and comes back with its
cursor (SPEC 10.1). Must not know Socket.IO.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from protocol.refusals import Refusal
from sub_venue.config import Bounds
from sub_venue.seats.desk import Desk
from sub_venue.seats.engine import Standing
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Framed, Screens, Seated

_BREATH = 32
"""So many pages are told before other work has its turn."""

_log = structlog.get_logger("sub_venue.seats")


_Alike = dict[tuple[Seated, int], Framed | Refusal]
"""What pages of a seat at a line are told, as long as nothing can have grown."""


class Outlet(Protocol):
    """What telling needs of a page's socket."""

    def standing(self) -> Standing:
        """How the socket stands now."""

    def write(self, frame: bytes) -> None:
        """Write a whole frame, in order, without waiting."""


class _Reader:
    """A page, where its frames go, and since when its socket is full (ms), if it is."""

    def __init__(self, page: Page, outlet: Outlet) -> None:
        self.page = page
        self.outlet = outlet
        self.full_ms: int | None = None


class Telling:
    """The pages that follow, and who of them is owed news."""

    def __init__(
        self, desk: Desk, screens: Screens, bounds: Bounds, running_ms: Callable[[], int],
        unseated: Callable[[Page], None],
    ) -> None:  # fmt: skip
        """Tell nobody yet; `unseated` is called for a page that speaks for nobody any more."""
        self._desk = desk
        self._screens = screens
        self._bounds = bounds
        self._running_ms = running_ms
        self._unseated = unseated
        self._readers: dict[str, _Reader] = {}
        self._owed: dict[str, _Reader] = {}
        self._waiting: dict[str, _Reader] = {}
        self._look_ms = 0
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def enter(self, page: Page, outlet: Outlet) -> None:
        """A page is connected."""
        self._readers[page.sid] = _Reader(page, outlet)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="telling")

    def leave(self, sid: str) -> None:
        """A page is gone."""
        for held in (self._readers, self._owed, self._waiting):
            held.pop(sid, None)

    def stir(self, sid: str) -> None:
        """There is something to tell a page."""
        found = self._readers.get(sid)
        if found is not None:
            self._waiting.pop(sid, None)
            self._owed[sid] = found
            self._stirred.set()

    def free(self, sid: str) -> None:
        """A page's answers have been sent: what waited for them may be told."""
        if sid in self._waiting:
            self.stir(sid)

    def grown(self, session: str) -> None:
        """A session's copy has grown."""
        for reader in self._readers.values():
            seated = reader.page.seated
            if seated is not None and seated.session == session:
                self._owed[reader.page.sid] = reader
        self._stirred.set()

    async def stop(self) -> None:
        """Tell nobody any more."""
        self._readers.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            if self._waiting and self._running_ms() >= self._look_ms:
                self._look_ms = self._running_ms() + self._bounds.laggard_look_ms
                self._owed.update(self._waiting)
            while self._owed:
                owed = tuple(self._owed.values())
                for start in range(0, len(owed), _BREATH):
                    self._tell_some(owed[start : start + _BREATH])
                    await asyncio.sleep(0)
            self._stirred.clear()
            if not self._waiting:
                await self._stirred.wait()
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0, self._look_ms - self._running_ms()) / 1000):
                    await self._stirred.wait()

    def _tell_some(self, readers: Sequence[_Reader]) -> None:
        """Tell some pages in one breath; nothing grows meanwhile, so what stands alike is asked for once."""
        alike: _Alike = {}
        for reader in readers:
            if self._owed.pop(reader.page.sid, None) is None:
                continue
            try:
                self._tell(reader, alike)
            except Exception:  # noqa: BLE001 - one page's news must not keep those of all others
                _log.exception("a page cannot be told", sid=reader.page.sid)

    def _tell(self, reader: _Reader, alike: _Alike) -> None:
        """Tell a page what is new, as much as one message holds, if its socket takes it now."""
        page = reader.page
        self._waiting.pop(page.sid, None)
        if page.sid not in self._readers:
            return
        seated = self._desk.standing(page)
        if page.unseated is not None:
            self._unseated(page)
        if seated is None or not page.follows or not self._stands_free(reader):
            return
        news = alike.get((seated, page.cursor))
        if news is None:
            news = alike[seated, page.cursor] = self._screens.framed(seated, page.cursor)
        if isinstance(news, Refusal):
            return
        reader.outlet.write(news.frame)
        page.cursor = news.cursor
        if news.cursor < news.size:
            self._owed[page.sid] = reader

    def _stands_free(self, reader: _Reader) -> bool:
        """Whether a page's socket takes a frame now; if not, it waits, but not for ever."""
        bounds, now = self._bounds, self._running_ms()
        sid = reader.page.sid
        standing = reader.outlet.standing()
        most = bounds.socket_unsent_bytes_max if reader.full_ms is None else bounds.socket_resumed_bytes_max
        if standing.ended:
            return False
        if standing.unsent_bytes > most:
            reader.full_ms = reader.full_ms or now
            if now - reader.full_ms > bounds.socket_stall_ms:
                _log.warning("a page does not read its news; closed", sid=sid)
                self.leave(sid)
                reader.page.cut()
                return False
            self._waiting[sid] = reader
            return False
        reader.full_ms = None
        if standing.answering:
            self._waiting[sid] = reader
            return False
        return True
