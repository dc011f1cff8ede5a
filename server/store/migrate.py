"""Bringing a database's tables to a version: alembic, run by the program and never by hand.

The versions stand in `migrations/versions`. A published version is never edited; each can be
undone, so that a release can be taken back.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the tables up to a version, all or nothing."""
    command.upgrade(_config(connection), version)


def downgrade(connection: Connection, version: str) -> None:
    """Take the tables back to a version; `base` is none at all."""
    command.downgrade(_config(connection), version)


def newest() -> tuple[frozenset[str], str | None]:
    """Every version that is known here, and the newest."""
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(one.revision for one in scripts.walk_revisions()), scripts.get_current_head()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
