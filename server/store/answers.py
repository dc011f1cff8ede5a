"""First answers to commands, kept by (session, author, command id) in the entry's own transaction.

A repeat gets the first answer, refusals included (DESIGN 1.4). How many are kept for an author is
the session's business; here a second answer to one command fails like a second entry for one `seq`.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from server.store import tables
from server.store.contract import Batch, KeptAnswer

_INSERT = insert(tables.answers)
_READ = select(
    tables.answers.c.author_key,
    tables.answers.c.command_id,
    tables.answers.c.digest,
    tables.answers.c.answer,
).where(tables.answers.c.session_id == bindparam("session"))


def append(connection: Connection, batches: Iterable[Batch]) -> None:
    """Insert the answers of batches."""
    rows = [
        {
            "session_id": batch.session,
            "author_key": one.author_key,
            "command_id": one.command_id,
            "digest": one.digest,
            "answer": one.answer,
        }
        for batch in batches
        for one in batch.answers
    ]
    if rows:
        connection.execute(_INSERT, rows)


def read(connection: Connection, session: str) -> tuple[KeptAnswer, ...]:
    """Every answer given in a session, in no particular order."""
    found = connection.execute(_READ, {"session": session}).all()
    return tuple(
        KeptAnswer(author, command, bytes(digest), bytes(answer)) for author, command, digest, answer in found
    )
