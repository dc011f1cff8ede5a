"""Leases in SQL: which coordinator writes a session, until when, by the database's own clock.

A lease saves coordinators from being in each other's way; it proves nothing. Whoever appends names
the epoch under which it decided, and the epoch is compared in the append's own transaction; the
primary key (session_id, seq) stays the law.
"""

import contextlib

from sqlalchemy import BigInteger, Connection, bindparam, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.functions import FunctionElement

from server.store import tables
from server.store.contract import Lease

_FREE = ""


class now_ms(FunctionElement[int]):  # noqa: N801 - reads as the SQL function that it is
    """The database's clock at this statement, ms; each dialect's file says how it is asked."""

    type = BigInteger()
    inherit_cache = True


_c = tables.leases.c
_columns = (_c.session_id, _c.holder, _c.address, _c.epoch, _c.until_ms)
_mine = _c.holder == bindparam("by")
_READ = select(*_columns).where(_c.session_id == bindparam("session"))
_MAKE = insert(tables.leases)
_TAKE = (
    update(tables.leases)
    .where(_c.session_id == bindparam("session"), _mine | (_c.until_ms <= now_ms()))
    .values(
        holder=bindparam("by"),
        address=bindparam("at"),
        epoch=case((_mine, _c.epoch), else_=_c.epoch + 1),
        until_ms=now_ms() + bindparam("lease_ms"),
    )
)
_among = _c.session_id.in_(bindparam("sessions", expanding=True))
_LACKING = (
    select(tables.sessions.c.session_id)
    .outerjoin(tables.leases, _c.session_id == tables.sessions.c.session_id)
    .where(tables.sessions.c.session_id.in_(bindparam("sessions", expanding=True)), _c.session_id.is_(None))
)
# What another coordinator is taking at this moment is passed over: nobody waits for it.
_GRASP = (
    select(_c.session_id)
    .where(_among, _c.until_ms <= now_ms())
    .order_by(_c.session_id)
    .with_for_update(skip_locked=True)
)
_TAKE_OVER = (
    update(tables.leases)
    .where(_among, _c.until_ms <= now_ms())
    .values(
        holder=bindparam("by"),
        address=bindparam("at"),
        epoch=case((_mine, _c.epoch), else_=_c.epoch + 1),
        until_ms=now_ms() + bindparam("lease_ms"),
    )
    .returning(*_columns)
)
# Locked in one order by everybody, so that a renewal and an append never wait for each other in a ring.
_LOCK = select(_c.session_id).where(_mine).order_by(_c.session_id).with_for_update()
_RENEW = (
    update(tables.leases).where(_mine).values(until_ms=now_ms() + bindparam("lease_ms")).returning(*_columns)
)
_RELEASE = (
    update(tables.leases)
    .where(_mine, _c.session_id.in_(bindparam("sessions", expanding=True)))
    .values(holder=_FREE, until_ms=0)
)
_UNHELD = (
    select(tables.sessions.c.session_id)
    .outerjoin(tables.leases, _c.session_id == tables.sessions.c.session_id)
    .where(tables.sessions.c.ended == "", func.coalesce(_c.until_ms, 0) <= now_ms())
    .order_by(tables.sessions.c.session_id)
)
_EPOCHS = (
    select(_c.session_id, _c.epoch)
    .where(_c.session_id.in_(bindparam("sessions", expanding=True)))
    .order_by(_c.session_id)
    .with_for_update(read=True)
)


def take(connection: Connection, session: str, holder: str, address: str, lease_ms: int) -> Lease:
    """Take, renew, or only look: see `Store.lease`."""
    if connection.execute(_READ, {"session": session}).first() is None:
        _make(connection, session)
    connection.execute(_TAKE, {"session": session, "by": holder, "at": address, "lease_ms": lease_ms})
    return Lease(*connection.execute(_READ, {"session": session}).one())


def take_over(
    connection: Connection, sessions: tuple[str, ...], holder: str, address: str, lease_ms: int
) -> tuple[Lease, ...]:
    """Take those that have run out, all in one statement: see `Store.take_over`."""
    for session in connection.execute(_LACKING, {"sessions": sessions}).scalars().all():
        _make(connection, session)
    free = tuple(connection.execute(_GRASP, {"sessions": sessions}).scalars())
    if not free:
        return ()
    told = {"sessions": free, "by": holder, "at": address, "lease_ms": lease_ms}
    return tuple(Lease(*row) for row in connection.execute(_TAKE_OVER, told))


def _make(connection: Connection, session: str) -> None:
    """A lease that is free; another coordinator may make it at this very moment."""
    row = {"session_id": session, "holder": _FREE, "address": "", "epoch": 0, "until_ms": 0}
    with contextlib.suppress(IntegrityError), connection.begin_nested():
        connection.execute(_MAKE, row)


def renew(connection: Connection, holder: str, lease_ms: int) -> tuple[Lease, ...]:
    """Renew all of a holder's leases, run out or not, as long as nobody has taken them."""
    connection.execute(_LOCK, {"by": holder})
    found = connection.execute(_RENEW, {"by": holder, "lease_ms": lease_ms})
    return tuple(sorted((Lease(*row) for row in found), key=lambda one: one.session))


def release(connection: Connection, holder: str, sessions: tuple[str, ...]) -> None:
    """Free leases; the row stays, so that its epoch goes on rising."""
    connection.execute(_RELEASE, {"by": holder, "sessions": sessions})


def unheld(connection: Connection) -> tuple[str, ...]:
    """Sessions that go on and whose lease is free or has run out."""
    return tuple(connection.execute(_UNHELD).scalars())


def epochs(connection: Connection, sessions: tuple[str, ...]) -> dict[str, int]:
    """The epochs of leases, which nobody changes before this transaction ends."""
    return dict(connection.execute(_EPOCHS, {"sessions": sessions}).all())
