"""The store on SQLite: the only file that knows this dialect.

WAL with ``synchronous=FULL``: COMMIT returns after an fdatasync of the log (SQLite, "Write-Ahead
Logging", "PRAGMA synchronous"). One thread writes; reading has a connection of its own and waits
for nobody. Faults of the file become `NotDurable`. What stands in the log at the start may have been
written and never synced by a process that was killed, or whose sync has failed: it is brought into the
file and synced there before anything of it is believed.
"""

import asyncio
import contextlib
import functools
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, pool, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.compiler import compiles

from server.store import answers, codes, entries, heads, kept, leases, papers, passkeys, snapshots
from server.store import sessions as index
from server.store.contract import (
    Batch,
    CodeRow,
    KeptAnswer,
    Lease,
    NotDurable,
    PaperRow,
    PasskeyRow,
    SessionKept,
    SessionRow,
    Snapshot,
    Tried,
)
from server.store.migrate import upgrade
from server.store.writer import Disk, Writer
from server.telemetry import Meters

BUSY_WAIT_MS = 5_000
"""How long a statement waits for another process (a backup, a second coordinator) to let go."""

WAL_PAGES_MAX = 16_000
"""Pages that the write-ahead log may hold before a COMMIT brings them into the file, 64 MiB. SQLite's 1,000
are full after some 500 acts, and pages that every group writes would be brought over again and again."""

ROOM_BYTES: Final = 65_536
"""So much must fit beside the file before a disk that refused a write is believed to take the next."""
_NO_CHANGE: Final = text("UPDATE alembic_version SET version_num = version_num")
_SYNC_FAILED: Final = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})

P = ParamSpec("P")
T = TypeVar("T")


@compiles(leases.now_ms, "sqlite")
def _now_ms(_element: leases.now_ms, _compiler: Any, **_options: Any) -> str:
    """The machine's clock: the Julian day counts from noon, the Unix epoch is its day 2440587.5."""
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"


