"""Whether a database file is whole and of the current form, for the operator's self-check.

Reads only. The file may be in use by a running coordinator.
"""

from pathlib import Path
from typing import Literal

from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from server.store.migrate import newest
from server.store.sqlite import sqlite_engine

Health = Literal["whole", "damaged", "old", "unknown"]


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
            form = MigrationContext.configure(connection).get_current_revision()
            known, head = newest()
    except SQLAlchemyError as error:
        return "damaged", str(error).splitlines()[0]
    if form == head:
        return "whole", ""
    return ("old", str(form)) if form in known or form is None else ("unknown", str(form))
