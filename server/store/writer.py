"""The one writer: a thread that takes whatever waits and makes it durable in one transaction.

Owns group commit. Batches of many sessions are inserted together under one savepoint; only when
one of them is in another writer's way are they inserted one by one, each under a savepoint of its
own, so that a conflict fails that session alone (DESIGN 1.3). Nobody is answered before COMMIT has
returned; a fault before that fails the whole group, and the next group starts on a new connection. While
the last write was refused (a full disk) and nobody writes, a write that changes nothing is tried now and
then, so that the store tells when it takes again. After a sync that failed nothing is written any more: the
kernel may show what it could not write until the power goes, and `failed` says that the process must end.
Dialect-free: the engine comes from outside, its driver's errors are SQLAlchemy's, and the store says what
they mean. Sources: fsync(2); "fsyncgate" (PostgreSQL, 2018).
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server import telemetry
from server.store import answers, entries, leases, sessions
from server.store.contract import Batch, NotDurable, SeqTaken, StaleLease
from server.telemetry import Meters

Work = Callable[[Connection], Any]
LOOK_S: Final = 1.0
"""How often a store that refused a write is tried, while nobody else writes."""
_log = telemetry.logger("server.store")


class _Job(Struct):
    """A batch to append or work to do on the connection, and who waits for it."""

    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Future[Any]
    batch: Batch | None = None
    work: Work | None = None
    result: Any = None
    error: Exception | None = None


class Disk(Struct, frozen=True):
    """What a writer asks of the place it writes to.

    `look` writes what changes nothing and needs as much room as a group may; `lost` says of a fault whether
    it is a sync that failed, after which nothing that is read can be believed to be on the disk.
    """

    look: Callable[[Connection], None]
    lost: Callable[[Exception], bool]


class Writer:
    """Appends batches and does other writes, in groups, in the order they came."""

    def __init__(self, engine: Engine, meters: Meters, group_max: int, disk: Disk) -> None:
        """Start the thread; the engine's connections begin a write when a transaction begins."""
        self._engine = engine
        self._disk = disk
        self._broken: NotDurable | None = None
        self._mourner: tuple[asyncio.AbstractEventLoop, asyncio.Future[str]] | None = None
        self._meters = meters
        self._group_max = group_max
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self.durable = True
        """Whether the last write was made durable."""
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def append(self, batch: Batch) -> None:
        """Make a batch durable; see `Store.append`."""
        await self._put(batch=batch)

    async def do(self, work: Work) -> Any:
        """Run other statements in a group's transaction, under a savepoint; its result once durable."""
        return await self._put(work=work)

    async def failed(self) -> str:
        """Wait until a sync has failed; what it was. The process should end and start anew."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[str] = loop.create_future()
        self._mourner = (loop, waiting)
        return await waiting if self._broken is None else str(self._broken)

    def close(self) -> None:
        """Finish what waits and end the thread; blocks."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    async def _put(self, **what: Any) -> Any:
        if self._closed:
            raise NotDurable("the store is closed")
        loop = asyncio.get_running_loop()
        job = _Job(loop=loop, waiting=loop.create_future(), **what)
        self._jobs.put(job)
        return await job.waiting

    def _run(self) -> None:
        connection: Connection | None = None
        ending = False
        while not ending:
            group = self._take()
            ending = bool(group) and group[-1] is None
            jobs = [job for job in group if job is not None]
            if self._broken is not None:
                for job in jobs:
                    job.error = self._broken
            elif jobs or not ending:
                connection = self._write(connection, jobs)
            self._answer(jobs)
        self._let_go(connection)

    def _write(self, connection: Connection | None, jobs: Sequence[_Job]) -> Connection | None:
        """Make a group durable, or without one look whether any would be; the connection for the next."""
        try:
            if connection is None:
                connection = self._engine.connect()
            if jobs:
                self._commit(connection, jobs)
            else:
                with connection.begin():
                    self._disk.look(connection)
            self._say(durable=True)
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody may be told "durable"
            fault = NotDurable(str(error))
            for job in jobs:
                job.error = fault
            self._say(durable=False)
            if jobs:
                _log.error("not durable", jobs=len(jobs), error=repr(error))
            if self._disk.lost(error):
                self._break(fault)
            self._let_go(connection)
            return None
        return connection

    def _break(self, fault: NotDurable) -> None:
        """Write nothing any more, and tell whoever waits for that."""
        _log.critical("a sync of the database has failed; nothing is written until a restart")
        self._broken = fault
        if self._mourner is not None:
            loop, waiting = self._mourner
            if not loop.is_closed():
                loop.call_soon_threadsafe(_say_once, waiting, str(fault))

    def _say(self, *, durable: bool) -> None:
        self.durable = durable
        self._meters.durable.set(durable)

    def _take(self) -> list[_Job | None]:
        """Wait for one job, then take all that wait with it; None means the end, and comes last.

        Empty where the last write was refused and none has come for a while.
        """
        try:
            group = [self._jobs.get(timeout=None if self.durable or self._broken else LOOK_S)]
        except queue.Empty:
            return []
        while group[-1] is not None and len(group) < self._group_max:
            try:
                group.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, connection: Connection, jobs: Sequence[_Job]) -> None:
        """One transaction for all; returns once it is durable."""
        with connection.begin():
            appends = self._under_lease(connection, jobs)
            if appends:
                self._append(connection, appends)
            for job in jobs:
                if job.work is not None:
                    self._work(connection, job, job.work)
        self._meters.group.observe(len(jobs))

    @staticmethod
    def _under_lease(connection: Connection, jobs: Sequence[_Job]) -> list[_Job]:
        """The jobs with a batch, but those whose lease is another's by now: they are told so."""
        asked = {job.batch.session for job in jobs if job.batch is not None and job.batch.epoch}
        epochs = leases.epochs(connection, tuple(sorted(asked))) if asked else {}
        appends = []
        for job in jobs:
            if job.batch is None:
                continue
            if job.batch.epoch and job.batch.epoch != epochs.get(job.batch.session):
                job.error = StaleLease()
            else:
                appends.append(job)
        return appends

    def _append(self, connection: Connection, jobs: Sequence[_Job]) -> None:
        try:
            with connection.begin_nested():
                _insert(connection, [job.batch for job in jobs if job.batch is not None])
        except IntegrityError:
            if len(jobs) == 1:
                jobs[0].error = SeqTaken()
                return
            for job in jobs:
                self._append(connection, [job])

    def _work(self, connection: Connection, job: _Job, work: Work) -> None:
        """An error of the statement itself is its caller's alone; one of the disk is everybody's."""
        try:
            with connection.begin_nested():
                job.result = work(connection)
        except IntegrityError as error:
            job.error = NotDurable(str(error))

    def _let_go(self, connection: Connection | None) -> None:
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError as error:
                _log.warning("connection not closed", error=repr(error))

    @staticmethod
    def _answer(jobs: Sequence[_Job]) -> None:
        """Tell the waiting, each loop once; a loop that has ended has nobody waiting."""
        by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        for job in jobs:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, told in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, told)


def _insert(connection: Connection, batches: Sequence[Batch]) -> None:
    sessions.note(connection, batches)
    entries.append(connection, batches)
    answers.append(connection, batches)
    entries.disclose(connection, batches)


def _say_once(waiting: asyncio.Future[str], what: str) -> None:
    if not waiting.done():
        waiting.set_result(what)


def _resolve(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.waiting.done():
            continue
        if job.error is not None:
            job.waiting.set_exception(job.error)
        else:
            job.waiting.set_result(job.result)
