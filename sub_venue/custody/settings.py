"""What a custodian's standing service is told when it starts, read once (SPEC 28.7).

A node's settings, since it meets the coordinator as nodes do, and beside them the key that shares are boxed
to and the projects that it holds shares for.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sub_venue import config


class Settings(config.Settings):
    """A custodian's service; `node` is its id in the tender document, `node_key` signs its acts."""

    role: Literal["main", "sub"] = "sub"
    """It hosts nothing; no venue of a session is ever a custodian's service."""
    province: str = ""
    suite: str = "gm-1"
    custody_key: Path
    """The private key that shares are boxed to: PKCS #8, PEM or DER."""
    projects: tuple[str, ...] = ()
    """The tenders that it was told of."""
    projects_file: Path | None = None
    """More of them, one a line; looked at whenever something is to be judged."""
    trust_policy: Path | None = Field(...)
    """The trust policy of the installation's logs, as it was handed over before entry 1."""


def read(path: Path) -> Settings:
    """The settings in a JSON file, with the environment's `TONGCHANG_<NAME>` over them.

    Raises:
      OSError: the file cannot be read.
      pydantic.ValidationError: something in it is out of form; the text says what.
      ValueError: it is no JSON.
    """
    if not path.is_file():
        raise FileNotFoundError(path)

    class _File(Settings):
        model_config = SettingsConfigDict(
            env_prefix="TONGCHANG_", frozen=True, extra="forbid", json_file=path, json_file_encoding="utf-8"
        )

    return _File()  # type: ignore[call-arg]  # the fields come from the file
