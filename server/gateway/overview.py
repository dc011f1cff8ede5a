"""What the overview tells: how the house stands, for whoever runs it.

It holds no hidden value, no seat and no name of a person: of who is awaited only role, act and number.
"""

from typing import Literal

from msgspec import Struct

from protocol.words import Role
from server.fanout.bus import Stands
from server.gateway.machine import Machine, Versions


class NodeState(Struct, frozen=True):
    """A node of the installation: since when it is connected here (ms; 0: not), how many entries behind."""

    node: str
    zh: str
    en: str
    province: str
    online: bool
    since: int
    behind: int


class AwaitedCount(Struct, frozen=True):
    """So many of a role are awaited for an act."""

    role: Role
    act: str
    count: int


class StagePhase(Struct, frozen=True):
    """A lot's envelope and the phase it is in."""

    lot: str
    envelope: str
    phase: str


class SessionState(Struct, frozen=True):
    """A session in memory: `at` is its last entry's clock; `writer` is `here`, a coordinator, or empty."""

    session: str
    size: int
    phase: str
    at: int
    stages: tuple[StagePhase, ...]
    awaited: tuple[AwaitedCount, ...]
    writer: str


class Appends(Struct, frozen=True):
    """How long the newest commands took until they were durable, ms: half of them, and 99 of a hundred."""

    p50_ms: int
    p99_ms: int


class Problem(Struct, frozen=True):
    """What is wrong, and what to do; `code` is stable, `about` names what it is about."""

    code: str
    grave: Literal["bad", "warn"]
    about: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class Overview(Struct, frozen=True):
    """How the house stands.

    `held` is how many sessions this coordinator writes where several share them; `bus` whether hints reach
    the others, `alone` where there are none; `sessions_awake` counts also those that are not listed.
    """

    coordinator: str
    installation_key: str
    at: int
    since: int
    ready: bool
    durable: bool
    database: Literal["sqlite", "postgresql"]
    held: int
    bus: Stands
    nodes: tuple[NodeState, ...]
    sessions: tuple[SessionState, ...]
    sessions_awake: int
    bidders_watching: int
    appends: Appends
    machine: Machine
    versions: Versions
    problems: tuple[Problem, ...] = ()
