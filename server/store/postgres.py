"""The store on PostgreSQL, which many coordinators share; with its two neighbours all that knows the dialect.

Appending goes its own way (`postgres_writer`), everything else through a small pool, so that reading
waits for nobody. A URL may name several hosts; the one that can be written to is taken, so that a
promoted standby is found again. Faults of the server or of the way to it become `NotDurable`.
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
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
from server.store.postgres_writer import GroupWriter
from server.telemetry import Meters

CONNECT_MS: Final = 5_000
"""How long reaching one host may take."""
STATEMENT_MS: Final = 10_000
"""How long a statement may take before the server itself ends it."""
ASK_MS: Final = 12_000
"""How long the server may take over a read or a small write in all, a dead line included."""
MIGRATION_MS: Final = 120_000
"""How long bringing the tables up to date may take, waiting for another coordinator that does it included."""
POOL_CONNECTIONS: Final = 4
"""Connections for reading and small writes; twice as many at the worst."""
POOL_WAIT_MS: Final = 5_000
"""How long one of them is waited for."""
_READ_TRIES = 2
"""Once more where a pooled connection turns out to be dead: reading twice changes nothing."""
_MIGRATING = text("SELECT pg_advisory_xact_lock(7106011993)")
"""Held while the tables are made, so that several coordinators may start at once; the number is our own."""
_PATIENT = text(f"SET LOCAL statement_timeout = {MIGRATION_MS}")

P = ParamSpec("P")
T = TypeVar("T")


@compiles(leases.now_ms, "postgresql")
def _now_ms(_element: leases.now_ms, _compiler: Any, **_options: Any) -> str:
    """The server's clock now, not at the transaction's beginning."""
    return "CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS bigint)"


async def connect(url: str) -> asyncpg.Connection:
    """A connection to whichever host can be written to.

    Raises:
      OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError: none can be reached.
    """
    return await asyncpg.connect(
        url,
        timeout=CONNECT_MS / 1000,
        target_session_attrs="read-write",
        server_settings={
            "application_name": "tongchang",
            "statement_timeout": str(STATEMENT_MS),
            "synchronous_commit": "on",
            "jit": "off",
        },
    )


def postgres_engine(url: str) -> AsyncEngine:
    """A pool of connections to a database."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=functools.partial(connect, url),
        pool_size=POOL_CONNECTIONS,
        max_overflow=POOL_CONNECTIONS,
        pool_timeout=POOL_WAIT_MS / 1000,
    )


