"""What the coordinator is told when it starts, read once; and the bounds of its own rooms.

Owns the shape of the configuration: a JSON file named by ``--config``, over which environment
variables ``TONGCHANG_<NAME>`` win. Bounds of the protocol stand in `protocol.limits`; those here
belong to the machine (mailboxes, sockets, batches) and each has its unit in its name. Must not
know what anything is for beyond its form.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from protocol.ledger.note import read_vkey

_NODE_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_KEY = r"^ed25519:[A-Za-z0-9+/]{43}=$"
COORDINATOR = "coordinator"
"""No node may be called so: the name is for certificates of coordinators."""
Port = Annotated[int, Field(ge=0, le=65_535)]
"""A TCP port; 0 lets the system choose one (tests)."""
NodeKeyText = Annotated[str, Field(pattern=_KEY)]


class NodeSettings(BaseModel):
    """A standing node of the installation, as the coordinator knows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: str = Field(pattern=_NODE_ID, max_length=64)
    key: NodeKeyText
    zh: str
    en: str
    province: str
    role: Literal["main", "sub", "custodian"]


class CosignerSettings(BaseModel):
    """A cosigner that is asked for its line under every head: its name in the policy, vkeys, and where.

    By the DNS name `certificate` it reads entries on the listener for nodes; one that replays is given the
    disclosures of `node` beside which it stands. `beside` and `hard` are for whoever writes the policy: whose
    vote it shares, and whether it is waited for however long (硬等待).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    vkeys: tuple[str, ...] = Field(min_length=1)
    url: str
    certificate: str = ""
    node: str = ""
    beside: str = ""
    hard: bool = False

    @field_validator("vkeys")
    @classmethod
    def _are_keys(cls, vkeys: tuple[str, ...]) -> tuple[str, ...]:
        for one in vkeys:
            read_vkey(one)
        return vkeys


class Bounds(BaseModel):
    """Every bound of the coordinator's own rooms, its unit last (DESIGN 1.7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mailbox_commands_max: int = 512
    """Commands waiting at one session; above it the sender is told `TooBusy`."""
    batch_commands_max: int = 64
    """Commands one session decides ahead before it appends."""
    group_batches_max: int = 512
    """Batches of sessions that share one transaction."""
    sessions_awake_max: int = 4_096
    """Sessions held in memory at once."""
    session_idle_ms: int = 900_000
    """A session without deadlines and acts for this long goes to sleep."""
    store_retry_ms: int = 2_000
    """How soon a session looks again at what is due after the store could not write."""
    session_wake_ms: int = 30_000
    """How long a session may take to be read from the store."""
    snapshot_entries: int = 200
    """How much a session grows until it is written down as a whole; about what a waking has to fold."""
    snapshot_asleep_entries: int = 100
    """How much it must have grown for that to happen also when it falls asleep."""
    tail_entries_max: int = 256
    """Newest entries of a session kept in memory for followers."""
    reload_tries_max: int = 3
    """How often a batch is decided again after another writer took its place."""
    stranger_answers_max: int = 1_000
    """Refusals kept for keys a session does not know, all together."""
    noted_refusals_per_minute_max: int = 10
    """Refused acts of one session that are entered for supervisors within a minute."""
    noted_refusals_max: int = 1_000
    """Refused acts of one session that are entered for supervisors at all."""
    feed_bytes_max: int = 524_288
    """Entries and disclosures in one feed message, before JSON escapes; one item may be larger."""
    push_wait_ms: int = 15_000
    """How long a node may leave its socket full before it loses it; it comes back with its own cursor."""
    socket_unsent_bytes_max: int = 262_144
    """Bytes that wait at a socket; above it no more is pushed to it. TLS holds as many again below it."""
    socket_resumed_bytes_max: int = 65_536
    """A socket that was full is pushed to again once no more than this waits at it."""
    laggard_look_ms: int = 20
    """How often the sockets that are full are looked at."""
    frame_bytes_max: int = 4_194_304
    """Largest WebSocket frame taken at all; above it the socket is closed (1009)."""
    socket_events_per_second_max: int = 1_000
    """Messages one socket may send per second, over a burst of twice as many."""
    socket_in_flight_max: int = 256
    """Messages of one socket being answered at once."""
    socket_unread_max: int = 1_024
    """Answers a socket may leave unread; above it the socket is closed."""
    socket_ping_ms: int = 10_000
    """How often a socket is asked whether it lives."""
    socket_ping_wait_ms: int = 10_000
    """How long it may take to say so before it is closed."""
    sockets_per_node_max: int = 8
    """Sockets of one node at once; above it the oldest is closed."""
    malformed_frames_max: int = 100
    """Frames outside the protocol before a socket is closed."""
    codes_request_skew_ms: int = 900_000
    """How far the clock in a request for codes may be off."""
    lease_ms: int = 3_000
    """How long a coordinator writes a session without renewing its lease; then another may take it."""
    lease_renew_ms: int = 1_000
    """How often leases are renewed together, and those that have run out are looked for."""
    sizes_poll_ms: int = 500
    """How often the sizes of sessions are asked for, in case a hint was lost."""
    peer_wait_ms: int = 3_000
    """How long another coordinator may take to answer a command before its lease is looked at again."""
    peer_connections_max: int = 64
    """Connections to each other coordinator at once."""
    presence_beat_ms: int = 500
    """How often a coordinator says which nodes are connected to it."""
    presence_ms: int = 3_000
    """How long its last word on that holds."""
    hints_waiting_max: int = 4_096
    """Sessions whose hints wait for Redis; above it the poll of sizes has to do."""
    bus_pause_ms_max: int = 2_000
    """The longest pause before Redis is tried again."""
    page_streams_max: int = 1_024
    """Pages of bidders that are told live at once, all together."""
    page_streams_each_max: int = 8
    """Of these, pages of one bidder in one session (tabs)."""
    page_write_wait_ms: int = 15_000
    """How long a page may leave its socket full before it loses it; it comes back with its own cursor."""
    bidder_news_ms: int = 1_000
    """A bidder's page is told at most this often, so that the moment of an act inside does not show."""
    bidder_beat_ms: int = 10_000
    """How often a bidder's silent stream says that it lives, and its cookie is looked at again."""
    bidder_lines_max: int = 500
    """Lines in one message to a bidder; the rest follows at once."""
    bidder_sign_ins_per_minute_max: int = 120
    """Codes that bidders' pages may try in a minute, all together; above it they are told `TooBusy`."""
    bidder_sign_ins_at_once_max: int = 4
    bidder_idle_ms: int = 7_200_000
    """How long nobody may have been at work at a bidder's page before its sign-in ends."""
    """Codes of bidders being judged at once; each takes ten milliseconds of a processor."""
    bid_segments_at_once_max: int = 16
    """Segments of bids being read at once, 4 MiB each; above it a sender is told `TooBusy`."""
    bid_segment_wait_ms: int = 120_000
    """How long one segment may be on its way."""
    opening_look_ms: int = 500
    """How often openings are looked at that wait for the bids that lie here."""
    roll_call_wait_ms: int = 10_000
    """How long the rest of the custodians is awaited once a threshold of every group has answered."""
    overview_ms: int = 2_000
    """How often an open overview is told how the house stands."""
    overview_streams_max: int = 16
    """Overviews open at once."""
    operator_sign_ins_max: int = 16
    """Browsers signed in with the operator's token; above it the oldest must sign in again."""
    operator_sign_in_ms: int = 43_200_000
    """How long a browser stays signed in with the operator's token."""
    rejudge_ms: int = 600_000
    """How often the certificates behind a running session's delegations are looked at again."""
    checkpoint_ms: int = 1_000
    """A log that grows is given a head, and cosigners are asked, at most this often."""
    cosign_wait_ms: int = 2_000
    """How long a cosigner may take; then it is asked again in the next round."""
    cosign_pause_ms_max: int = 30_000
    """The longest pause before cosigners that owe are asked again; a log that grows asks at once."""
    cosign_at_once_max: int = 64
    """Requests to cosigners at once."""
    cosigner_late_ms: int = 60_000
    """A cosigner that owes for longer is told as a problem."""
    trees_max: int = 64
    """Trees of sessions held in memory; each costs about 130 bytes for an entry."""
    behind_entries_max: int = 200
    """A node further behind in a session than this is told as a problem."""
    disk_free_bytes_min: int = 1_073_741_824
    """Less room than this on the database's disk is told as a problem."""
    append_slow_ms: int = 500
    """A slower group commit than this, at the 99th percentile, is told as a problem."""
    stop_wait_ms: int = 10_000
    """How long each part may take to end when the process is told to stop."""


