"""What only SQLite does: one file, its journal, its disk."""

import asyncio
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server.store import sqlite, writer
from server.store.contract import Batch, Birth, NotDurable
from server.store.sqlite import SqliteStore
from server.telemetry import Meters
from tests.house import ground

BORN = Birth("hefei", 1)
WAIT_S = 60.0


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


async def test_a_store_that_refused_tells_by_itself_when_it_takes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counted(path: Path, connection: Connection) -> None:
        nonlocal looks
        looks += 1
        look(path, connection)

    look = sqlite._look
    monkeypatch.setattr(sqlite, "_look", counted)
    monkeypatch.setattr(sqlite, "ROOM_BYTES", 1 << 20)
    monkeypatch.setattr(writer, "LOOK_S", 0.02)
    store = SqliteStore(tmp_path / "coordinator.db", Meters(), 512)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (262_144, hard))
    try:
        with pytest.raises(NotDurable):
            await store.append(Batch(session="s", since=0, entries=(b"x" * 60_000,) * 8, birth=BORN))
        while looks < 3:
            assert not store.durable
            await asyncio.sleep(0.01)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    async with asyncio.timeout(WAIT_S):
        while not store.durable:  # noqa: ASYNC110 - a thread's word, which tells nobody
            await asyncio.sleep(0.01)
    assert await store.entries("s", 0, 10) == ()
    assert not (tmp_path / ".room").exists()
    await store.close()


# --- a sync that fails ----------------------------------------------------------------------------


def written(path: Path, *injected: str) -> tuple[int, list[str]]:
    """Entries written by a process of its own until it fails: how it ended, which it was told are durable."""
    strace = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync")
    faults = (*strace, *(word for one in injected for word in ("-e", f"inject=fsync,fdatasync:{one}")))
    done = subprocess.run(
        [*faults, sys.executable, "-c", WRITING, str(path)],
        cwd=ground.ROOT, capture_output=True, text=True, check=False, timeout=WAIT_S,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return done.returncode, [line for line in lines if line.isdigit() or line in ("failed", "durable")]


WRITING = """
import asyncio, os, pathlib, sys
from server.store.contract import Batch, Birth, NotDurable
from server.store.sqlite import SqliteStore
from server.telemetry import Meters

async def write():
    store = SqliteStore(pathlib.Path(sys.argv[1]), Meters(), 512)
    await store.sessions_going_on()  # who reads keeps the write-ahead log where it is
    for seq in range(200):
        birth = None if seq else Birth("hefei", 1)
        try:
            await store.append(Batch(session="s", since=seq, entries=(b"x",), birth=birth))
            print(seq, flush=True)
        except NotDurable:
            await store.failed()
            try:
                await store.append(Batch(session="s", since=seq, entries=(b"x",), birth=birth))
            except NotDurable:
                print("failed" if not store.durable else "durable", flush=True)
            os._exit(3)

asyncio.run(write())
"""


async def test_after_a_sync_that_failed_nothing_is_written_until_a_new_start_has_made_sure(
    tmp_path: Path,
) -> None:
    path = tmp_path / "coordinator.db"
    code, told = written(path, "error=EIO:when=40")
    assert (code, told[-1]) == (3, "failed")
    accepted = len(told) - 1
    assert 0 < accepted < 200
    left = (tmp_path / "coordinator.db-wal").stat().st_size
    assert left > 0

    code, told = written(path, "error=EIO")
    assert (code, told) == (1, []), "where no sync succeeds nothing is believed"

    store = SqliteStore(path, Meters(), 512)
    assert not (tmp_path / "coordinator.db-wal").exists(), "all of it lies in the file, synced"
    assert len(await store.entries("s", 0, 1_000)) == accepted + 1, "of what was refused one may be there"
    assert store.durable
    await store.close()


def test_a_file_that_is_no_database_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(b"not a database, but long enough to look like a file" * 100)
    with pytest.raises(NotDurable):
        SqliteStore(path, Meters(), 512)
