"""Passkeys in SQL: bound once, and counted by a single statement: no two coordinators take one twice."""

import contextlib

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from server.store import tables
from server.store.contract import PasskeyRow

_c = tables.passkeys.c
_this = _c.credential == bindparam("which")
_READ = select(_c.credential, _c.binding, _c["count"]).where(_this)
_MANY = select(func.count()).select_from(tables.passkeys)
_KEEP = insert(tables.passkeys)
_COUNT = (
    update(tables.passkeys)
    .where(
        _this,
        # One that does not count says 0 always (WebAuthn 6.1.1).
        or_(_c["count"] < bindparam("signed"), and_(_c["count"] == 0, bindparam("signed") == 0)),
    )
    .values(count=bindparam("signed"))
)


def read(connection: Connection, credential: bytes) -> PasskeyRow | None:
    """A passkey by the digest of its id, or None."""
    found = connection.execute(_READ, {"which": credential}).first()
    return None if found is None else PasskeyRow(bytes(found[0]), bytes(found[1]), int(found[2]))


def many(connection: Connection) -> int:
    """How many there are."""
    return int(connection.execute(_MANY).scalar_one())


def bind(connection: Connection, row: PasskeyRow) -> bool:
    """Keep a passkey; False, and nothing done, where there is one of this id."""
    told = {"credential": row.credential, "binding": row.binding, "count": row.count}
    with contextlib.suppress(IntegrityError), connection.begin_nested():
        connection.execute(_KEEP, told)
        return True
    return False


def counted(connection: Connection, credential: bytes, count: int) -> bool:
    """Note how often a passkey has signed; False where that does not rise."""
    done: int = connection.execute(_COUNT, {"which": credential, "signed": count}).rowcount
    return done == 1
