"""What the room for bids keeps, in a SQLite file of its own beside the reserves (SPEC 23).

Apart from the sessions' database, so that neither its size nor its group commits tell that bids come in,
and so that several coordinators may keep both on a disk that they share. Rows of places are of one length
and are all there from the start; a row is replaced, never added. COMMIT returns after a sync (WAL,
synchronous FULL); what a process that was killed has left in the log is brought over and synced before
anything is believed. Must not know what a row holds.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from server.store.contract import NotDurable

BUSY_WAIT_MS = 5_000
_SYNC_FAILED = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})
T = TypeVar("T")

_TENDERS = """
CREATE TABLE IF NOT EXISTS tenders (
  session_id TEXT PRIMARY KEY, announced BLOB NOT NULL, frozen BLOB NOT NULL
) WITHOUT ROWID
"""
_PLACES = """
CREATE TABLE IF NOT EXISTS places (
  session_id TEXT NOT NULL, place INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (session_id, place)
) WITHOUT ROWID
"""


class TenderRow(Struct, frozen=True):
    """A tender as it is kept: its notice with policies, and what was frozen at its deadline, empty before."""

    session: str
    announced: bytes
    frozen: bytes


class BidStore:
    """Tenders and places in one SQLite file; every method may raise `NotDurable`."""

    def __init__(self, path: Path) -> None:
        """Open the file when it is first asked for something."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bid-store")
        self._open: sqlite3.Connection | None = None
        self._broken = False
        self._closed = False

    async def tenders(self) -> tuple[TenderRow, ...]:
        """Every tender."""

        def work(on: sqlite3.Connection) -> tuple[TenderRow, ...]:
            rows = on.execute("SELECT session_id, announced, frozen FROM tenders ORDER BY session_id")
            return tuple(TenderRow(*row) for row in rows)

        return await self._do(work)

    async def places(self, session: str) -> tuple[bytes, ...]:
        """The rows of a tender's places, in order of their numbers."""

        def work(on: sqlite3.Connection) -> tuple[bytes, ...]:
            rows = on.execute("SELECT body FROM places WHERE session_id = ? ORDER BY place", (session,))
            return tuple(row[0] for row in rows)

        return await self._do(work)

    async def put_tender(self, row: TenderRow, places: Sequence[bytes] = ()) -> None:
        """Keep a tender, in place of what was kept of it; with its places where it is new."""

        def work(on: sqlite3.Connection) -> None:
            on.execute(
                "INSERT INTO tenders VALUES (?, ?, ?) ON CONFLICT (session_id) "
                "DO UPDATE SET announced = excluded.announced, frozen = excluded.frozen",
                (row.session, row.announced, row.frozen),
            )
            on.executemany(
                "INSERT INTO places VALUES (?, ?, ?)",
                ((row.session, number, body) for number, body in enumerate(places)),
            )

        await self._do(work)

    async def put_place(self, session: str, place: int, body: bytes) -> None:
        """Replace the row of a place by one of the same length."""

        def work(on: sqlite3.Connection) -> None:
            done = on.execute(
                "UPDATE places SET body = ? WHERE session_id = ? AND place = ? AND length(body) = ?",
                (body, session, place, len(body)),
            )
            assert done.rowcount == 1, "a place is there from the start, and keeps its length"

        await self._do(work)

    async def close(self) -> None:
        """Finish what was asked, then let go of the file."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
            self._thread.shutdown()

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run statements in a transaction of their own; durable when this returns."""

        def on_thread() -> T:
            try:
                if self._broken:
                    raise NotDurable("a sync of the bids' database has failed; start again")
                if self._open is None:
                    self._open = _opened(self._path)
                self._open.execute("BEGIN IMMEDIATE")
                done = work(self._open)
                self._open.execute("COMMIT")
            except sqlite3.Error as error:
                # Whether it was written is known only to a new connection; after a sync that has failed, to a
                # new process (see `writer`).
                self._let_go()
                self._broken = self._broken or error.sqlite_errorcode in _SYNC_FAILED
                raise NotDurable(str(error)) from error
            return done

        if self._closed:
            raise NotDurable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, on_thread)

    def _let_go(self) -> None:
        held, self._open = self._open, None
        if held is not None:
            held.close()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    connection.execute(f"PRAGMA busy_timeout={BUSY_WAIT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for table in (_TENDERS, _PLACES):
        connection.execute(table)
    return connection
