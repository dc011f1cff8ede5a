"""The rooms: which sockets are whose, and the only place that pushes anything to one.

A push is one frame, made once and written as it is to every socket that is to have it (SPEC 10.1). Nobody
acknowledges it. A socket that cannot take it now (its peer does not read, or is owed an answer first) is left
out and holds up nobody; it is given what it lacks later, from its own cursor.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import Struct

from server import telemetry
from server.telemetry import Meters

NODE_NAMESPACE = "/node"

_log = telemetry.logger("server.fanout")


class Outlet(Protocol):
    """What the rooms need of a socket's own end."""

    def write(self, frame: bytes) -> bool:
        """Write a whole frame, in order, without waiting; False where the socket cannot take it now."""

    def standing(self) -> "Standing":
        """How the socket stands."""


class Standing(Struct, frozen=True):
    """How a socket stands: whether it has ended, is owed an answer first, and what it has not read yet."""

    ended: bool = False
    answering: bool = False
    unsent_bytes: int = 0


class Occupant(Struct, frozen=True):
    """A node's socket: its id, whose it is, how to cut it, where its frames go, and since when (ms)."""

    sid: str
    node: str
    node_key: str
    cut: Callable[[], None]
    outlet: Outlet
    since: int = 0


class Rooms:
    """The sockets of nodes; presence is read off here."""

    def __init__(self, meters: Meters) -> None:
        """Begin empty."""
        self._meters = meters
        self._occupants: dict[str, Occupant] = {}
        self._by_key: dict[str, dict[str, Occupant]] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def enter(self, occupant: Occupant) -> None:
        """A node's socket is connected."""
        self._occupants[occupant.sid] = occupant
        self._by_key.setdefault(occupant.node_key, {})[occupant.sid] = occupant
        self._count()

    def leave(self, sid: str) -> None:
        """A socket is gone."""
        occupant = self._occupants.pop(sid, None)
        if occupant is not None:
            mine = self._by_key[occupant.node_key]
            del mine[sid]
            if not mine:
                del self._by_key[occupant.node_key]
        self._count()

    def occupant(self, sid: str) -> Occupant | None:
        """Whose socket this is, while it is connected."""
        return self._occupants.get(sid)

    def occupants(self) -> tuple[Occupant, ...]:
        """Every socket that is connected."""
        return tuple(self._occupants.values())

    def of(self, node_key: str) -> tuple[Occupant, ...]:
        """The sockets of one node, the oldest first."""
        return tuple(self._by_key.get(node_key, {}).values())

    def online(self) -> frozenset[str]:
        """The nodes that have a socket."""
        return frozenset(one.node for one in self._occupants.values())

    def since(self) -> dict[str, int]:
        """Node → since when its oldest socket is connected, ms."""
        found: dict[str, int] = {}
        for one in self._occupants.values():
            found[one.node] = min(found.get(one.node, one.since), one.since)
        return found

    async def emptied(self) -> None:
        """Wait until nobody is connected."""
        await self._empty.wait()

    def push(self, to: Iterable[Occupant], frame: bytes) -> list[Occupant]:
        """Write one frame to many sockets, in one pass; those that could not take it now."""
        written, late = 0, []
        for one in to:
            if one.outlet.write(frame):
                written += 1
            else:
                late.append(one)
        self._meters.pushes.labels("written").inc(written)
        self._meters.pushes.labels("late").inc(len(late))
        return late

    def cut(self, occupant: Occupant) -> None:
        """Close the socket of a node that does not read; it comes back and asks since its own cursor."""
        self._meters.pushes.labels("cut").inc()
        _log.warning("node does not read", node=occupant.node, sid=occupant.sid)
        occupant.cut()

    def _count(self) -> None:
        if self._occupants:
            self._empty.clear()
        else:
            self._empty.set()
        self._meters.sockets.set(len(self._occupants))
        self._meters.nodes.set(len({one.node for one in self._occupants.values()}))