def sqlite_engine(path: Path, *, writes: bool) -> Engine:
    """An engine on a database file; a writing one begins transactions that write from the start."""
    engine = create_engine(f"sqlite:///{path}", poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: BEGIN is ours, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_WAIT_MS}")
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES_MAX}")
        else:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class SqliteStore:
    """`server.store.contract.Store` on one SQLite file."""

    def __init__(self, path: Path, meters: Meters, group_max: int) -> None:
        """Open the file, make sure of what is in it, bring its tables up to date, start the writer.

        Raises:
          NotDurable: the file cannot be opened or synced, or its tables not be made.
        """
        self._engine = sqlite_engine(path, writes=True)
        try:
            _bring_over(self._engine)
            with self._engine.connect() as connection:
                upgrade(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise NotDurable(str(error)) from error
        self._writer = Writer(self._engine, meters, group_max, Disk(functools.partial(_look, path), _lost))
        self._reading = sqlite_engine(path, writes=False)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._open: Connection | None = None
        self._closed = False

    @property
    def durable(self) -> bool:
        """Whether the last write was made durable."""
        return self._writer.durable

    async def failed(self) -> str:
        """See `Store.failed`."""
        return await self._writer.failed()

    async def prepare(self) -> None:
        """See `Store.prepare`; a file is ready when it is open."""

    async def append(self, batch: Batch) -> None:
        """See `Store.append`."""
        await self._writer.append(batch)

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """See `Store.entries`."""
        return await self._read(entries.read, session, since, count_max)

    async def session(self, session: str) -> SessionKept | None:
        """See `Store.session`."""
        return await self._read(kept.read, session)

    async def answers(self, session: str, author: str) -> tuple[KeptAnswer, ...]:
        """See `Store.answers`."""
        return await self._read(answers.read, session, author)

    async def answers_beside(self, session: str, authors: tuple[str, ...]) -> int:
        """See `Store.answers_beside`."""
        return await self._read(answers.beside, session, authors)

    async def sessions_going_on(self) -> tuple[SessionRow, ...]:
        """See `Store.sessions_going_on`."""
        return await self._read(index.going_on)

    async def sessions_of(self, node: str, node_key: str) -> tuple[SessionRow, ...]:
        """See `Store.sessions_of`."""
        return await self._read(index.of, node, node_key)

    async def sizes(self, sessions: tuple[str, ...]) -> dict[str, int]:
        """See `Store.sizes`."""
        return await self._read(index.sizes, sessions)

    async def lease(self, session: str, holder: str, address: str, lease_ms: int) -> Lease:
        """See `Store.lease`."""
        work = functools.partial(
            leases.take, session=session, holder=holder, address=address, lease_ms=lease_ms
        )
        found: Lease = await self._writer.do(work)
        return found

    async def take_over(
        self, sessions: tuple[str, ...], holder: str, address: str, lease_ms: int
    ) -> tuple[Lease, ...]:
        """See `Store.take_over`."""
        work = functools.partial(
            leases.take_over, sessions=sessions, holder=holder, address=address, lease_ms=lease_ms
        )
        found: tuple[Lease, ...] = await self._writer.do(work)
        return found

    async def renew(self, holder: str, lease_ms: int) -> tuple[Lease, ...]:
        """See `Store.renew`."""
        work = functools.partial(leases.renew, holder=holder, lease_ms=lease_ms)
        found: tuple[Lease, ...] = await self._writer.do(work)
        return found

    async def release(self, holder: str, sessions: tuple[str, ...]) -> None:
        """See `Store.release`."""
        await self._writer.do(functools.partial(leases.release, holder=holder, sessions=sessions))

    async def unheld(self) -> tuple[str, ...]:
        """See `Store.unheld`."""
        return await self._read(leases.unheld)

    async def put_snapshot(self, snapshot: Snapshot) -> None:
        """See `Store.put_snapshot`."""
        await self._writer.do(functools.partial(snapshots.put, snapshot=snapshot))

    async def snapshot(self, session: str) -> Snapshot | None:
        """See `Store.snapshot`."""
        return await self._read(snapshots.read, session)

    async def put_head(self, session: str, size: int, note: str, replaces: int = 0) -> None:
        """See `Store.put_head`."""
        work = functools.partial(heads.put, session=session, size=size, note=note, replaces=replaces)
        await self._writer.do(work)

    async def heads(self, session: str) -> dict[int, str]:
        """See `Store.heads`."""
        return await self._read(heads.read, session)

    async def enrol_agent(self, key: str, at: int) -> None:
        """See `Store.enrol_agent`."""
        await self._writer.do(functools.partial(codes.enrol, key=key, at=at))

    async def agents(self) -> tuple[str, ...]:
        """See `Store.agents`."""
        return await self._read(codes.agents)

    async def put_codes(self, rows: tuple[CodeRow, ...], at: int) -> bool:
        """See `Store.put_codes`."""
        done: bool = await self._writer.do(functools.partial(codes.put, rows=rows, at=at))
        return done

    async def try_code(self, session: str, seat: str, now: int, tries_max: int, lock_ms: int) -> Tried | None:
        """See `Store.try_code`."""
        work = functools.partial(
            codes.count_try, session=session, seat=seat, now=now, tries_max=tries_max, lock_ms=lock_ms
        )
        tried: Tried | None = await self._writer.do(work)
        return tried

    async def code(self, session: str, seat: str) -> CodeRow | None:
        """See `Store.code`."""
        return await self._read(codes.read, session, seat)

    async def use_code(self, row: CodeRow, key: str, agent_at: int | None) -> bool:
        """See `Store.use_code`."""
        done: bool = await self._writer.do(functools.partial(codes.use, row=row, key=key, agent_at=agent_at))
        return done

    async def put_paper(self, session: str, seat: str, wish: bytes) -> None:
        """See `Store.put_paper`."""
        await self._writer.do(functools.partial(papers.put, session=session, seat=seat, wish=wish))

    async def papers(self, session: str, seat: str = "") -> tuple[PaperRow, ...]:
        """See `Store.papers`."""
        return await self._read(papers.read, session, seat)

    async def answer_paper(self, session: str, seat: str, asked: bytes, given: bytes) -> bool:
        """See `Store.answer_paper`."""
        work = functools.partial(papers.answer, session=session, seat=seat, asked=asked, given=given)
        done: bool = await self._writer.do(work)
        return done

    async def tell_papers(self, session: str, said: tuple[tuple[str, int, bytes], ...]) -> None:
        """See `Store.tell_papers`."""
        await self._writer.do(functools.partial(papers.tell, session=session, said=said))

    async def drop_papers(self, session: str, seats: tuple[str, ...]) -> None:
        """See `Store.drop_papers`."""
        await self._writer.do(functools.partial(papers.drop, session=session, seats=seats))

    async def passkey(self, credential: bytes) -> PasskeyRow | None:
        """See `Store.passkey`."""
        return await self._read(passkeys.read, credential)

    async def passkeys(self) -> int:
        """See `Store.passkeys`."""
        return await self._read(passkeys.many)

    async def bind_passkey(self, row: PasskeyRow) -> bool:
        """See `Store.bind_passkey`."""
        done: bool = await self._writer.do(functools.partial(passkeys.bind, row=row))
        return done

    async def count_passkey(self, credential: bytes, count: int) -> bool:
        """See `Store.count_passkey`."""
        work = functools.partial(passkeys.counted, credential=credential, count=count)
        done: bool = await self._writer.do(work)
        return done

    async def close(self) -> None:
        """See `Store.close`."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._writer.close)
        await asyncio.get_running_loop().run_in_executor(self._readers, self._let_go)
        self._readers.shutdown()
        self._engine.dispose()
        self._reading.dispose()

    async def _read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run reading statements on the reader's thread and connection, as of one moment."""

        def on_thread() -> T:
            try:
                if self._open is None:
                    self._open = self._reading.connect()
                with self._open.begin():
                    return work(self._open, *args, **kwargs)
            except SQLAlchemyError as error:
                self._let_go()
                raise NotDurable(str(error)) from error

        if self._closed:
            raise NotDurable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, on_thread)

    def _let_go(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _bring_over(engine: Engine) -> None:
    """Bring the write-ahead log into the file, synced; somebody who reads may keep the log itself there.

    Raises:
      NotDurable: something of it could not be brought over.
    """
    with contextlib.closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((_, written, brought),) = cursor.fetchall()
        cursor.close()
    if brought < written:
        raise NotDurable(f"{written - brought} pages of the write-ahead log cannot be brought into the file")


def _look(path: Path, connection: Connection) -> None:
    """Try whether the disk takes a write of ours, and more beside it; see `writer.Disk`."""
    beside = path.with_name(".room")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, ROOM_BYTES)
    finally:
        os.close(handle)
        beside.unlink(missing_ok=True)
    connection.execute(_NO_CHANGE)


def _lost(error: Exception) -> bool:
    """Whether a fault is a sync that has failed; see `writer.Disk`."""
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) in _SYNC_FAILED
