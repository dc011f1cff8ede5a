"""The simulated database: transactions that are there or not, whatever the caller was told.

Owns the durable rows and what can go wrong on the way to them: the database is away, COMMIT is done and
its answer lost, COMMIT comes through after the caller has been told that it is gone, the caller dies on
either side of it. Implements `server.store.contract` by the contract's own words; the SQL of the real
stores is tested in `tests/server/store`. Sources: contract.py; PostgreSQL, "Transaction IDs and recovery
of ambiguous commits".
"""

import asyncio
import contextvars
from collections.abc import Callable
from random import Random
from typing import TypeVar

from msgspec.structs import replace

from protocol.hidden import Disclosure
from server.store.contract import (
    Batch,
    Birth,
    CodeRow,
    KeptAnswer,
    Lease,
    NotDurable,
    SeqTaken,
    SessionKept,
    SessionRow,
    Snapshot,
    StaleLease,
    Store,
    Tried,
)
from tests.simulation.loop import SimLoop, here
from tests.simulation.papers import Papers, SimPapers
from tests.simulation.passkeys import Passkeys, SimPasskeys

T = TypeVar("T")


class Rows:
    """What is durable of one session."""

    def __init__(self, birth: Birth) -> None:
        self.birth = birth
        self.entries: list[bytes] = []
        self.answers: dict[tuple[str, str], KeptAnswer] = {}
        self.disclosures: dict[bytes, Disclosure] = {}
        self.followers: list[str] = []
        self.ended = ""


class Database:
    """The rows of all coordinators of one world."""

    def __init__(self, loop: SimLoop, dice: Random) -> None:
        self.loop = loop
        self.sessions: dict[str, Rows] = {}
        self.codes: dict[tuple[str, str], CodeRow] = {}
        self.agents: list[str] = []
        self.leases: dict[str, Lease] = {}
        self.snapshots: dict[str, Snapshot] = {}
        self.heads: dict[str, dict[int, str]] = {}
        self.papers: Papers = {}
        self.passkeys: Passkeys = {}
        self.away = False
        """Nothing can be read or written."""
        self.away_for: set[str] = set()
        """Machines that do not reach it."""
        self.lose_answers = 0
        """So many of the next commits are done and reported as failed."""
        self.late_commits = 0
        """So many of the next commits come through only after they were reported as failed."""
        self.failing_syncs: set[str] = set()
        """Machines whose next commit fails in its sync, done or not; nothing is believed there any more."""
        self.commits = 0
        self.stale = 0
        """Batches decided under a lease that was another's by the time they became durable."""
        self.before_commit: Callable[[str], None] = lambda _machine: None
        self.after_commit: Callable[[str], None] = lambda _machine: None
        """Called round every commit with the machine that asked: what kills it at a durable write."""
        self._dice = dice

    @property
    def now_ms(self) -> int:
        """The database's own clock."""
        return int(self.loop.now_s * 1000)

    async def trip(self, machine: str) -> None:
        """The way to the database, or back."""
        await asyncio.sleep(0.0003 + 0.004 * self._dice.random())
        if self.away or machine in self.away_for:
            raise NotDurable("the database is away")

    def commit(self, batch: Batch) -> None:
        """Write a batch, all or nothing.

        Raises:
          StaleLease: its epoch is not the session's any more.
          SeqTaken: its place is taken.
        """
        lease = self.leases.get(batch.session)
        if batch.epoch and (lease is None or lease.epoch != batch.epoch):
            raise StaleLease
        rows = self.sessions.get(batch.session)
        if rows is None:
            if batch.birth is None or batch.since:
                raise SeqTaken
            rows = Rows(batch.birth)
        elif batch.birth is not None:
            raise SeqTaken
        if batch.entries and batch.since != len(rows.entries):
            raise SeqTaken
        names = [(one.author_key, one.command_id) for one in batch.answers]
        if any(name in rows.answers for name in names):
            raise SeqTaken
        self.sessions[batch.session] = rows
        rows.entries.extend(batch.entries)
        rows.answers.update(zip(names, batch.answers, strict=True))
        rows.disclosures.update((one.digest, one) for one in batch.disclosures)
        rows.followers.extend(key for key in batch.audience if key not in rows.followers)
        rows.ended = batch.ended or rows.ended
        self.commits += 1

    def late(self, batch: Batch) -> None:
        """A commit that was taken for lost comes through, if its place is still free."""
        try:
            self.commit(batch)
        except SeqTaken:
            return


