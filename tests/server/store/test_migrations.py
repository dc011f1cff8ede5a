"""The tables are made, and unmade, by versions; what the versions make is what the code speaks to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from server.store import migrate
from server.store.contract import Batch, Birth
from server.store.postgres import postgres_engine
from server.store.sqlite import sqlite_engine
from server.store.tables import metadata
from tests.server.store.places import Place


async def within(place: Place, work: Callable[[Connection], Any]) -> Any:
    """Do some work on a connection of one's own, and commit it."""
    if place.kind == "sqlite":
        with sqlite_engine(Path(place.where), writes=True).connect() as connection:
            return work(connection)
    engine = postgres_engine(place.where)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_versions_make_exactly_the_tables_of_the_code(place: Place) -> None:
    def differences(connection: Connection) -> Any:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)

    await within(place, migrate.upgrade)
    assert await within(place, differences) == []
    assert await within(place, names) == set(metadata.tables)


def test_the_newest_version_is_what_alembic_takes_for_it() -> None:
    script = ScriptDirectory.from_config(migrate._config())
    known = frozenset(one.revision for one in script.walk_revisions())
    assert migrate.newest() == (known, script.get_current_head())


async def test_every_version_goes_down_and_up_again(place: Place) -> None:
    script = ScriptDirectory.from_config(migrate._config())
    versions = [one.revision for one in script.walk_revisions()][::-1]
    assert versions
    for version in versions:

        def up(connection: Connection, to: str = version) -> None:
            migrate.upgrade(connection, to)

        await within(place, up)
        before = await within(place, names)
        await within(place, lambda connection: migrate.downgrade(connection, "-1"))
        await within(place, up)
        assert await within(place, names) == before
    await within(place, lambda connection: migrate.downgrade(connection, "base"))
    assert await within(place, names) == set()


async def test_opening_twice_changes_nothing(place: Place) -> None:
    store = place.opened()
    await store.prepare()
    await store.append(Batch(session="s", since=0, entries=(b"a",), birth=Birth("hefei", 1)))
    await store.close()
    store = place.opened()
    await store.prepare()
    assert await store.entries("s", 0, 10) == (b"a",)
    await store.close()
