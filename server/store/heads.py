"""Cosigned heads in SQL: of each session's log those that somebody may still ask for."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from server.store import tables

_c = tables.heads.c
_DROP = delete(tables.heads).where(
    _c.session_id == bindparam("session"), _c.size.in_(bindparam("sizes", expanding=True))
)
_INSERT = insert(tables.heads)
_READ = select(_c.size, _c.note).where(_c.session_id == bindparam("session")).order_by(_c.size)


def put(connection: Connection, session: str, size: int, note: str, replaces: int) -> None:
    """Keep a head, in place of the same one with fewer lines and of the one of size `replaces`."""
    connection.execute(_DROP, {"session": session, "sizes": sorted({size, replaces})})
    connection.execute(_INSERT, {"session_id": session, "size": size, "note": note})


def read(connection: Connection, session: str) -> dict[int, str]:
    """The heads that are kept of a session's log, by size."""
    return {int(size): str(note) for size, note in connection.execute(_READ, {"session": session})}
