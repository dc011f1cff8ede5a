"""What both processes of media are told and begun with: the worker, and what reads a venue's cameras.

Owns the settings that they share: the door for their own node, on loopback alone, and how connections are
made. Must not know what either carries.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, model_validator

from server import telemetry
from server.config import is_loopback
from server.senses import Senses

RUN_BYTES = 8

Port = Annotated[int, Field(ge=0, le=65_535)]


class IceServer(BaseModel):
    """A STUN or TURN server, as WebRTC has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[str, ...] = Field(min_length=1)
    username: str = ""
    credential: str = ""


class ProcessSettings(BaseModel):
    """What each of them is configured with, beside its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control_host: str = "127.0.0.1"
    control_port: Port = 0
    control_secret: Path
    """A file with the secret by which the process knows its own node, which tells it everything."""
    hosts: tuple[str, ...] = ()
    """Addresses that connections offer; empty for all of the machine."""
    ice_servers: tuple[IceServer, ...] = ()
    """STUN and TURN; none on a private line."""
    ca: Path | None = None
    """By whose certificates a worker beyond this machine is known."""
    log_level: str = "info"

    @model_validator(mode="after")
    def _is_told_nearby(self) -> Self:
        if not is_loopback(self.control_host):
            raise ValueError("what to do is told by the own node, on loopback only")
        return self


S = TypeVar("S", bound=ProcessSettings)


def reading(kind: type[S]) -> Callable[[Path], S]:
    """What reads settings of a kind from a JSON file.

    It raises OSError where the file cannot be read, and pydantic.ValidationError where something in it is out
    of form, or it is no JSON; the text says what.
    """
    return lambda config: kind.model_validate_json(config.read_bytes())


class Begun(Struct, frozen=True):
    """What a process has once it runs: `secret` is its node's, `run` names the process."""

    senses: Senses
    secret: str
    run: str


def begin(told: ProcessSettings) -> Begun:
    """Configure the log, and read what the process is to know its node by.

    Raises:
      OSError: the secret cannot be read.
    """
    senses = Senses()
    telemetry.configure(told.log_level, senses.now_ms)
    return Begun(senses, told.control_secret.read_text().strip(), senses.secret(RUN_BYTES).hex())
