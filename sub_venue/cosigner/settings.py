"""What a cosigner is told before any session, read once: its names and keys, the logs, its peers.

Owns the shape of the configuration, a JSON file named by ``--config``, and its bounds. Must not know what a
head says. Plain HTTP is for loopback only, as everywhere in the house (DESIGN 4, Lines), although every
request carries its own proof: whoever listens in learns how fast a session goes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from protocol.ledger import note
from protocol.ledger.note import Key, NoteError
from sub_venue.config import Port, is_loopback


class Bounds(BaseModel):
    """Every bound of the process, its unit last (DESIGN 1.7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_at_once_max: int = 64
    """Requests being answered at once; above it the log is told to come again (429)."""
    ask_wait_ms: int = 2_000
    """How long a peer or a log may take to answer."""
    look_ms: int = 2_000
    """How often peers are asked for the heads of logs that have grown here."""
    look_idle_ms: int = 60_000
    """How often they are asked for those that have not."""
    logs_looked_at_max: int = 64
    """Logs that peers are asked for in one round; the rest in the next."""
    answer_bytes_max: int = 1_048_576
    """Largest answer that is read from a peer or a log."""
    entries_bytes_max: int = 16_842_752
    """Largest bundle of entries, or answer with disclosures, that is read from a log."""
    book_rotate_bytes: int = 67_108_864
    """A book larger than this is written anew at a start: of each log the newest head, and proofs."""
    group_bytes_max: int = 1_048_576
    """Bytes that share one fdatasync at most."""


class LogSettings(BaseModel):
    """A log, or all logs below a name, and the keys of which one must have signed its heads.

    `origin` names one log; `below` every log called `<below>/<session>`. Keys are vkeys under that name;
    `url` is where the log is served, for `below` without the session.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str = ""
    below: str = ""
    keys: tuple[str, ...] = Field(min_length=1)
    url: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> LogSettings:
        if bool(self.origin) == bool(self.below):
            raise ValueError("a log has either an origin, or a name below which its origin lies")
        try:
            names = {note.read_vkey(one).name for one in self.keys}
        except NoteError as error:
            raise ValueError(str(error)) from error
        if names != {self.origin or self.below}:
            raise ValueError("a log's keys bear its name")
        return self

    def keys_of(self, origin: str) -> tuple[Key, ...]:
        """The keys of the log with this origin; none where it is not meant."""
        session = self._session(origin)
        if origin != self.origin and not session:
            return ()
        read = (note.read_vkey(one) for one in self.keys)
        return tuple(Key(origin, one.kind, one.public) for one in read)

    def prefix_of(self, origin: str) -> str:
        """Where the log is served, without a slash at its end; empty where it is not known."""
        return "/".join(part for part in (self.url.rstrip("/"), self._session(origin)) if part)

    def _session(self, origin: str) -> str:
        if not self.below or not origin.startswith(self.below + "/"):
            return ""
        return origin.removeprefix(self.below + "/")


class PeerSettings(BaseModel):
    """Another cosigner: its name, and where it shows the heads that it has cosigned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: str


class EntriesSettings(BaseModel):
    """Where the logs' entries are read: the coordinator's listener for nodes, by a certificate of its own.

    `url` is what every session's log lies below; `name` is in the coordinator's certificate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https://")
    name: str
    ca: Path
    cert: Path
    key: Path


class ProvinceSettings(BaseModel):
    """The province for which a cosigner signs policies before a session: its id, its key (PKCS #8, PEM)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    key: Path
    policy: Path
    """The trust policy of all the logs, as it was agreed before any session."""
    awaited: tuple[str, ...] = ()
    """The province's own cosigners, by the policy's names, each of whom milestones wait for (硬等待).

    A policy that does not wait for them is not signed. None where their cosignatures may be owed.
    """


class Settings(BaseModel):
    """A cosigner's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """The name of its keys, for instance `anhui.example/cosigner`."""
    data_dir: Path
    key: Path
    """Its Ed25519 key (PKCS #8, PEM), of use for nothing else."""
    sm2_key: Path | None = None
    """Its SM2 key (PKCS #8 or SEC 1, DER), where it signs a second line."""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Port]
    http_cert: Path | None = None
    http_key: Path | None = None
    logs: tuple[LogSettings, ...]
    peers: tuple[PeerSettings, ...] = ()
    entries: EntriesSettings | None = None
    provinces: dict[str, str] = {}
    """Province → the key by which it must have signed a session's policy in its genesis; else 403."""
    installation_key: str = ""
    """Whose sessions are cosigned, as their genesis names it; empty for anybody's. Needs `entries`."""
    policy: Path | None = None
    """The trust policy of all the logs as it was agreed before any session, with the trust list's signers: a
    genesis that names another is answered with 403. Needs `entries`."""
    replays: bool = False
    """Whether it vouches only for heads whose entries it has all decided again itself; needs `entries`."""
    province: ProvinceSettings | None = None
    log_level: str = "info"
    bounds: Bounds = Bounds()

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        try:
            note.vkey(name, bytes(32))
        except NoteError as error:
            raise ValueError(str(error)) from error
        return name

    @model_validator(mode="after")
    def _is_safe(self) -> Settings:
        if (self.http_cert is None) != (self.http_key is None):
            raise ValueError("http_cert and http_key go together: name both or neither")
        if self.http_cert is None and not is_loopback(self.http_host):
            raise ValueError("plain HTTP is for loopback only: name http_cert and http_key")
        asked = self.replays or self.provinces or self.installation_key or self.policy
        if asked and self.entries is None:
            raise ValueError(
                "provinces, installation_key, policy and replays need entries: where they are read"
            )
        return self

    def log_of(self, origin: str) -> LogSettings | None:
        """What is said of a log; None for one that is not known. One that is named goes before a family."""
        named = sorted(self.logs, key=lambda one: not one.origin)
        return next((one for one in named if one.keys_of(origin)), None)


def read(config: Path) -> Settings:
    """The settings in a JSON file.

    Raises:
      OSError: the file cannot be read.
      pydantic.ValidationError: something in it is out of form, or it is no JSON; the text says what.
    """
    return Settings.model_validate_json(config.read_bytes())
