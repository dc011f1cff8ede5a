"""How PostgreSQL takes the batches of many sessions: one statement, in arrays, all of it or none of it.

A statement on its own is a transaction, so a group costs one round trip and one flush of the log. In it
the leases are compared first, and locked against a change of holder until the commit; batches under a
stale lease are left out and named. A batch in another writer's way fails the statement as a whole, and
then `one_by_one` puts each under a savepoint of its own.

Everybody locks and inserts in the order of session ids, so that two coordinators never wait for each
other in a ring. Source: PostgreSQL 15, 7.8.2 (data-modifying statements in WITH), 13.3.2 (row locks).
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from protocol.ledger import tree
from server.store.contract import Batch, NotDurable, SeqTaken, StaleLease

_FENCE = """
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::bigint[]) AS a (session_id, epoch)
), held AS MATERIALIZED (
  SELECT session_id, epoch FROM leases
  WHERE session_id = ANY ($1::text[]) ORDER BY session_id FOR SHARE
), stale AS MATERIALIZED (
  SELECT session_id FROM asked LEFT JOIN held USING (session_id)
  WHERE asked.epoch IS DISTINCT FROM held.epoch
), written AS (
  INSERT INTO entries (session_id, seq, body, leaf)
  SELECT * FROM unnest($3::text[], $4::bigint[], $5::bytea[], $6::bytea[]) AS e (session_id)
  WHERE session_id NOT IN (SELECT session_id FROM stale)
), answered AS (
  INSERT INTO answers (session_id, author_key, command_id, digest, answer)
  SELECT * FROM unnest($7::text[], $8::text[], $9::text[], $10::bytea[], $11::bytea[]) AS a (session_id)
  WHERE session_id NOT IN (SELECT session_id FROM stale)
)"""
_REST = """, disclosed AS (
  INSERT INTO disclosures (session_id, digest, field, salt, value)
  SELECT * FROM unnest($12::text[], $13::bytea[], $14::text[], $15::bytea[], $16::text[]) AS d (session_id)
  WHERE session_id NOT IN (SELECT session_id FROM stale)
), born AS (
  INSERT INTO sessions (session_id, home_node, created_at_ms, ended)
  SELECT * FROM unnest($17::text[], $18::text[], $19::bigint[], $20::text[]) AS b (session_id)
  WHERE session_id NOT IN (SELECT session_id FROM stale)
), ended AS (
  UPDATE sessions SET ended = e.phase FROM unnest($21::text[], $22::text[]) AS e (session_id, phase)
  WHERE sessions.session_id = e.session_id AND e.session_id NOT IN (SELECT session_id FROM stale)
), followed AS (
  INSERT INTO audience (session_id, node_key)
  SELECT * FROM unnest($23::text[], $24::text[]) AS f (session_id)
  WHERE session_id NOT IN (SELECT session_id FROM stale)
  ON CONFLICT DO NOTHING
)"""
_STALE = " SELECT session_id FROM stale"
_COMMON = _FENCE + _STALE
"""For batches of entries and answers alone, which nearly all are."""
_WHOLE = _FENCE + _REST + _STALE

_ITS_OWN = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)
"""What one batch brings upon itself; everything else is the connection's, and so the whole group's."""

Fault = SeqTaken | NotDurable | None
"""What became of one batch; None where it was written."""


async def append(connection: asyncpg.Connection, batches: Sequence[Batch]) -> list[Fault]:
    """Make batches durable, each of another session; what became of each.

    Raises:
      asyncpg.PostgresError, asyncpg.InterfaceError, OSError: nobody knows.
    """
    try:
        return await _together(connection, sorted(batches, key=lambda one: one.session), batches)
    except _ITS_OWN as error:
        if len(batches) == 1:
            return [_fault(error)]
    return await _one_by_one(connection, batches)


async def _one_by_one(connection: asyncpg.Connection, batches: Sequence[Batch]) -> list[Fault]:
    """One transaction, a savepoint for each: a conflict fails its session alone (DESIGN 1.3)."""
    faults: dict[str, Fault] = {}
    async with connection.transaction():
        for batch in sorted(batches, key=lambda one: one.session):
            try:
                async with connection.transaction():
                    (faults[batch.session],) = await _together(connection, [batch], [batch])
            except _ITS_OWN as error:
                faults[batch.session] = _fault(error)
    return [faults[batch.session] for batch in batches]


async def _together(
    connection: asyncpg.Connection, ordered: Sequence[Batch], batches: Sequence[Batch]
) -> list[Fault]:
    rest = any(one.birth or one.audience or one.ended or one.disclosures for one in ordered)
    columns = [*_common(ordered), *(_rest(ordered) if rest else ())]
    rows = await connection.fetch(_WHOLE if rest else _COMMON, *columns)
    stale = {row[0] for row in rows}
    return [StaleLease() if one.session in stale else None for one in batches]


def _fault(error: asyncpg.PostgresError) -> Fault:
    return SeqTaken() if isinstance(error, asyncpg.UniqueViolationError) else NotDurable(str(error))


def _common(batches: Sequence[Batch]) -> tuple[list[Any], ...]:
    """$1 to $11: leases, entries, answers, column by column."""
    leased = [one for one in batches if one.epoch]
    entries = [(one.session, seq, body) for one in batches for seq, body in enumerate(one.entries, one.since)]
    answers = [(one.session, kept) for one in batches for kept in one.answers]
    return (
        [one.session for one in leased],
        [one.epoch for one in leased],
        [session for session, _, _ in entries],
        [seq for _, seq, _ in entries],
        [body for _, _, body in entries],
        [tree.leaf_hash(body) for _, _, body in entries],
        [session for session, _ in answers],
        [kept.author_key for _, kept in answers],
        [kept.command_id for _, kept in answers],
        [kept.digest for _, kept in answers],
        [kept.answer for _, kept in answers],
    )


def _rest(batches: Sequence[Batch]) -> tuple[list[Any], ...]:
    """$12 to $24: disclosures, births, ends, followers. Who is born ended is written so at once."""
    disclosures = [(one.session, told) for one in batches for told in one.disclosures]
    born = [(one, one.birth) for one in batches if one.birth is not None]
    ended = [one for one in batches if one.ended and one.birth is None]
    followed = [(one.session, key) for one in batches for key in one.audience]
    return (
        [session for session, _ in disclosures],
        [told.digest for _, told in disclosures],
        [told.field for _, told in disclosures],
        [told.salt for _, told in disclosures],
        [told.value for _, told in disclosures],
        [one.session for one, _ in born],
        [birth.home_node for _, birth in born],
        [birth.created_at for _, birth in born],
        [one.ended for one, _ in born],
        [one.session for one in ended],
        [one.ended for one in ended],
        [session for session, _ in followed],
        [key for _, key in followed],
    )
