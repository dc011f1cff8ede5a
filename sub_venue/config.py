"""What a venue's node is told when it starts, read once; and the bounds of its own rooms.

Owns the shape of the configuration: a JSON file named by ``--config``, over which environment variables
``TONGCHANG_<NAME>`` win. Bounds of the protocol stand in `protocol.limits`; those here belong to the machine
and each has its unit in its name. Must not know what anything is for beyond its form, with one exception
that is law of the house: pages go out in plain HTTP on loopback only (DESIGN 4, Lines).
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from protocol.words import Role

_NODE_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_KEY = r"^ed25519:[A-Za-z0-9+/]{43}=$"
Port = Annotated[int, Field(ge=0, le=65_535)]
"""A TCP port; 0 lets the system choose one (tests)."""
TimeServer = Annotated[
    str, Field(pattern=r"^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?$", max_length=261)
]
"""A time server: a name or an address (IPv6 in brackets), with a port where it is not 123."""


class IdleBounds(BaseModel):
    """How long a signed-in person may be without any work, by role; then they sign in again (SPEC 19.2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent_ms: int = Field(default=1_800_000, gt=0)
    tenderee_ms: int = Field(default=1_800_000, gt=0)
    expert_ms: int = Field(default=1_800_000, gt=0)
    """Writing a score is work: every draft that is saved counts."""
    watching_ms: int = Field(default=7_200_000, gt=0)
    """Witnesses, supervisors and keepers: to look on is what they are there for."""
    warn_ms: int = Field(default=120_000, gt=0)
    """A page warns this long before."""
    look_ms: int = Field(default=1_000, gt=0)
    """How often the pages that are open are looked at."""

    def of(self, role: Role) -> int:
        """The time of a role, ms."""
        own = {"agent": self.agent_ms, "tenderee": self.tenderee_ms, "expert": self.expert_ms}
        return own.get(role, self.watching_ms)


class Bounds(BaseModel):
    """Every bound of a node's own rooms, its unit last (DESIGN 1.7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer_wait_ms: int = 3_000
    """How long a page waits for the final answer before it is told that its act is kept."""
    copy_wait_ms: int = 3_000
    """How long an accepted act waits for the node's own copy to show it before the page is told."""
    submit_wait_ms: int = 15_000
    """How long the coordinator may take to answer one act; then it is sent again."""
    ask_wait_ms: int = 8_000
    """How long the coordinator may take to answer anything else."""
    connect_wait_ms: int = 5_000
    """How long the coordinator may take to accept the line."""
    line_heartbeat_ms: int = 10_000
    """How long a line may be silent before it is asked whether it lives; see `line_silent_ms_max`."""
    line_look_ms: int = 15_000
    """How often the coordinator is asked how long each session is, in case a push was lost."""
    pulse_ms: int = 5_000
    """How often the coordinator is asked for the time and for which other nodes are connected."""
    line_slow_ms: int = 1_000
    """A round trip longer than this is told to the keeper."""
    clock_off_ms_max: int = 500
    """A clock further from the coordinator's, for certain, is told to the keeper."""
    ntp_look_ms: int = Field(default=64_000, ge=15_000)
    """How often each time server is asked; never more often than every 15 s (RFC 4330 10)."""
    ntp_wait_ms: int = 2_000
    """How long a time server may take to answer, its name to be found included."""
    ntp_silent_ms: int = 600_000
    """A time server that has not told the time for longer is told to the keeper."""
    camera_keyframe_ms_max: int = 4_000
    """Key frames of a camera that are further apart are told to the keeper: who comes waits so long."""
    acts_waiting_ms: int = 60_000
    """Acts that wait longer for their answer are told to the keeper."""
    disk_low_bytes: int = 2_147_483_648
    """Less free space than this is told to the keeper."""
    seat_silent_ms: int = 60_000
    """A seat from whose open page nothing was heard for longer is told to the keeper."""
    seat_left_ms: int = 60_000
    """A seat without any open page for longer, in the midst of the work, is told to its supervisors."""
    absences_look_ms: int = 5_000
    """How often it is looked at who has a page open."""
    line_pause_ms: int = 100
    """The first pause before the line is tried again; doubled each time."""
    line_pause_ms_max: int = 3_000
    """The longest pause before the line is tried again."""
    in_flight_acts_max: int = 32
    """Acts of different authors that are on the line at once."""
    in_flight_feeds_max: int = 8
    """Sessions that are being asked for at once, each answer up to a message's size."""
    author_pending_acts_max: int = 256
    """Acts of one author that are kept and not yet answered; above it the page is told `TooBusy`."""
    stranger_pending_acts_max: int = 16
    """Bookings by keys that no session knows, kept and not yet answered, all together."""
    journal_rotate_bytes: int = 67_108_864
    """A journal larger than this puts by, at a start, what belongs to ended sessions and is answered."""
    journal_group_bytes_max: int = 8_388_608
    """Bytes that share one fdatasync at most."""
    sockets_max: int = 256
    """Pages connected at once."""
    socket_frames_per_second_max: int = 200
    """Frames one socket may send per second, over a burst of twice as many; above it the socket is closed."""
    socket_events_per_second_max: int = 40
    """Messages one socket may send per second, over a burst of four times as many (`TooBusy`)."""
    socket_in_flight_max: int = 16
    """Messages of one socket being answered at once (`TooBusy`)."""
    socket_unread_max: int = 128
    """Answers a page may leave unread; above it its socket is closed."""
    socket_malformed_max: int = 20
    """Frames outside the protocol before a socket is closed."""
    socket_unsent_bytes_max: int = 65_536
    """Bytes that wait at a page's socket; above it no more news are written to it, nor answers by asyncio."""
    socket_resumed_bytes_max: int = 16_384
    """A socket that was full is told news again once no more than this waits at it."""
    laggard_look_ms: int = 20
    """How often the sockets that are full are looked at."""
    socket_stall_ms: int = 30_000
    """How long a page may leave news unread before its socket is closed; it comes back with its cursor."""
    proof_ms_max: int = 43_200_000
    """How long a page speaks for a seat before its key must prove itself again."""
    idle: IdleBounds = IdleBounds()
    """How long people may be idle before they sign in again."""
    challenge_ms: int = 60_000
    """How long a challenge may be answered."""
    take_overs_max: int = 256
    """Take-overs between the windows of one seat in a session; each stands in the journal."""
    pen_kept_ms: int = 15_000
    """How long a seat's writing window may be without its socket before another may write unasked."""
    news_lines_max: int = 2_000
    """Lines in one message of news; the page asks for the rest."""
    reading_token_ms: int = 600_000
    """How long leave to read documents holds; the page asks anew before."""
    reading_tokens_per_seat_max: int = 8
    """Leaves to read that one seat may hold at once; the oldest goes."""
    reading_jobs_max: int = 48
    """Pages that wait to be drawn or read at once, of all seats (`TooBusy`)."""
    reading_jobs_per_seat_max: int = 12
    """The same of one seat, so that nobody fills the line for all."""
    reading_job_ms: int = 10_000
    """How long one page may take; then the drawing process is ended and started again."""
    reading_pause_ms: int = 1_000
    """The first pause before the drawing process is started again; it grows to ten times this."""
    reading_pictures_bytes_max: int = 33_554_432
    """Drawn pages that are kept in memory, together."""
    reading_text_chars_max: int = 16_777_216
    """Characters of documents that are kept in memory for searching, together."""
    reading_hits_max: int = 200
    """Places that one search gives."""
    reading_search_pages_max: int = 4_000
    """Pages that one search looks through; above it the answer says that it is partial."""
    head_look_ms: int = 3_000
    """How often the coordinator is asked for the signed heads of sessions that have grown, or lack a line."""
    heads_looked_at_max: int = 64
    """Sessions whose heads are asked for in one round; the rest in the next."""
    recordings_look_ms: int = 1_000
    """How often the lists of this venue's recordings are read on."""
    stop_wait_ms: int = 10_000
    """How long each part may take to end when the process is told to stop."""

    @property
    def line_silent_ms_max(self) -> int:
        """A line from which nothing comes is taken for cut within this: one heartbeat and half of one."""
        return self.line_heartbeat_ms * 3 // 2


class ProvinceSettings(BaseModel):
    """A province that signs sessions' policies before they are booked: its id, its key, and who signs for it.

    `url` is of the cosigner that holds its key; empty where the desk cannot reach it, and files come instead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    province: str = Field(min_length=1, max_length=64)
    key: str = Field(pattern=_KEY)
    url: str = ""


class WorkerSettings(BaseModel):
    """One media worker of this venue: where offers are handed, and where this node says who may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https?://[^/]+$")
    control: str = Field(pattern=r"^http://[^/]+$")


class MediaSettings(BaseModel):
    """This venue's media workers, which share the sessions, and the file with their and the node's secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: Path
    workers: Annotated[tuple[WorkerSettings, ...], Field(min_length=1, max_length=64)]
    cameras: Annotated[str, Field(pattern=r"^http://[^/]+$")] | None = None
    """Where the process that reads this venue's own cameras is told what to publish; None for none."""


class Settings(BaseSettings):
    """A node's configuration; see `ops/configuring.py` for what makes it."""

    model_config = SettingsConfigDict(env_prefix="TONGCHANG_", frozen=True, extra="forbid")

    node: str = Field(pattern=_NODE_ID, max_length=64)
    zh: str
    en: str = ""
    province: str
    role: Literal["main", "sub"]
    data_dir: Path
    documents_dir: Path | None = None
    """Where the sessions' documents are put, a folder each (SPEC 14.1); None is `documents` in `data_dir`."""
    media: MediaSettings | None = None
    """This venue's media workers; None for none."""
    recordings_dir: Path | None = None
    """Where this venue's media workers record (SPEC 31.1); None is `recordings` in `data_dir`."""
    http_host: str = "127.0.0.1"
    http_port: Port
    http_name: str
    http_cert: Path | None = None
    http_key: Path | None = None
    coordinator_url: str = Field(pattern=r"^https://[^/]+$")
    coordinator_name: str
    ca: Path
    cert: Path
    key: Path
    node_key: Path
    installation_key: str = Field(pattern=_KEY)
    office_key: str = Field(default="", pattern=f"^$|{_KEY}")
    """At a main venue: the supervising office that gives a share of a draw's randomness (SPEC 15.1)."""
    trust_policy: Path | None = None
    """The trust policy of the installation's logs, handed over before any session; None for none."""
    provinces: tuple[ProvinceSettings, ...] = ()
    """At a main venue: the provinces whose signatures a genesis carries (SPEC 27.4)."""
    pool: Path | None = None
    """At a main venue: the pool of experts (JSON); None is `pool.json` in `data_dir`."""
    rehearsals: Path | None = None
    """At a main venue: where rehearsals of openings are noted (SPEC 23.4); None is in `data_dir`."""
    ntp: Annotated[tuple[TimeServer, ...], Field(max_length=8)] = ()
    """Time servers (`host` or `host:port`): asked how far this node's clock is off; none by default."""
    seed: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    bounds: Bounds = Bounds()

    @model_validator(mode="after")
    def _pages_are_safe(self) -> "Settings":
        """Seat keys and cameras live in pages: off loopback they need HTTPS by name (DESIGN 4, Lines)."""
        if (self.http_cert is None) != (self.http_key is None):
            raise ValueError("http_cert and http_key go together: name both or neither")
        if self.http_cert is None and not is_loopback(self.http_host):
            raise ValueError(
                f"plain HTTP is for loopback only, and {self.http_host} is not: name http_cert and http_key, "
                "or bind to 127.0.0.1"
            )
        return self

    @property
    def scheme(self) -> str:
        """`http` on loopback, `https` where a certificate is named."""
        return "http" if self.http_cert is None else "https"

    @property
    def documents(self) -> Path:
        """Where the sessions' documents lie."""
        return self.documents_dir or self.data_dir / "documents"

    @property
    def recordings(self) -> Path:
        """Where recordings lie."""
        return self.recordings_dir or self.data_dir / "recordings"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env files: what counts is said once
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in the program, then the environment, then the file."""
        return (init_settings, env_settings, JsonConfigSettingsSource(settings_cls))


def is_loopback(host: str) -> bool:
    """Whether an address or name can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read(config: Path) -> Settings:
    """The settings in a JSON file, with the environment's `TONGCHANG_<NAME>` over them.

    Raises:
      OSError: the file cannot be read.
      pydantic.ValidationError: something in it is out of form; the text says what.
      ValueError: it is no JSON.
    """
    if not config.is_file():
        raise FileNotFoundError(config)

    class _File(Settings):
        model_config = SettingsConfigDict(
            env_prefix="TONGCHANG_",
            frozen=True,
            extra="forbid",
            json_file=config,
            json_file_encoding="utf-8",
        )

    return _File()  # type: ignore[call-arg]  # the fields come from the file
