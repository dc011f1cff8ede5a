"""The one that appends to PostgreSQL: takes whatever waits and makes it durable in one transaction.

Group commit as in `writer`, on the event loop. Nobody is answered before the server has said that the
commit is on its disk (`synchronous_commit`), and on a synchronous standby's where there is one. When the
line is lost in between, nobody knows what was written: all of the group are told `NotDurable`, and what
they read when they look again is what counts. Nothing is ever cancelled over there: PostgreSQL answers a
cancelled wait for a standby as if it had been granted, so a late answer is not awaited and not asked for.
"""

import asyncio
import collections
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from msgspec import Struct

from server import telemetry
from server.store import postgres_append
from server.store.contract import Batch, NotDurable
from server.telemetry import Meters

APPEND_MS = 10_000
"""How long a group may take to become durable before it is told that nobody knows."""
GROUP_BYTES_MAX = 8_388_608
"""Entries and disclosures in one transaction; one batch may be larger."""
PAUSE_MS_MIN = 50
PAUSE_MS_MAX = 1_000
"""How long is waited between two tries to reach the server; what is asked meanwhile waits with it."""

Connect = Callable[[], Awaitable[asyncpg.Connection]]
_log = telemetry.logger("server.store")


class _Job(Struct):
    """A batch, and who waits for it."""

    batch: Batch
    waiting: asyncio.Future[None]


class GroupWriter:
    """Appends batches in groups, in the order in which they came."""

    def __init__(self, connect: Connect, meters: Meters, group_max: int) -> None:
        """Connects by itself when the first batch comes."""
        self.durable = True
        """Whether the last write was made durable."""
        self._connect = connect
        self._meters = meters
        self._group_max = group_max
        self._jobs: collections.deque[_Job] = collections.deque()
        self._asked = asyncio.Event()
        self._closing = asyncio.Event()
        self._pause_ms = 0
        self._task: asyncio.Task[None] | None = None

    async def append(self, batch: Batch) -> None:
        """Make a batch durable; see `Store.append`."""
        if self._closing.is_set():
            raise NotDurable("the store is closed")
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="store writer")
        job = _Job(batch, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._asked.set()
        await job.waiting

    async def close(self) -> None:
        """Finish what waits, then let go of the connection."""
        self._closing.set()
        self._asked.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        connection: asyncpg.Connection | None = None
        try:
            while group := await self._take():
                connection = await self._see_through(connection, group)
                if connection is None:
                    await self._rest()
        finally:
            for job in self._jobs:
                _tell(job, NotDurable("the store is closed"))
            if connection is not None:
                connection.terminate()

    async def _take(self) -> list[_Job]:
        """Wait for one job, then take all that wait with it, one of each session; none means the end."""
        while not self._jobs:
            if self._closing.is_set():
                return []
            self._asked.clear()
            await self._asked.wait()
        group: dict[str, _Job] = {}
        size = 0
        while self._jobs and len(group) < self._group_max:
            batch = self._jobs[0].batch
            size += _bytes(batch)
            if batch.session in group or (group and size > GROUP_BYTES_MAX):
                break
            group[batch.session] = self._jobs.popleft()
        return list(group.values())

    async def _see_through(
        self, connection: asyncpg.Connection | None, group: Sequence[_Job]
    ) -> asyncpg.Connection | None:
        """Answer everybody in a group; the connection if it may be used again."""
        try:
            if connection is None or connection.is_closed():
                connection = await self._connect()
            faults = await _bounded(connection, [job.batch for job in group])
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may be told "durable"
            self._say(durable=False)
            _log.error("not durable", jobs=len(group), error=repr(error))
            for job in group:
                _tell(job, NotDurable(repr(error)))
            if connection is not None:
                connection.terminate()
            return None
        self._say(durable=True)
        self._pause_ms = 0
        self._meters.group.observe(len(group))
        for job, fault in zip(group, faults, strict=True):
            _tell(job, fault)
        return connection

    async def _rest(self) -> None:
        """Wait before the server is tried again; longer each time, but not when the end is asked for."""
        if self._pause_ms:
            try:
                async with asyncio.timeout(self._pause_ms / 1000):
                    await self._closing.wait()
            except TimeoutError:
                pass
        self._pause_ms = min(max(2 * self._pause_ms, PAUSE_MS_MIN), PAUSE_MS_MAX)

    def _say(self, *, durable: bool) -> None:
        self.durable = durable
        self._meters.durable.set(durable)


async def _bounded(connection: asyncpg.Connection, batches: Sequence[Batch]) -> list[postgres_append.Fault]:
    """Append within the time there is; after it the line is cut, and nothing cancelled over there."""
    task = asyncio.ensure_future(postgres_append.append(connection, batches))
    done, _ = await asyncio.wait({task}, timeout=APPEND_MS / 1000)
    if not done:
        connection.terminate()
        await asyncio.gather(task, return_exceptions=True)
        raise NotDurable("no answer in time")
    return task.result()


def _bytes(batch: Batch) -> int:
    return sum(map(len, batch.entries)) + sum(len(one.value) for one in batch.disclosures)


def _tell(job: _Job, fault: postgres_append.Fault) -> None:
    if job.waiting.done():
        return
    if fault is None:
        job.waiting.set_result(None)
    else:
        job.waiting.set_exception(fault)
