"""One-time codes and enrolled agents in SQL: tried, locked and spent by single statements.

A try is counted and committed before it is judged, and a code is spent by an update that names
the very row that was judged; so neither a crash nor two tries at once gives a try or a use away.
"""

import contextlib
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.store import tables
from server.store.contract import CodeRow, Tried

_PUT_TRIES_MAX = 16
"""How often codes are put again after another coordinator was first: more than there are coordinators."""

_c = tables.codes.c
_this = (_c.session_id == bindparam("session"), _c.seat == bindparam("at_seat"))
_READ = select(
    _c.session_id,
    _c.seat,
    _c.salt,
    _c.hash,
    _c.requested_at_ms,
    _c.expires_at_ms,
    _c.attempts,
    _c.locked_until_ms,
    _c.used_by,
).where(*_this)
# Tries at several coordinators take turns: each sees what the one before has counted.
_READ_ALONE = _READ.with_for_update()
_DROP = delete(tables.codes).where(*_this)
_KEEP = insert(tables.codes)
_TRY = (
    update(tables.codes)
    .where(*_this)
    .values(attempts=bindparam("tried"), locked_until_ms=bindparam("locked"))
)
_USE = (
    update(tables.codes)
    .where(*_this, _c.hash == bindparam("judged"), _c.used_by.in_(["", bindparam("by_key")]))
    .values(used_by=bindparam("by_key"), attempts=0, locked_until_ms=0)
)
_KNOWN = select(tables.agents.c.key).where(tables.agents.c.key == bindparam("agent"))
_ENROL = insert(tables.agents)
_AGENTS = select(tables.agents.c.key).order_by(tables.agents.c.enrolled_at_ms, tables.agents.c.key)


def read(connection: Connection, session: str, seat: str) -> CodeRow | None:
    """A seat's code, or None."""
    return _one(connection, _READ, session, seat)


def _one(connection: Connection, statement: Select[Any], session: str, seat: str) -> CodeRow | None:
    found = connection.execute(statement, {"session": session, "at_seat": seat}).first()
    if found is None:
        return None
    name, place, salt, hashed, *rest = found
    return CodeRow(name, place, bytes(salt), bytes(hashed), *rest)


def put(connection: Connection, rows: tuple[CodeRow, ...], at: int) -> bool:
    """Replace the seats' codes; False, and nothing done, where one was requested at `at` or later.

    Where another coordinator puts a code for the same seat at this very moment, the later one looks again.
    """
    for _ in range(_PUT_TRIES_MAX - 1):
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            return _put(connection, rows, at)
    return _put(connection, rows, at)


def _put(connection: Connection, rows: tuple[CodeRow, ...], at: int) -> bool:
    for row in rows:
        before = _one(connection, _READ_ALONE, row.session, row.seat)
        if before is not None and before.requested_at >= at:
            return False
    for row in rows:
        connection.execute(_DROP, {"session": row.session, "at_seat": row.seat})
        connection.execute(
            _KEEP,
            {
                "session_id": row.session,
                "seat": row.seat,
                "salt": row.salt,
                "hash": row.hash,
                "requested_at_ms": row.requested_at,
                "expires_at_ms": row.expires_at,
                "attempts": row.attempts,
                "locked_until_ms": row.locked_until,
                "used_by": row.used_by,
            },
        )
    return True


def count_try(
    connection: Connection, session: str, seat: str, now: int, tries_max: int, lock_ms: int
) -> Tried | None:
    """Count a try; the last of `tries_max` in a row locks the seat for `lock_ms`, unless it is right."""
    row = _one(connection, _READ_ALONE, session, seat)
    if row is None:
        return None
    # A lock lasts `lock_ms` at most by today's clock, however far ahead the clock was that set it.
    until = min(row.locked_until, now + lock_ms)
    if until > now:
        if until < row.locked_until:
            told = {"session": session, "at_seat": seat, "tried": row.attempts, "locked": until}
            connection.execute(_TRY, told)
        return Tried(replace(row, locked_until=until), allowed=False)
    attempts = 1 if row.locked_until else row.attempts + 1
    locked = now + lock_ms if attempts >= tries_max else 0
    told = {"session": session, "at_seat": seat, "tried": attempts, "locked": locked}
    connection.execute(_TRY, told)
    return Tried(replace(row, attempts=attempts, locked_until=locked), allowed=True)


def use(connection: Connection, row: CodeRow, key: str, agent_at: int | None) -> bool:
    """Spend a code for a key; the same key may come again for what it was given."""
    told = {"session": row.session, "at_seat": row.seat, "judged": row.hash, "by_key": key}
    if connection.execute(_USE, told).rowcount != 1:
        return False
    if agent_at is not None:
        enrol(connection, key, agent_at)
    return True


def enrol(connection: Connection, key: str, at: int) -> None:
    """Know a key as an agent's."""
    if connection.execute(_KNOWN, {"agent": key}).first() is None:
        # Another coordinator may enrol it at this very moment, which is as good.
        with contextlib.suppress(IntegrityError), connection.begin_nested():
            connection.execute(_ENROL, {"key": key, "enrolled_at_ms": at})


def agents(connection: Connection) -> tuple[str, ...]:
    """Every enrolled agent's key."""
    return tuple(connection.execute(_AGENTS).scalars())
