"""The tables are made, and unmade, by versions; what the versions make is what the code speaks to."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from server.store import migrate
from server.store.contract import Batch, Birth
from server.store.sqlite import SqliteStore, sqlite_engine
from server.store.tables import metadata
from server.telemetry import Meters


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return sqlite_engine(tmp_path / "c.db", writes=True)


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_versions_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        migrate.upgrade(connection)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert names(engine) == set(metadata.tables)


def test_every_version_goes_down_and_up_again(engine: Engine) -> None:
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(migrate._config(connection))
        versions = [one.revision for one in script.walk_revisions()][::-1]
    assert versions
    for version in versions:
        with engine.connect() as connection:
            migrate.upgrade(connection, version)
        before = names(engine)
        with engine.connect() as connection:
            migrate.downgrade(connection, "-1")
        with engine.connect() as connection:
            migrate.upgrade(connection, version)
        assert names(engine) == before
    with engine.connect() as connection:
        migrate.downgrade(connection, "base")
    assert names(engine) == set()


async def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = SqliteStore(path, Meters(), 512)
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=Birth("hefei", 1)))
    await store.close()
    store = SqliteStore(path, Meters(), 512)
    assert await store.entries("s", 0, 10) == (b"a",)
    await store.close()
