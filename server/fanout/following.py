"""All who follow one session: those who stand alike move together, in one pass over their sockets.

Theory of operation. Followers are held by their cursor. When the session has grown, what is new at a cursor
is framed once and written to each socket there, without waiting for any; the cursor moves on with all who
took it. A socket that could not take it falls behind and is written to no more: it becomes a *laggard* with
a cursor of its own. Once its socket stands free again it is given what it lacks, read since its cursor,
until it stands where others stand and joins them. So every follower gets every `seq` in order, each once,
and nobody waits for another. One that begins to follow is a laggard too: it stands free when its answer has
been sent.

A laggard's socket is looked at now and then; one that stays full for too long is cut.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from msgspec import Struct

from server import telemetry
from server.config import Bounds
from server.fanout.follower import Cursor, Published, Reading, Source
from server.fanout.rooms import Occupant, Rooms
from server.store.contract import DamagedEntry, NotDurable

_AT_ONCE = 8
"""So many pieces a laggard is given in a row before the others have their turn."""
_BREATH = 32
"""So many laggards are looked at before other work has its turn."""

_log = telemetry.logger("server.fanout")


class Around(Struct, frozen=True):
    """What every session's followers share."""

    source: Source
    rooms: Rooms
    bounds: Bounds
    running_ms: Callable[[], int]


class _Laggard:
    """A follower that does not stand with others, and since when its socket is full (ms), if it is."""

    def __init__(self, occupant: Occupant, cursor: Cursor) -> None:
        self.occupant = occupant
        self.cursor = cursor
        self.full_ms: int | None = None


