"""First answers to commands, kept by (session, author, command id) in the entry's own transaction.

A repeat gets the first answer, refusals included (DESIGN 1.4). How many are kept for an author is
the session's business; here a second answer to one command fails like a second entry for one `seq`.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, func, select

from server.store import tables
from server.store.contract import Batch, KeptAnswer

# As the driver takes it, like the entries'.
_INSERT = "INSERT INTO answers (session_id, author_key, command_id, digest, answer) VALUES (?, ?, ?, ?, ?)"
_READ = select(
    tables.answers.c.author_key,
    tables.answers.c.command_id,
    tables.answers.c.digest,
    tables.answers.c.answer,
).where(
    tables.answers.c.session_id == bindparam("session"),
    tables.answers.c.author_key == bindparam("author"),
)
_BESIDE = (
    select(func.count())
    .select_from(tables.answers)
    .where(
        tables.answers.c.session_id == bindparam("session"),
        tables.answers.c.author_key.not_in(bindparam("authors", expanding=True)),
    )
)


def append(connection: Connection, batches: Iterable[Batch]) -> None:
    """Insert the answers of batches."""
    rows = [
        (batch.session, one.author_key, one.command_id, one.digest, one.answer)
        for batch in batches
        for one in batch.answers
    ]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


def read(connection: Connection, session: str, author: str) -> tuple[KeptAnswer, ...]:
    """Every answer given to an author in a session, in no particular order."""
    found = connection.execute(_READ, {"session": session, "author": author}).all()
    return tuple(
        KeptAnswer(key, command, bytes(digest), bytes(answer)) for key, command, digest, answer in found
    )


def beside(connection: Connection, session: str, authors: tuple[str, ...]) -> int:
    """How many answers are kept in a session for all but these authors."""
    found: int = connection.execute(_BESIDE, {"session": session, "authors": authors}).scalar_one()
    return found