class SimStore(SimPapers, SimPasskeys):
    """One coordinator's way to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._machine = here().machine
        self._failed: asyncio.Future[str] = database.loop.create_future()
        self.durable = True

    async def failed(self) -> str:
        return await asyncio.shield(self._failed)

    async def prepare(self) -> None:
        """Tables need no making."""
        await self._database.trip(self._machine)

    async def append(self, batch: Batch) -> None:
        base = self._database
        self.durable = False
        await base.trip(self._machine)
        base.before_commit(self._machine)
        self._sync(lambda: base.late(batch))
        if base.late_commits:
            base.late_commits -= 1
            base.loop.call_later(0.05 + base._dice.random(), base.late, batch, context=contextvars.Context())
            raise NotDurable("the connection was lost within COMMIT")
        lease = base.leases.get(batch.session)
        base.commit(batch)
        if batch.epoch and (lease is None or lease.epoch != batch.epoch):
            base.stale += 1
        base.after_commit(self._machine)
        if base.lose_answers:
            base.lose_answers -= 1
            raise NotDurable("the answer to COMMIT was lost")
        await base.trip(self._machine)
        self.durable = True

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        return await self._read(
            lambda base: (
                tuple(base.sessions[session].entries[since : since + count_max])
                if session in base.sessions
                else ()
            )
        )

    async def session(self, session: str) -> SessionKept | None:
        def found(base: Database) -> SessionKept | None:
            rows = base.sessions.get(session)
            if rows is None:
                return None
            return SessionKept(_row(session, rows), tuple(rows.disclosures.values()))

        return await self._read(found)

    async def answers(self, session: str, author: str) -> tuple[KeptAnswer, ...]:
        def found(base: Database) -> tuple[KeptAnswer, ...]:
            rows = base.sessions.get(session)
            return () if rows is None else tuple(a for (key, _), a in rows.answers.items() if key == author)

        return await self._read(found)

    async def answers_beside(self, session: str, authors: tuple[str, ...]) -> int:
        def found(base: Database) -> int:
            rows = base.sessions.get(session)
            return 0 if rows is None else sum(1 for key, _ in rows.answers if key not in authors)

        return await self._read(found)

    async def sessions_going_on(self) -> tuple[SessionRow, ...]:
        return await self._read(
            lambda base: tuple(_row(name, rows) for name, rows in base.sessions.items() if not rows.ended)
        )

    async def sessions_of(self, node: str, node_key: str) -> tuple[SessionRow, ...]:
        return await self._read(
            lambda base: tuple(
                _row(name, rows)
                for name, rows in base.sessions.items()
                if rows.birth.home_node == node or node_key in rows.followers
            )
        )

    async def sizes(self, sessions: tuple[str, ...]) -> dict[str, int]:
        return await self._read(
            lambda base: {one: len(base.sessions[one].entries) for one in sessions if one in base.sessions}
        )

    async def lease(self, session: str, holder: str, address: str, lease_ms: int) -> Lease:
        def take(base: Database) -> Lease:
            row = base.leases.get(session, Lease(session, "", "", 0, 0))
            if row.holder == holder or row.until <= base.now_ms:
                epoch = row.epoch + (row.holder != holder)
                row = Lease(session, holder, address, epoch, base.now_ms + lease_ms)
            base.leases[session] = row
            return row

        return await self._write(take)

    async def take_over(
        self, sessions: tuple[str, ...], holder: str, address: str, lease_ms: int
    ) -> tuple[Lease, ...]:
        def take(base: Database) -> tuple[Lease, ...]:
            taken = []
            for name in sessions:
                row = base.leases.get(name, Lease(name, "", "", 0, 0))
                if row.until <= base.now_ms:
                    epoch = row.epoch + (row.holder != holder)
                    row = Lease(name, holder, address, epoch, base.now_ms + lease_ms)
                    base.leases[name] = row
                    taken.append(row)
            return tuple(taken)

        return await self._write(take)

    async def renew(self, holder: str, lease_ms: int) -> tuple[Lease, ...]:
        def renewed(base: Database) -> tuple[Lease, ...]:
            for name, row in base.leases.items():
                if row.holder == holder:
                    base.leases[name] = replace(row, until=base.now_ms + lease_ms)
            return tuple(row for _, row in sorted(base.leases.items()) if row.holder == holder)

        return await self._write(renewed)

    async def release(self, holder: str, sessions: tuple[str, ...]) -> None:
        def free(base: Database) -> None:
            for name in sessions:
                row = base.leases.get(name)
                if row is not None and row.holder == holder:
                    base.leases[name] = replace(row, holder="", until=0)

        await self._write(free)

    async def unheld(self) -> tuple[str, ...]:
        def found(base: Database) -> tuple[str, ...]:
            going_on = (name for name, rows in sorted(base.sessions.items()) if not rows.ended)
            return tuple(
                one for one in going_on if one not in base.leases or base.leases[one].until <= base.now_ms
            )

        return await self._read(found)

    async def put_snapshot(self, snapshot: Snapshot) -> None:
        await self._write(lambda base: base.snapshots.update({snapshot.session: snapshot}))

    async def snapshot(self, session: str) -> Snapshot | None:
        return await self._read(lambda base: base.snapshots.get(session))

    async def put_head(self, session: str, size: int, note: str, replaces: int = 0) -> None:
        def put(base: Database) -> None:
            held = base.heads.setdefault(session, {})
            held.pop(replaces, None)
            held[size] = note

        await self._write(put)

    async def heads(self, session: str) -> dict[int, str]:
        return await self._read(lambda base: dict(base.heads.get(session, {})))

    async def enrol_agent(self, key: str, at: int) -> None:
        await self._write(lambda base: base.agents.append(key) if key not in base.agents else None)

    async def agents(self) -> tuple[str, ...]:
        return await self._read(lambda base: tuple(base.agents))

    async def put_codes(self, rows: tuple[CodeRow, ...], at: int) -> bool:
        def put(base: Database) -> bool:
            before = [base.codes.get((one.session, one.seat)) for one in rows]
            if any(one is not None and one.requested_at >= at for one in before):
                return False
            base.codes.update(((one.session, one.seat), one) for one in rows)
            return True

        return await self._write(put)

    async def try_code(self, session: str, seat: str, now: int, tries_max: int, lock_ms: int) -> Tried | None:
        def tried(base: Database) -> Tried | None:
            row = base.codes.get((session, seat))
            if row is None:
                return None
            if row.locked_until > now:
                return Tried(row, allowed=False)
            attempts = 1 if row.locked_until else row.attempts + 1
            row = replace(row, attempts=attempts, locked_until=now + lock_ms if attempts >= tries_max else 0)
            base.codes[session, seat] = row
            return Tried(row, allowed=True)

        return await self._write(tried)

    async def code(self, session: str, seat: str) -> CodeRow | None:
        return await self._read(lambda base: base.codes.get((session, seat)))

    async def use_code(self, row: CodeRow, key: str, agent_at: int | None) -> bool:
        def use(base: Database) -> bool:
            now = base.codes.get((row.session, row.seat))
            if now is None or now.hash != row.hash or now.used_by not in ("", key):
                return False
            base.codes[row.session, row.seat] = replace(now, used_by=key, attempts=0, locked_until=0)
            if agent_at is not None and key not in base.agents:
                base.agents.append(key)
            return True

        return await self._write(use)

    async def close(self) -> None:
        """Nothing is held."""

    def _sync(self, work: Callable[[], object]) -> None:
        """Fail where the machine's next sync is to fail: the next start finds what was written, or not.

        Raises:
          NotDurable: it has failed now or before.
        """
        base = self._database
        if self._machine in base.failing_syncs:
            base.failing_syncs.discard(self._machine)
            self._failed.set_result("input/output error")
            if base._dice.random() < 0.5:
                base.loop.call_soon(work, context=contextvars.Context())
        if self._failed.done():
            self.durable = False
            raise NotDurable("a sync of the database has failed")

    async def _read(self, work: Callable[[Database], T]) -> T:
        await self._database.trip(self._machine)
        found = work(self._database)
        await self._database.trip(self._machine)
        return found

    async def _write(self, work: Callable[[Database], T]) -> T:
        base = self._database
        await base.trip(self._machine)
        base.before_commit(self._machine)
        self._sync(lambda: work(base))
        done = work(base)
        base.after_commit(self._machine)
        if base.lose_answers:
            base.lose_answers -= 1
            raise NotDurable("the answer to COMMIT was lost")
        await base.trip(self._machine)
        return done


def _row(session: str, rows: Rows) -> SessionRow:
    return SessionRow(session, rows.birth.home_node, rows.birth.created_at, len(rows.entries), rows.ended)


def as_store(store: SimStore) -> Store:
    """The store as the coordinator takes it: what the contract gains is missed here first."""
    return store
