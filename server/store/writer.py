"""The one writer: a thread that takes whatever waits and makes it durable in one transaction.

Owns group commit. Batches of many sessions are inserted together under one savepoint; only when
one of them is in another writer's way are they inserted one by one, each under a savepoint of its
own, so that a conflict fails that session alone (DESIGN 1.3). Nobody is answered before COMMIT has
returned; a fault before that fails the whole group, and the next group starts on a new connection.
Dialect-free: the engine comes from outside, and its driver's errors are SQLAlchemy's.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from server import telemetry
from server.store import answers, entries, leases, sessions
from server.store.contract import Batch, NotDurable, SeqTaken, StaleLease
from server.telemetry import Meters

Work = Callable[[Connection], Any]
_log = telemetry.logger("server.store")


class _Job(Struct):
    """A batch to append or work to do on the connection, and who waits for it."""

    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Future[Any]
    batch: Batch | None = None
    work: Work | None = None
    result: Any = None
    error: Exception | None = None


class Writer:
    """Appends batches and does other writes, in groups, in the order they came."""

    def __init__(self, engine: Engine, meters: Meters, group_max: int) -> None:
        """Start the thread; the engine's connections begin a write when a transaction begins."""
        self._engine = engine
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
            ending = group[-1] is None
            jobs = [job for job in group if job is not None]
            if not jobs:
                continue
            try:
                if connection is None:
                    connection = self._engine.connect()
                self._commit(connection, jobs)
                self._say(durable=True)
            except Exception as error:  # noqa: BLE001 - whatever it was, nobody may be told "durable"
                fault = NotDurable(str(error))
                for job in jobs:
                    job.error = fault
                self._say(durable=False)
                _log.error("not durable", jobs=len(jobs), error=repr(error))
                self._let_go(connection)
                connection = None
            self._answer(jobs)
        self._let_go(connection)

    def _say(self, *, durable: bool) -> None:
        self.durable = durable
        self._meters.durable.set(durable)

    def _take(self) -> list[_Job | None]:
        """Wait for one job, then take all that wait with it; None means the end, and comes last."""
        group = [self._jobs.get()]
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


def _resolve(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.waiting.done():
            continue
        if job.error is not None:
            job.waiting.set_exception(job.error)
        else:
            job.waiting.set_result(job.result)