class Following:
    """The followers of one session."""

    def __init__(self, session: str, around: Around) -> None:
        """Begin with none."""
        self._session = session
        self._around = around
        self._reading = Reading(session, around.source, around.bounds.feed_bytes_max)
        self._together: dict[Cursor, dict[str, Occupant]] = {}
        self._laggards: dict[str, _Laggard] = {}
        self._has_grown = False
        self._freed: set[str] = set()
        self._look_ms = 0
        self._stirred = asyncio.Event()
        self._pushing: asyncio.Task[None] | None = None
        self._resuming: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._laggards) + sum(map(len, self._together.values()))

    def __contains__(self, sid: str) -> bool:
        return sid in self._laggards or any(sid in mine for mine in self._together.values())

    def cursors(self) -> Iterator[tuple[Occupant, int]]:
        """Who follows, and since when."""
        for cursor, mine in self._together.items():
            yield from ((occupant, cursor.since) for occupant in mine.values())
        yield from ((one.occupant, one.cursor.since) for one in self._laggards.values())

    @property
    def reading(self) -> Reading:
        """The session as its followers read it."""
        return self._reading

    def join(self, occupant: Occupant, cursor: Cursor) -> None:
        """Push to a socket from this cursor on, once it stands free; who was there begins anew."""
        self.leave(occupant.sid)
        self._laggards[occupant.sid] = _Laggard(occupant, cursor)
        self.free(occupant.sid)
        if self._resuming is None:
            self._resuming = self._start(self._resume(), "resume")

    def leave(self, sid: str) -> None:
        """The socket is gone."""
        self._laggards.pop(sid, None)
        self._freed.discard(sid)
        for cursor, mine in tuple(self._together.items()):
            if mine.pop(sid, None) is not None and not mine:
                del self._together[cursor]

    def grow(self) -> None:
        """The session may have grown."""
        self._has_grown = True
        if self._pushing is None and self._together:
            self._pushing = self._start(self._push(), "push")

    def free(self, sid: str) -> None:
        """A socket may stand free now."""
        if sid in self._laggards:
            self._freed.add(sid)
            self._stirred.set()

    async def close(self) -> None:
        """Push no more."""
        self._together.clear()
        self._laggards.clear()
        tasks = [task for task in (self._pushing, self._resuming) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- those who stand alike --------------------------------------------------------------------

    async def _push(self) -> None:
        """Push what is new, for as long as the session grows; several entries go in one frame."""
        try:
            while self._has_grown:
                self._has_grown = False
                moved = True
                while moved:
                    moved = await self._pass()
                    await asyncio.sleep(0)
        except (NotDurable, DamagedEntry) as error:
            # No cursor has moved: the next hint asks again.
            _log.error("cannot read for followers", session=self._session, error=repr(error))
        finally:
            self._pushing = None

    async def _pass(self) -> bool:
        """One step for every cursor, those furthest on first; whether anybody moved."""
        published = await self._around.source.published(self._session)
        if published is None:
            return False
        moved = False
        for cursor in sorted(self._together, key=lambda one: -one.since):
            piece = await self._reading.next(published, cursor)
            mine = None if piece is None else self._together.pop(cursor, None)
            if piece is None or mine is None:
                continue
            moved = True
            for occupant in self._around.rooms.push(mine.values(), piece.frame):
                del mine[occupant.sid]
                self._fall_behind(occupant, cursor)
            self._stand(mine, cursor.after(piece.feed))
        return moved

    def _stand(self, these: dict[str, Occupant], cursor: Cursor) -> None:
        """Stand here, together with whoever is here already."""
        if not these:
            return
        here = self._together.setdefault(cursor, these)
        if here is not these:
            here.update(these)

    def _fall_behind(self, occupant: Occupant, cursor: Cursor) -> None:
        self._laggards[occupant.sid] = _Laggard(occupant, cursor)
        self._stirred.set()
        if self._resuming is None:
            self._resuming = self._start(self._resume(), "resume")

    # --- those who do not -------------------------------------------------------------------------

    async def _resume(self) -> None:
        """Give laggards what they lack whenever their sockets stand free, until there are none."""
        running_ms, bounds = self._around.running_ms, self._around.bounds
        try:
            while self._laggards:
                if running_ms() >= self._look_ms:
                    self._freed.update(self._laggards)
                    self._look_ms = running_ms() + bounds.laggard_look_ms
                try:
                    await self._look()
                except (NotDurable, DamagedEntry) as error:
                    _log.error("cannot read for a laggard", session=self._session, error=repr(error))
                    await asyncio.sleep(bounds.store_retry_ms / 1000)
                if not self._freed:
                    self._stirred.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(max(0, self._look_ms - running_ms()) / 1000):
                            await self._stirred.wait()
        finally:
            self._resuming = None

    async def _look(self) -> None:
        """Look at the sockets that may stand free, and serve those that do."""
        bounds = self._around.bounds
        freed, self._freed = self._freed, set()
        for number, sid in enumerate(sorted(freed), 1):
            laggard = self._laggards.get(sid)
            if laggard is None:
                continue
            standing = laggard.occupant.outlet.standing()
            if standing.ended:
                self.leave(sid)
            elif standing.unsent_bytes > bounds.socket_resumed_bytes_max:
                self._wait_for(laggard)
            elif not standing.answering:
                laggard.full_ms = None
                await self._catch_up(laggard)
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    def _wait_for(self, laggard: _Laggard) -> None:
        """A laggard's socket is full: give it time, but not for ever."""
        now = self._around.running_ms()
        if laggard.full_ms is None:
            laggard.full_ms = now
        elif now - laggard.full_ms > self._around.bounds.push_wait_ms:
            self.leave(laggard.occupant.sid)
            self._around.rooms.cut(laggard.occupant)

    async def _catch_up(self, laggard: _Laggard) -> None:
        """Give a laggard what it lacks while its socket takes it; standing with others it joins them."""
        sid = laggard.occupant.sid
        for _ in range(_AT_ONCE):
            published = await self._around.source.published(self._session)
            piece = None if published is None else await self._reading.next(published, laggard.cursor)
            if self._laggards.get(sid) is not laggard:
                return
            if piece is None:
                del self._laggards[sid]
                self._stand({sid: laggard.occupant}, laggard.cursor)
                if self._is_behind(laggard.cursor):
                    self.grow()
                return
            if self._around.rooms.push((laggard.occupant,), piece.frame):
                return
            laggard.cursor = laggard.cursor.after(piece.feed)
        self._freed.add(sid)

    def _is_behind(self, cursor: Cursor) -> bool:
        published: Published | None = self._around.source.awake(self._session)
        return published is not None and cursor.since < published.state.size

    # --- tasks ------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"{what} {self._session}")
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("pushing stopped", session=self._session, error=repr(error), exc_info=error)
