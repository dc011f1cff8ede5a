"""What is kept of a session beside its entries and answers, read as of one moment."""

from sqlalchemy import Connection

from server.store import entries, sessions
from server.store.contract import SessionKept


def read(connection: Connection, session: str) -> SessionKept | None:
    """What is kept of a session, or None where there is none."""
    row = sessions.one(connection, session)
    if row is None:
        return None
    return SessionKept(row, entries.disclosed(connection, session))
