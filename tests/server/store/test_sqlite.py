"""What only SQLite does: one file, its journal, its disk."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from server.store.contract import Batch, Birth, NotDurable
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

BORN = Birth("hefei", 1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    found = SqliteStore(tmp_path / "coordinator.db", Meters(), 512)
    yield found
    await found.close()


async def test_the_database_writes_ahead_and_syncs_in_full(store: SqliteStore) -> None:
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


async def test_reading_does_not_wait_for_writing(store: SqliteStore, tmp_path: Path) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    other = sqlite3.connect(tmp_path / "coordinator.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(store.append(Batch(session="s", since=1, entries=(b"b",))))
    assert await store.entries("s", 0, 10) == (b"a",)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    await waiting
    assert await store.entries("s", 0, 10) == (b"a", b"b")


async def test_a_full_disk_is_not_durable_and_passes(store: SqliteStore) -> None:
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=BORN))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (262_144, hard))
    try:
        with pytest.raises(NotDurable):
            await store.append(Batch(session="s", since=1, entries=(b"x" * 60_000,) * 8))
        told_durable = store.durable
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert await store.entries("s", 0, 10) == (b"a",)
    await store.append(Batch(session="s", since=1, entries=(b"b",)))
    assert (told_durable, store.durable) == (False, True)
    assert await store.entries("s", 0, 10) == (b"a", b"b")


def test_a_file_that_is_no_database_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(b"not a database, but long enough to look like a file" * 100)
    with pytest.raises(NotDurable):
        SqliteStore(path, Meters(), 512)
