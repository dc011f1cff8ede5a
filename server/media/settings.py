"""What a media worker is told, read once: where it listens, what it offers, its bounds."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.config import is_loopback
from server.media.process import Port, ProcessSettings, reading


class Bounds(BaseModel):
    """Every bound of a worker, its unit last (DESIGN 1.7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    look_ms: int = 250
    """How often a worker looks at what it should hand on to another one."""
    hand_on_pause_ms: int = 300
    """How long a source that could not be handed on is left alone."""
    sources_max: int = 512
    """Sources that are known at once."""
    connections_max: int = 400
    """Publishers at once, and viewers at once; a core carries some 250 viewers of 720p."""
    retransmits_per_s_max: int = 200
    """Packets that are sent again to one viewer in a second."""
    publish_bits_per_s_max: int = 2_000_000
    """What a publisher is told that it may send on one line, all streams together."""
    offer_bytes_max: int = 65_536
    """Largest SDP that is read."""
    table_bytes_max: int = 4_194_304
    """Largest allow-table that is read."""
    sessions_max: int = 1_000
    """Sessions whose allow-tables are held."""
    answer_wait_ms: int = 10_000
    """How long an offer may take to be answered, STUN and TURN included."""
    connecting_ms: int = 20_000
    """How long a line that was answered may take until it is up; then it is let go."""
    segment_ms: int = 60_000
    """After this long a segment of a recording ends at the next key frame."""


class JanusSettings(BaseModel):
    """A Janus beside the worker (decision 0052)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern="^wss?://")
    """Its WebSocket API; plain `ws://` on loopback only."""
    secret: Path | None = None
    """A file with its `api_secret`; None where it has none."""

    @model_validator(mode="after")
    def _is_safe(self) -> "JanusSettings":
        if self.url.startswith("ws://") and not is_loopback(urlsplit(self.url).hostname or ""):
            raise ValueError("plain ws:// is for loopback only")
        return self


class Settings(ProcessSettings):
    """A media worker's configuration; its own node gives it allow-tables, pages its `ice_servers`."""

    http_host: str = "127.0.0.1"
    http_port: Port = 0
    http_cert: Path | None = None
    http_key: Path | None = None
    origins: tuple[str, ...] = ()
    """Pages of these origins may ask (CORS); their node's, for instance `http://hefei.localhost:7711`."""
    recordings: Path | None = None
    """Where what is published here is kept, a folder for each session (SPEC 31.1); None keeps nothing."""
    venue: str = ""
    """The venue's id, with which the names of its recorded sources begin."""
    number: Annotated[int, Field(ge=0)] = 0
    """Which of its node's workers this is, from 0; the sessions are shared out by `media.worker_of`."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    engine: Literal["embedded", "janus"] = "embedded"
    """What forwards: this process, or a Janus beside it."""
    janus: JanusSettings | None = None
    bounds: Bounds = Bounds()

    @model_validator(mode="after")
    def _is_safe(self) -> "Settings":
        if (self.http_cert is None) != (self.http_key is None):
            raise ValueError("http_cert and http_key go together: name both or neither")
        if self.http_cert is None and not is_loopback(self.http_host):
            raise ValueError("plain HTTP is for loopback only: name http_cert and http_key")
        if (self.engine == "janus") != (self.janus is not None):
            raise ValueError("engine janus and the section janus go together: name both or neither")
        if self.recordings is not None and not self.venue:
            raise ValueError("recordings belong to a venue: name it")
        return self


read = reading(Settings)
