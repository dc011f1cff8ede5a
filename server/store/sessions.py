"""The index over sessions: which there are, who brought and who follows them, which have ended.

Kept beside the entries in their transaction, so that nothing has to be replayed to list it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from server.store import tables
from server.store.contract import Batch, SessionRow

_size = (
    select(func.coalesce(func.max(tables.entries.c.seq) + 1, 0))
    .where(tables.entries.c.session_id == tables.sessions.c.session_id)
    .scalar_subquery()
)
_ROW = select(
    tables.sessions.c.session_id,
    tables.sessions.c.home_node,
    tables.sessions.c.created_at_ms,
    _size,
    tables.sessions.c.ended,
)
_ONE = _ROW.where(tables.sessions.c.session_id == bindparam("session"))
_GOING_ON = _ROW.where(tables.sessions.c.ended == "").order_by(
    tables.sessions.c.created_at_ms, tables.sessions.c.session_id
)
_followed = select(tables.audience.c.session_id).where(tables.audience.c.node_key == bindparam("node_key"))
_OF = _ROW.where(
    or_(tables.sessions.c.home_node == bindparam("node"), tables.sessions.c.session_id.in_(_followed))
).order_by(tables.sessions.c.created_at_ms.desc(), tables.sessions.c.session_id)
_SIZES = select(tables.sessions.c.session_id, _size).where(
    tables.sessions.c.session_id.in_(bindparam("sessions", expanding=True))
)
_INSERT = insert(tables.sessions)
_END = (
    update(tables.sessions)
    .where(tables.sessions.c.session_id == bindparam("session"))
    .values(ended=bindparam("phase"))
)
_FOLLOWS = select(tables.audience.c.session_id).where(
    tables.audience.c.session_id == bindparam("session"),
    tables.audience.c.node_key == bindparam("node_key"),
)
_FOLLOW = insert(tables.audience)


def note(connection: Connection, batches: Iterable[Batch]) -> None:
    """Insert sessions that are born, nodes that follow from now on, and mark sessions that ended."""
    for batch in batches:
        if batch.birth is not None:
            born = {
                "session_id": batch.session,
                "home_node": batch.birth.home_node,
                "created_at_ms": batch.birth.created_at,
                "ended": "",
            }
            connection.execute(_INSERT, born)
        for key in batch.audience:
            if connection.execute(_FOLLOWS, {"session": batch.session, "node_key": key}).first() is None:
                connection.execute(_FOLLOW, {"session_id": batch.session, "node_key": key})
        if batch.ended:
            connection.execute(_END, {"session": batch.session, "phase": batch.ended})


def one(connection: Connection, session: str) -> SessionRow | None:
    """A session's row, or None."""
    found = connection.execute(_ONE, {"session": session}).first()
    return None if found is None else SessionRow(*found)


def going_on(connection: Connection) -> tuple[SessionRow, ...]:
    """Sessions that have not ended, oldest first."""
    return tuple(SessionRow(*found) for found in connection.execute(_GOING_ON))


def of(connection: Connection, node: str, node_key: str) -> tuple[SessionRow, ...]:
    """Sessions that a node brought or follows, newest first."""
    wanted = {"node": node, "node_key": node_key}
    return tuple(SessionRow(*found) for found in connection.execute(_OF, wanted))


def sizes(connection: Connection, sessions: tuple[str, ...]) -> dict[str, int]:
    """How many entries each of these sessions has."""
    return dict(connection.execute(_SIZES, {"sessions": sessions}).all())
