"""The rooms: which sockets are whose, and the only place that pushes anything to one.

A push waits for the node's acknowledgement, so that at most one is under way for each follower and
a slow node holds up nobody but itself. A node that does not acknowledge in time loses its socket;
it comes back and asks since its own cursor.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from msgspec import Struct
from socketio.exceptions import TimeoutError as Unacknowledged

from protocol import wire
from protocol.wire import Feed
from server import telemetry
from server.telemetry import Meters

NODE_NAMESPACE = "/node"

_log = telemetry.logger("server.fanout")


class Emitter(Protocol):
    """What the rooms need of a Socket.IO server."""

    async def call(self, event: str, data: Any, *, to: str, namespace: str, timeout: float) -> Any:
        """Send an event to one socket and wait for its acknowledgement."""


class Occupant(Struct, frozen=True):
    """A node's socket: its id, whose it is, and how to cut it."""

    sid: str
    node: str
    node_key: str
    cut: Callable[[], None]


class Rooms:
    """The sockets of nodes; presence is read off here."""

    def __init__(self, emitter: Emitter, meters: Meters, push_wait_ms: int) -> None:
        """Begin empty."""
        self._emitter = emitter
        self._meters = meters
        self._push_wait_ms = push_wait_ms
        self._occupants: dict[str, Occupant] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self, occupant: Occupant) -> None:
        """A node's socket is connected."""
        self._occupants[occupant.sid] = occupant
        self._count()

    def leave(self, sid: str) -> None:
        """A socket is gone."""
        self._occupants.pop(sid, None)
        self._count()

    def occupant(self, sid: str) -> Occupant | None:
        """Whose socket this is, while it is connected."""
        return self._occupants.get(sid)

    def occupants(self) -> tuple[Occupant, ...]:
        """Every socket that is connected."""
        return tuple(self._occupants.values())

    def online(self) -> frozenset[str]:
        """The nodes that have a socket."""
        return frozenset(one.node for one in self._occupants.values())

    async def emptied(self) -> None:
        """Wait until nobody is connected."""
        await self._empty.wait()

    async def push(self, sid: str, feed: Feed) -> bool:
        """Push a feed to a socket; True once the node has acknowledged it."""
        occupant = self._occupants.get(sid)
        if occupant is None:
            return False
        try:
            await self._emitter.call(
                wire.ENTRIES,
                msgspec.to_builtins(feed),
                to=sid,
                namespace=NODE_NAMESPACE,
                timeout=self._push_wait_ms / 1000,
            )
        except Unacknowledged:
            self._meters.pushes.labels("unacknowledged").inc()
            _log.warning("node does not read", node=occupant.node, session=feed.session, since=feed.since)
            occupant.cut()
            return False
        self._meters.pushes.labels("acknowledged").inc()
        return True

    def _count(self) -> None:
        if self._occupants:
            self._empty.clear()
        else:
            self._empty.set()
        self._meters.sockets.set(len(self._occupants))
        self._meters.nodes.set(len(self.online()))
