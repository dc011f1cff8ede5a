"""What a venue's keeper is told of its node (SPEC 10.6): line, disk, clock, power, seats, and what is wrong.

Plain structs; nothing of an evaluation is in them, no name, draft or score. Times are the node's own clock,
ms since 1970 UTC. Where something cannot be known it says so: -1, 0 or `unknown`.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Role

TroubleCode = Literal[
    "LineDown", "LineSlow", "ActsWaiting", "CopyBehind", "CopyStopped",
    "DiskRefuses", "DiskLow", "ClockOff", "OnBattery", "SeatSilent", "SeatClosed",
    "NtpOff", "NtpSilent",
    "CamerasSilent", "CameraDown", "CameraDenied", "CameraRefused", "CameraForeign", "CameraKeyframes",
    "CameraOfExpert",
]  # fmt: skip


class LineStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """The line to the coordinator: since when it is up or down, and what it is like.

    `round_trip_ms` is -1 before the first; `tries` are those in vain since it went down, `why` what the last
    of them met, in a technician's words; `behind` is how many entries are there and not here yet.
    """

    up: bool
    since: int
    round_trip_ms: int
    tries: int
    why: str
    behind: int


class JournalStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """Acts that are kept and not answered yet: how many, and since when the oldest waits (0 for none)."""

    pending: int
    oldest_at: int
    size_bytes: int


class DiskStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the disk takes what it is given, and how much room there is."""

    takes: bool
    free_bytes: int
    total_bytes: int


class ClockStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator's clock less this node's, right to within `within_ms`; `measured_at` 0 for never."""

    offset_ms: int
    within_ms: int
    measured_at: int


NtpWhy = Literal["", "silent", "unreadable", "foreign", "unsynchronised", "rate", "denied"]
"""Why a time server told nothing: no answer; no SNTP; an answer to another question; it does not know the
time itself; it asks to be asked less; it will not be asked."""


class NtpStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """A time server of this node's configuration: its clock less this node's, as `ClockStanding` (SPEC 12.6).

    `round_trip_ms` is -1 and `measured_at` 0 before it ever told the time; `why` is why its last answer told
    nothing, empty where it did.
    """

    server: str
    offset_ms: int
    within_ms: int
    round_trip_ms: int
    stratum: int
    measured_at: int
    why: NtpWhy


CameraKind = Literal["v4l2", "rtsp", "file"]
"""How a venue's own camera is read."""
CameraState = Literal["connecting", "sending", "down", "refused"]
"""`down` is tried again and again; `refused` sends what browsers cannot show, and is tried again too."""
CameraWhy = Literal[
    "",
    "unreachable",
    "denied",
    "missing",
    "unreadable",
    "stalled",
    "credentials",
    "codec",
    "profile",
    "foreign",
    "expert",
]
"""Why a camera does not send: nobody answers; name and password are wrong; no such device, file or stream;
what comes is no picture; it fell silent; their file cannot be read; its codec, or its profile; not of this
venue; called after an expert's seat, whose picture only the expert's own page may send."""


class CameraStanding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A camera of this venue (SPEC 30.13): how it stands since `since`, and what came of it.

    `codec` is what is published or, where it is refused, what the camera sends; `keyframe_ms` how far apart
    its key frames are, 0 while unknown; of the `wanted` lines to workers, one for each session, so many
    `lines` are up.
    """

    source: str
    kind: CameraKind
    state: CameraState
    why: CameraWhy
    codec: str
    width: int
    height: int
    since: int
    tries: int
    frames: int
    keyframe_ms: int
    lines: int
    wanted: int


class CamerasTold(Struct, frozen=True, forbid_unknown_fields=True):
    """What the process that reads a venue's cameras says of itself; another `run` is another process."""

    run: str
    cameras: tuple[CameraStanding, ...]


class PowerStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """What feeds the machine, and how long it and this node have been running (ms)."""

    source: Literal["mains", "battery", "unknown"]
    battery_percent: int
    machine_ms: int
    node_ms: int


class Versions(Struct, frozen=True, forbid_unknown_fields=True):
    """The software that runs here, and the rules under which new sessions are booked."""

    software: str
    python: str
    rules: str
    system: str


Checked = Literal["untried", "good", "weak", "bad"]
"""How a check before the start came out; `untried` also where a person let it be."""


class PreFlight(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a page found of its own seat before the start (SPEC 10.7); it judges nobody and bars nothing."""

    line: Checked = "untried"
    clock: Checked = "untried"
    certificate: Checked = "untried"
    camera: Checked = "untried"
    microphone: Checked = "untried"
    speaker: Checked = "untried"


class PreFlightTold(Struct, frozen=True, forbid_unknown_fields=True):
    """When the node took it, by its own clock."""

    at: int


class SeatStanding(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat at this venue: how far it is, and its windows.

    `windows` are the pages open at this node for it, `writing` whether one of them has the pen; `heard_at` is
    when any of them was last heard of, 0 for never since the node started. `preflight` is what its page last
    told of itself, at `preflight_at`, 0 for never.
    """

    seat: str
    role: Role
    reserve: bool
    bound: bool
    checked_in: bool
    signed: bool
    windows: int
    writing: bool
    heard_at: int
    preflight: PreFlight = PreFlight()
    preflight_at: int = 0


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the keeper should deal with; `since` is 0 where it is not known."""

    code: TroubleCode
    severity: Literal["warning", "alarm"]
    since: int
    detail: dict[str, str] = {}


class VenueState(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A venue's node as its keeper is told of it, at a time of its own clock."""

    node: str
    zh: str
    en: str
    province: str
    role: Literal["main", "sub"]
    at: int
    line: LineStanding
    journal: JournalStanding
    disk: DiskStanding
    clock: ClockStanding
    power: PowerStanding
    versions: Versions
    seats: tuple[SeatStanding, ...]
    troubles: tuple[Trouble, ...]
    ntp: tuple[NtpStanding, ...] = ()
    cameras: tuple[CameraStanding, ...] = ()
    cameras_silent_since: int = 0
    """Since when the process that reads them does not answer; 0 where it does, or there is none."""