class PostgresStore:
    """`server.store.contract.Store` on one PostgreSQL database."""

    def __init__(self, url: str, meters: Meters, group_max: int) -> None:
        """Connects when it is first asked; must be made within a running loop."""
        self._engine = postgres_engine(url)
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._moment = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._writer = GroupWriter(functools.partial(connect, url), meters, group_max)
        self._closed = False

    @property
    def durable(self) -> bool:
        """Whether the last write was made durable."""
        return self._writer.durable

    async def failed(self) -> str:
        """See `Store.failed`: PostgreSQL ends by itself, and makes sure at its own next start."""
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await waiting

    async def prepare(self) -> None:
        """See `Store.prepare`."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(_PATIENT)
                await connection.execute(_MIGRATING)
                await connection.run_sync(upgrade)
        except FAULTS as error:
            raise NotDurable(repr(error)) from error

    async def append(self, batch: Batch) -> None:
        """See `Store.append`."""
        await self._writer.append(batch)

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """See `Store.entries`."""
        return await self._read(self._alone, entries.read, session, since, count_max)

    async def session(self, session: str) -> SessionKept | None:
        """See `Store.session`."""
        return await self._read(self._moment, kept.read, session)

    async def answers(self, session: str, author: str) -> tuple[KeptAnswer, ...]:
        """See `Store.answers`."""
        return await self._read(self._alone, answers.read, session, author)

    async def answers_beside(self, session: str, authors: tuple[str, ...]) -> int:
        """See `Store.answers_beside`."""
        return await self._read(self._alone, answers.beside, session, authors)

    async def sessions_going_on(self) -> tuple[SessionRow, ...]:
        """See `Store.sessions_going_on`."""
        return await self._read(self._alone, index.going_on)

    async def sessions_of(self, node: str, node_key: str) -> tuple[SessionRow, ...]:
        """See `Store.sessions_of`."""
        return await self._read(self._alone, index.of, node, node_key)

    async def sizes(self, sessions: tuple[str, ...]) -> dict[str, int]:
        """See `Store.sizes`."""
        return await self._read(self._alone, index.sizes, sessions)

    async def lease(self, session: str, holder: str, address: str, lease_ms: int) -> Lease:
        """See `Store.lease`."""
        return await self._write(leases.take, session, holder, address, lease_ms)

    async def take_over(
        self, sessions: tuple[str, ...], holder: str, address: str, lease_ms: int
    ) -> tuple[Lease, ...]:
        """See `Store.take_over`."""
        return await self._write(leases.take_over, sessions, holder, address, lease_ms)

    async def renew(self, holder: str, lease_ms: int) -> tuple[Lease, ...]:
        """See `Store.renew`."""
        return await self._write(leases.renew, holder, lease_ms)

    async def release(self, holder: str, sessions: tuple[str, ...]) -> None:
        """See `Store.release`."""
        await self._write(leases.release, holder, sessions)

    async def unheld(self) -> tuple[str, ...]:
        """See `Store.unheld`."""
        return await self._read(self._alone, leases.unheld)

    async def put_snapshot(self, snapshot: Snapshot) -> None:
        """See `Store.put_snapshot`."""
        await self._write(snapshots.put, snapshot)

    async def snapshot(self, session: str) -> Snapshot | None:
        """See `Store.snapshot`."""
        return await self._read(self._alone, snapshots.read, session)

    async def put_head(self, session: str, size: int, note: str, replaces: int = 0) -> None:
        """See `Store.put_head`."""
        await self._write(heads.put, session, size, note, replaces)

    async def heads(self, session: str) -> dict[int, str]:
        """See `Store.heads`."""
        return await self._read(self._alone, heads.read, session)

    async def enrol_agent(self, key: str, at: int) -> None:
        """See `Store.enrol_agent`."""
        await self._write(codes.enrol, key, at)

    async def agents(self) -> tuple[str, ...]:
        """See `Store.agents`."""
        return await self._read(self._alone, codes.agents)

    async def put_codes(self, rows: tuple[CodeRow, ...], at: int) -> bool:
        """See `Store.put_codes`."""
        return await self._write(codes.put, rows, at)

    async def try_code(self, session: str, seat: str, now: int, tries_max: int, lock_ms: int) -> Tried | None:
        """See `Store.try_code`."""
        return await self._write(codes.count_try, session, seat, now, tries_max, lock_ms)

    async def code(self, session: str, seat: str) -> CodeRow | None:
        """See `Store.code`."""
        return await self._read(self._alone, codes.read, session, seat)

    async def use_code(self, row: CodeRow, key: str, agent_at: int | None) -> bool:
        """See `Store.use_code`."""
        return await self._write(codes.use, row, key, agent_at)

    async def put_paper(self, session: str, seat: str, wish: bytes) -> None:
        """See `Store.put_paper`."""
        await self._write(papers.put, session, seat, wish)

    async def papers(self, session: str, seat: str = "") -> tuple[PaperRow, ...]:
        """See `Store.papers`."""
        return await self._read(self._alone, papers.read, session, seat)

    async def answer_paper(self, session: str, seat: str, asked: bytes, given: bytes) -> bool:
        """See `Store.answer_paper`."""
        return await self._write(papers.answer, session, seat, asked, given)

    async def tell_papers(self, session: str, said: tuple[tuple[str, int, bytes], ...]) -> None:
        """See `Store.tell_papers`."""
        await self._write(papers.tell, session, said)

    async def drop_papers(self, session: str, seats: tuple[str, ...]) -> None:
        """See `Store.drop_papers`."""
        await self._write(papers.drop, session, seats)

    async def passkey(self, credential: bytes) -> PasskeyRow | None:
        """See `Store.passkey`."""
        return await self._read(self._alone, passkeys.read, credential)

    async def passkeys(self) -> int:
        """See `Store.passkeys`."""
        return await self._read(self._alone, passkeys.many)

    async def bind_passkey(self, row: PasskeyRow) -> bool:
        """See `Store.bind_passkey`."""
        return await self._write(passkeys.bind, row)

    async def count_passkey(self, credential: bytes, count: int) -> bool:
        """See `Store.count_passkey`."""
        return await self._write(passkeys.counted, credential, count)

    async def close(self) -> None:
        """See `Store.close`."""
        self._closed = True
        await self._writer.close()
        await self._engine.dispose()

    async def _read(
        self,
        engine: AsyncEngine,
        work: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run reading statements; on a fresh connection where a pooled one was dead."""
        tries = _READ_TRIES
        while True:
            self._require_open()
            tries -= 1
            try:
                async with asyncio.timeout(ASK_MS / 1000), engine.connect() as connection:
                    return await connection.run_sync(work, *args, **kwargs)
            except FAULTS as error:
                dead = isinstance(error, DBAPIError) and error.connection_invalidated
                if not dead or not tries:
                    raise NotDurable(repr(error)) from error

    async def _write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run other writes in a transaction of their own; the result once it is durable."""
        self._require_open()
        try:
            async with asyncio.timeout(ASK_MS / 1000), self._engine.begin() as connection:
                return await connection.run_sync(work, *args, **kwargs)
        except FAULTS as error:
            raise NotDurable(repr(error)) from error

    def _require_open(self) -> None:
        if self._closed:
            raise NotDurable("the store is closed")


FAULTS = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncio.TimeoutError)
"""All that a server, its driver or the way to it can raise."""
