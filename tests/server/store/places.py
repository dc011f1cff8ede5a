"""Where a test keeps a store's data: in a SQLite file, or in a PostgreSQL database."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import asyncpg

from server.store.contract import Store
from server.store.postgres import PostgresStore
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

KINDS = ("sqlite", "postgres")


class Place:
    """Where a test's data lies, whatever database that is; `kind` and `where` name it to another process."""

    def __init__(self, kind: str, where: str) -> None:
        self.kind = kind
        self.where = where

    def opened(self, meters: Meters | None = None) -> Store:
        """A store there, of which several may be open at once; to be prepared."""
        return opened(self.kind, self.where, meters or Meters())

    async def by_hand(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements over a connection of one's own; the rows of the last."""
        if self.kind == "sqlite":
            return await asyncio.to_thread(self._by_hand, statements)
        rows: list[asyncpg.Record] = []
        connection = await asyncpg.connect(self.where)
        try:
            for statement in statements:
                rows = await connection.fetch(statement)
        finally:
            await connection.close()
        return [tuple(row) for row in rows]

    def _by_hand(self, statements: tuple[str, ...]) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        with contextlib.closing(sqlite3.connect(self.where, isolation_level=None)) as other:
            for statement in statements:
                rows = other.execute(statement).fetchall()
        return rows


def opened(kind: str, where: str, meters: Meters) -> Store:
    """A store of a kind at a place."""
    if kind == "sqlite":
        return SqliteStore(Path(where), meters, 512)
    return PostgresStore(where, meters, 512)