class WorkerSettings(BaseModel):
    """One media worker: where nodes hand pages' offers, and where the coordinator tells it who may."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https?://[^/]+$")
    control: str = Field(pattern=r"^http://[^/]+$")


class MediaSettings(BaseModel):
    """The media workers with which all places meet, and the file with their and the coordinator's secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: Path
    workers: tuple[WorkerSettings, ...] = Field(min_length=1, max_length=64)


class Settings(BaseSettings):
    """The coordinator's configuration; see `ops/configuring.py` for what makes it."""

    model_config = SettingsConfigDict(env_prefix="TONGCHANG_", frozen=True, extra="forbid")

    name: str = Field(default=COORDINATOR, pattern=_NODE_ID, max_length=64)
    data_dir: Path
    database: SecretStr | None = None
    """A PostgreSQL that coordinators share (`postgresql://…`, several hosts where there is a standby).

    Without it they keep a SQLite file in `data_dir`.
    """
    redis: SecretStr | None = None
    """The Redis through which they hint at each other (`redis://…`, `unix://…`)."""
    peer_address: str | None = None
    """Where other coordinators reach this one's `node_port`; without it there where it listens."""
    peer_name: str = "coordinator.localhost"
    """What every coordinator's certificate bears, beside a name of its own."""
    node_host: str = "127.0.0.1"
    node_port: Port = 7700
    http_host: str = "127.0.0.1"
    http_port: Port = 7709
    http_name: str = f"{COORDINATOR}.localhost"
    """The name under which bidder's page and overview are asked for; on loopback all share it."""
    http_cert: Path | None = None
    http_key: Path | None = None
    production: bool = False
    """Whether real tenders are held here: then no opening is imported (`OpeningSealed`), and no bidder comes
    by a one-time code (`CodeNotEnough`): bids are handed in sealed, opened in front of everyone (SPEC 28).
    """
    bidders_by_code: bool = True
    """Whether bidders may sign in with one-time codes of the agent's; never in production."""
    bids_dir: Path | None = None
    """Where bids are received (SPEC 23), `bids` in `data_dir` where it is not named.

    Coordinators that share it, on a disk that knows locks, receive in turn: the one that holds its lock.
    """
    operator_token: SecretStr | None = Field(default=None, min_length=16)
    """Lets in whoever asks for the overview or the numbers from another machine."""
    ca: Path
    cert: Path
    key: Path
    installation_key: Path
    nodes: tuple[NodeSettings, ...]
    custodians: tuple[NodeSettings, ...] = ()
    """Custodians' standing services, each a principal with a certificate of its own; never a venue."""
    agent_keys: tuple[NodeKeyText, ...] = ()
    office_keys: tuple[NodeKeyText, ...] = ()
    """Supervising offices that give a share of a draw's randomness; they have no node (SPEC 15.1)."""
    log_name: str = Field(default="", pattern=r"^[A-Za-z0-9._/-]*$", max_length=128)
    """The name below which every session's log has its origin (SPEC 20.1)."""
    log_key: Path | None = None
    """The log's key; without it no log is signed or served. All coordinators of a house share it."""
    trust_policy: Path | None = None
    """The trust policy of all these logs, as every node was handed it; None: milestones ask for no quorum."""
    cosigners: tuple[CosignerSettings, ...] = ()
    media: MediaSettings | None = None
    """The media workers of this coordinator; None for none."""
    enrolment_code: SecretStr | None = None
    trust_list: Path | None = None
    """The alliance's trust list (SPEC 24.1); without it nobody comes by certificate."""
    http_origin: str = Field(default="", pattern=r"^(https?://[!-~]+)?$", max_length=500)
    """The origin at which people and phones see this coordinator, where a proxy changes it; else its own."""
    seed: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    bounds: Bounds = Bounds()

    @model_validator(mode="after")
    def _log_is_whole(self) -> "Settings":
        if (self.log_key is None) != (not self.log_name):
            raise ValueError("log_name and log_key go together: name both or neither")
        return self

    @model_validator(mode="after")
    def _pages_are_safe(self) -> "Settings":
        """Off loopback pages need HTTPS by name (DESIGN 4, Lines): cookies and codes travel there."""
        if (self.http_cert is None) != (self.http_key is None):
            raise ValueError("http_cert and http_key go together: name both or neither")
        if is_loopback(self.http_host):
            return self
        if self.http_cert is None or is_loopback(self.http_name):
            raise ValueError(
                f"plain HTTP is for loopback only, and {self.http_host} is not: name http_name, http_cert "
                "and http_key, or bind to 127.0.0.1"
            )
        return self

    @property
    def takes_bidders_codes(self) -> bool:
        """Whether one-time codes of bidders are issued and taken."""
        return self.bidders_by_code and not self.production

    @property
    def scheme(self) -> str:
        """`http` on loopback, `https` where a certificate is named."""
        return "http" if self.http_cert is None else "https"

    @field_validator("nodes")
    @classmethod
    def _named_once(cls, nodes: tuple[NodeSettings, ...]) -> tuple[NodeSettings, ...]:
        if any(one.node.startswith(COORDINATOR) for one in nodes):
            raise ValueError("a node is called like a coordinator")
        for told in ([one.node for one in nodes], [one.key for one in nodes]):
            if len(set(told)) != len(told):
                raise ValueError("a node or a node's key stands twice")
        return nodes

    @model_validator(mode="after")
    def _custodians_are_no_venues(self) -> "Settings":
        """Standing services of trading centres, never a session's sub-venues (DESIGN 6)."""
        told = (*self.nodes, *self.custodians)
        if len({one.node for one in told}) != len(told) or len({one.key for one in told}) != len(told):
            raise ValueError("a custodian is called like a node, or has its key")
        if any(one.role != "custodian" for one in self.custodians):
            raise ValueError("a custodian's role is custodian")
        return self

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
