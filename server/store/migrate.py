"""Bringing a database's tables to a version: alembic, run by the program and never by hand.

The versions stand in `migrations/versions`. A published version is never edited; each can be
undone, so that a release can be taken back.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_NAMED: Final = re.compile(r'^(revision|down_revision)\b.* = (?:"([^"]+)"|None)$', re.MULTILINE)
_NOTED: Final = "alembic_version"
_STANDS: Final = text("SELECT version_num FROM alembic_version")


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the tables up to a version, all or nothing."""
    if version == "head" and _stands_at(connection) == newest()[1]:
        return  # as at every start but the first of a release: alembic itself is half a second to read
    from alembic import command  # noqa: PLC0415 - see above

    command.upgrade(_config(connection), version)


def downgrade(connection: Connection, version: str) -> None:
    """Take the tables back to a version; `base` is none at all."""
    from alembic import command  # noqa: PLC0415 - see upgrade

    command.downgrade(_config(connection), version)


def newest() -> tuple[frozenset[str], str | None]:
    """Every version that is known here, and the newest."""
    known: set[str] = set()
    before: set[str] = set()
    for path in (_MIGRATIONS / "versions").glob("*.py"):
        named = dict(_NAMED.findall(path.read_text()))
        known.add(named["revision"])
        before.add(named["down_revision"])
    return frozenset(known), next(iter(known - before), None)


def _stands_at(connection: Connection) -> str | None:
    """The version that a database was last brought to; None for one without tables.

    A connection without a transaction has none afterwards: alembic commits only what it has begun itself.
    """
    begun = connection.in_transaction()
    found: str | None = None
    if inspect(connection).has_table(_NOTED):
        found = connection.execute(_STANDS).scalar()
    if not begun:
        connection.rollback()
    return found


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see upgrade

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
