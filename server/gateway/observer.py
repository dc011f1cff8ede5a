"""Reads off the house how it stands.

Owns where each figure of the overview comes from. Must not know HTTP.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from protocol.projection.awaiting import awaited
from protocol.session.state import State
from protocol.wire import NodeNote
from server.config import Bounds
from server.fanout.bus import Stands
from server.fanout.followers import Followers
from server.fanout.rooms import Rooms
from server.gateway.machine import look, versions
from server.gateway.overview import Appends, AwaitedCount, NodeState, Overview, SessionState, StagePhase
from server.gateway.problems import of_cosigners, problems
from server.ledger.cosigning import Owed
from server.senses import Senses
from server.sessions.registry import Registry, Standing
from server.telemetry import Meters

SESSIONS_TOLD_MAX = 200
"""More sessions than this in memory are counted and not listed, the quietest left out."""


class House(Struct, frozen=True):
    """What the overview is read from."""

    name: str
    installation_key: str
    data_dir: Path
    database: Path | None
    registry: Registry
    rooms: Rooms
    followers: Followers
    senses: Senses
    meters: Meters
    bounds: Bounds
    nodes: Callable[[], tuple[NodeNote, ...]]
    bus: Callable[[], Stands]
    ready: Callable[[], bool]
    durable: Callable[[], bool]
    held: Callable[[], int]
    watching: Callable[[], int]
    owed: Callable[[], tuple[tuple[str, Owed], ...]] = tuple


class Observer:
    """Reads the house."""

    def __init__(self, house: House) -> None:
        """Begin to look."""
        self._by = house
        self._since = house.senses.now_ms()

    def look(self) -> Overview:
        """How the house stands now.

        Raises:
          OSError: the data folder cannot be looked at.
        """
        by = self._by
        standings = by.registry.standings()
        listed = sorted(standings, key=lambda one: -one.published.state.at)[:SESSIONS_TOLD_MAX]
        told = Overview(
            coordinator=by.name,
            installation_key=by.installation_key,
            at=by.senses.now_ms(),
            since=self._since,
            ready=by.ready(),
            durable=by.durable(),
            database="sqlite" if by.database is not None else "postgresql",
            held=by.held(),
            bus=by.bus(),
            nodes=self._nodes(),
            sessions=tuple(_session(one) for one in listed),
            sessions_awake=len(standings),
            bidders_watching=by.watching(),
            appends=Appends(by.meters.recent_ms(50), by.meters.recent_ms(99)),
            machine=look(by.data_dir, by.database),
            versions=versions(),
        )
        owing = of_cosigners(by.owed(), told.at, by.bounds)
        return replace(told, problems=(*problems(told, by.bounds), *owing))

    def _nodes(self) -> tuple[NodeState, ...]:
        since, behind = self._by.rooms.since(), self._by.followers.behind()
        return tuple(
            NodeState(
                one.node, one.zh, one.en, one.province, one.online,
                since.get(one.node, 0), behind.get(one.node, 0),
            )
            for one in self._by.nodes()
        )  # fmt: skip


def _session(standing: Standing) -> SessionState:
    state: State = standing.published.state
    # Without the plan: which rates are still to be drawn is a hidden value's matter.
    counted = Counter((one.role, one.act) for one in awaited(state, {}))
    return SessionState(
        session=state.session,
        size=state.size,
        phase=state.phase,
        at=state.at,
        stages=tuple(StagePhase(one.lot, one.envelope, one.phase) for one in state.tracks.values()),
        awaited=tuple(AwaitedCount(role, act, count) for (role, act), count in counted.items()),
        writer=standing.writer,
    )
