"""Whether a database is whole and of the current form, for the operator's self-check.

Reads only. The database may be in use by a running coordinator.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeVar

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from server.store.migrate import newest
from server.store.sqlite import sqlite_engine
from server.store.tables import metadata

Health = Literal["whole", "damaged", "old", "unknown", "unreachable"]
T = TypeVar("T")
_SETTINGS: Final = (
    "server_version", "server_encoding", "fsync", "full_page_writes", "max_connections", "data_checksums",
)  # fmt: skip


def look(path: Path) -> tuple[Health, str]:
    """How a database file is, and the database's own words where it is not whole.

    `old`: an earlier form, brought up to date at the next start. `unknown`: of a later release.
    """
    engine = sqlite_engine(path, writes=False)
    try:
        with engine.connect() as connection:
            told = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
            if told != "ok":
                return "damaged", str(told).splitlines()[-1]
            return _form(connection)
    except SQLAlchemyError as error:
        return "damaged", str(error).splitlines()[0]


def look_at(url: str) -> tuple[Health, str]:
    """How a PostgreSQL database is; `unreachable` where no host of the URL can be written to.

    Whether its pages are whole only its own tools can say (pg_amcheck, data checksums).
    """
    # Its driver takes a while to read, and most houses have a file.
    from server.store.postgres import FAULTS, postgres_engine  # noqa: PLC0415

    async def ask() -> tuple[Health, str]:
        engine = postgres_engine(url)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_form)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(ask())
    except FAULTS as error:
        return "unreachable", (str(error) or repr(error)).splitlines()[0]


def settings_of(url: str) -> dict[str, str] | None:
    """What a PostgreSQL is and how it is set, by its own names; None where it cannot be reached.

    Not `synchronous_commit`: every connection of ours asks for `on` itself.
    """
    names = ", ".join(f"'{name}'" for name in _SETTINGS)
    query = text(f"SELECT name, setting FROM pg_settings WHERE name IN ({names})")  # noqa: S608

    def ask(connection: Connection) -> dict[str, str]:
        return {str(name): str(value) for name, value in connection.execute(query)}

    return _asked(url, ask)


def rows_of(path: Path) -> dict[str, int]:
    """How many rows each table of a database file has; nothing of what is in them. Empty if damaged."""
    try:
        with sqlite_engine(path, writes=False).connect() as connection:
            return _rows(connection)
    except SQLAlchemyError:
        return {}


def rows_at(url: str) -> dict[str, int]:
    """The same of a PostgreSQL database; empty where it cannot be reached."""
    return _asked(url, _rows) or {}


def _rows(connection: Connection) -> dict[str, int]:
    return {
        name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in metadata.tables.items()
    }


def _asked(url: str, ask: Callable[[Connection], T]) -> T | None:
    # Its driver takes a while to read, and most houses have a file.
    from server.store.postgres import FAULTS, postgres_engine  # noqa: PLC0415

    async def go() -> T:
        engine = postgres_engine(url)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(ask)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(go())
    except FAULTS:
        return None


def _form(connection: Connection) -> tuple[Health, str]:
    form = MigrationContext.configure(connection).get_current_revision()
    known, head = newest()
    if form == head:
        return "whole", ""
    return ("old", str(form)) if form in known or form is None else ("unknown", str(form))
