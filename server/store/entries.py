"""Entries and disclosures in SQL: appended in groups, read back from a `seq` on.

Plain functions over a connection, so that the same statements run in SQLite's writer thread and
under asyncpg's `run_sync`. The primary key (session_id, seq) is the law: who comes second fails
with the driver's `IntegrityError`, which the store turns into `SeqTaken`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from protocol.hidden import Disclosure
from protocol.ledger import tree
from server.store import tables
from server.store.contract import Batch, DamagedEntry

# As the driver takes it: what is written with every act must not be compiled with every act.
_INSERT = "INSERT INTO entries (session_id, seq, body, leaf) VALUES (?, ?, ?, ?)"
_INSERT_DISCLOSURES = insert(tables.disclosures)
_READ = (
    select(tables.entries.c.seq, tables.entries.c.body, tables.entries.c.leaf)
    .where(
        tables.entries.c.session_id == bindparam("session"),
        tables.entries.c.seq >= bindparam("since"),
        tables.entries.c.seq < bindparam("until"),
    )
    .order_by(tables.entries.c.seq)
)
_DISCLOSED = (
    select(
        tables.disclosures.c.field,
        tables.disclosures.c.digest,
        tables.disclosures.c.salt,
        tables.disclosures.c.value,
    )
    .where(tables.disclosures.c.session_id == bindparam("session"))
    .order_by(tables.disclosures.c.digest)
)


def append(connection: Connection, batches: Iterable[Batch]) -> None:
    """Insert the entries of batches, each with its RFC 6962 leaf hash."""
    rows = [
        (batch.session, seq, body, tree.leaf_hash(body))
        for batch in batches
        for seq, body in enumerate(batch.entries, batch.since)
    ]
    if rows:
        connection.exec_driver_sql(_INSERT, rows)


def disclose(connection: Connection, batches: Iterable[Batch]) -> None:
    """Insert the disclosures of batches, beside the entries and not in them."""
    rows = [
        {
            "session_id": batch.session,
            "digest": one.digest,
            "field": one.field,
            "salt": one.salt,
            "value": one.value,
        }
        for batch in batches
        for one in batch.disclosures
    ]
    if rows:
        connection.execute(_INSERT_DISCLOSURES, rows)


def read(connection: Connection, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
    """Canonical entries from `since` on.

    Raises:
      DamagedEntry: one is missing in the row, or does not match its leaf hash.
    """
    wanted = {"session": session, "since": since, "until": since + count_max}
    found: Sequence[tuple[int, bytes, bytes]] = connection.execute(_READ, wanted).all()
    for seq, (stored, body, leaf) in enumerate(found, since):
        if stored != seq or tree.leaf_hash(body) != leaf:
            raise DamagedEntry(session, seq)
    return tuple(bytes(body) for _, body, _ in found)


def disclosed(connection: Connection, session: str) -> tuple[Disclosure, ...]:
    """Everything disclosed of a session, in order of digest."""
    found = connection.execute(_DISCLOSED, {"session": session}).all()
    return tuple(Disclosure(field, bytes(digest), bytes(salt), value) for field, digest, salt, value in found)
