"""The private PostgreSQL and Redis: each does what a fault run asks of it."""

import asyncio
import contextlib
import shutil
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from ops import postgres, servers
from ops.postgres import Cluster
from ops.redis import Redis
from ops.trouble import Trouble
from tests.databases import cluster_at


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_what_was_committed_is_there_after_a_kill_and_a_restart(own_cluster: Cluster) -> None:
    await ask(own_cluster.url(), "CREATE TABLE kept AS SELECT 7 AS number")
    await asyncio.to_thread(own_cluster.kill)
    assert own_cluster.pid is None
    with pytest.raises(OSError):
        await ask(own_cluster.url(), "SELECT 1")
    await asyncio.to_thread(own_cluster.start)
    assert await ask(own_cluster.url(), "SELECT number FROM kept") == 7
    await asyncio.to_thread(own_cluster.stop)
    await asyncio.to_thread(own_cluster.start)
    assert await ask(own_cluster.url(), "SELECT number FROM kept") == 7


async def test_a_promoted_standby_has_what_the_primary_acknowledged(own_cluster: Cluster) -> None:
    folder = own_cluster.data_dir.with_name("standby")
    standby = await asyncio.to_thread(own_cluster.standby, folder)
    try:
        url = own_cluster.url("postgres", standby)
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS number")
        assert await ask(standby.url(), "SELECT pg_is_in_recovery()") is True
        await asyncio.to_thread(own_cluster.kill)
        await asyncio.to_thread(standby.promote)
        assert await ask(url, "SELECT number FROM kept") == 7
        await ask(url, "INSERT INTO kept VALUES (8)")
    finally:
        await asyncio.to_thread(standby.remove)


def test_a_server_that_its_owner_left_behind_is_ended_first(own_cluster: Cluster) -> None:
    again = Cluster(own_cluster.data_dir)
    again.start()
    try:
        assert own_cluster.pid is None
        assert again.pid is not None
    finally:
        again.stop()


async def test_redis_is_flushed_killed_and_started_again(own_redis: Redis) -> None:
    async def get() -> object:
        client = redis.asyncio.from_url(own_redis.url)
        try:
            return await client.get("name")
        finally:
            await client.aclose()

    client = redis.asyncio.from_url(own_redis.url)
    await client.set("name", "value")
    await client.aclose()
    assert await get() == b"value"
    own_redis.flush()
    assert await get() is None
    own_redis.kill()
    with pytest.raises(redis.exceptions.ConnectionError):
        await get()
    own_redis.start()
    assert await get() is None


def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    with pytest.raises(Trouble) as trouble:
        servers.find("no-such-server", "no-such-package")
    for text in (trouble.value.zh, trouble.value.en):
        assert "apt-get install no-such-package" in text


def test_a_server_that_does_not_come_up_says_why(open_folder: Path, made_cluster: Path) -> None:
    cluster = cluster_at(open_folder / "wrong", made_cluster, {"shared_buffers": "no size"})
    with pytest.raises(Trouble) as trouble:
        cluster.start()
    assert "shared_buffers" in trouble.value.zh
    cluster.remove()


def test_a_path_too_long_for_a_socket_is_refused(open_folder: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        Cluster(open_folder / ("x" * 100)).start()
    assert "--data" in trouble.value.en


def test_the_administrators_closed_folder_is_no_home_for_the_account(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.suppress(FileExistsError):
        (open_folder / "closed").mkdir(mode=0o700)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert postgres.home_for(open_folder) == open_folder / "postgres"
    closed = open_folder / "closed"
    home = postgres.home_for(closed)
    assert home.parent == Path("/var/lib/postgresql")
    assert postgres.home_for(closed) == home


def test_a_data_folder_made_again_under_the_same_path_does_not_meet_the_cluster_of_the_one_before(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    closed = open_folder / "again"
    closed.mkdir(mode=0o700)
    first = postgres.home_for(closed)
    shutil.rmtree(closed)
    closed.mkdir(mode=0o700)
    assert postgres.home_for(closed) != first


def test_an_installation_from_before_the_note_keeps_the_cluster_that_it_has_used(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    closed = open_folder / "earlier"
    closed.mkdir(mode=0o700)
    used = Path("/var/lib/postgresql/tongchang-0123456789ab")
    url = f"postgresql:///postgres?host={used}&port=5432&user=postgres"
    assert postgres.home_for(closed, url) == used
    assert postgres.home_for(closed) == used
