"""Whether a database is whole and of the current form, for the operator's self-check.

Reads only. The database may be in use by a running coordinator.
"""

import asyncio
from pathlib import Path
from typing import Literal

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from server.store.migrate import newest
from server.store.sqlite import sqlite_engine

Health = Literal["whole", "damaged", "old", "unknown", "unreachable"]


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


def _form(connection: Connection) -> tuple[Health, str]:
    form = MigrationContext.configure(connection).get_current_revision()
    known, head = newest()
    if form == head:
        return "whole", ""
    return ("old", str(form)) if form in known or form is None else ("unknown", str(form))
