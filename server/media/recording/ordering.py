"""Packets of one stream in their order again, each once; what does not come in time is declared lost.

Owns sequence numbers that wrap (RFC 3550 A.1) and how long a missing packet is waited for. Time is the
packets' own arrival: nothing here reads a clock.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from server.media.sinks import Packet

WAIT_MS: Final = 1_000
"""How long a missing packet is waited for; a retransmission takes one round trip, or some."""

BEGIN_WAIT_MS: Final = 200
"""How long the first packets are held, for the first to come need not be the first that was sent."""

HELD_PACKETS_MAX: Final = 2_048
"""Most packets that wait behind a missing one; some seconds of 720p."""

_WRAP: Final = 1 << 16
_FORWARD_MAX: Final = 1 << 15


class Lost(NamedTuple):
    """`packets` in a row never came; `arrival_ms` is when they were given up."""

    packets: int
    arrival_ms: int


class Ordering:
    """One stream's packets; hand each to `put`, then `flush` at the end."""

    def __init__(self, wait_ms: int = WAIT_MS) -> None:
        """Begin with the earliest of those that come first."""
        self._wait_ms = wait_ms
        self._next: int | None = None
        self._first: Packet | None = None
        self._held: dict[int, Packet] = {}

    def put(self, packet: Packet) -> Iterator[Packet | Lost]:
        """Whatever is in order now: packets, and what was given up between them.

        A packet that came before, or after it was given up, is left out.
        """
        number = packet.sequence
        if self._next is None:
            self._held[number] = packet
            self._first = self._first or packet
            if packet.arrival_ms - self._first.arrival_ms >= BEGIN_WAIT_MS:
                yield from self._begin()
            return
        if (number - self._next) % _WRAP >= _FORWARD_MAX or number in self._held:
            return
        self._held[number] = packet
        yield from self._ready()
        while self._held and self._waited(packet.arrival_ms):
            yield self._give_up(packet.arrival_ms)
            yield from self._ready()

    def flush(self) -> Iterator[Packet | Lost]:
        """What is still held, at the stream's end."""
        if self._next is None and self._held:
            yield from self._begin()
        yield from self._ready()
        while self._held:
            yield self._give_up(max(one.arrival_ms for one in self._held.values()))
            yield from self._ready()

    def _begin(self) -> Iterator[Packet]:
        assert self._first is not None
        near = self._first.sequence - _FORWARD_MAX
        self._next = min(self._held, key=lambda number: (number - near) % _WRAP)
        yield from self._ready()

    def _ready(self) -> Iterator[Packet]:
        while self._next is not None and (packet := self._held.pop(self._next, None)) is not None:
            self._next = (self._next + 1) % _WRAP
            yield packet

    def _waited(self, now_ms: int) -> bool:
        first = min(one.arrival_ms for one in self._held.values())
        return now_ms - first >= self._wait_ms or len(self._held) > HELD_PACKETS_MAX

    def _give_up(self, now_ms: int) -> Lost:
        assert self._next is not None
        nearest = min(self._held, key=lambda number: (number - self._next) % _WRAP)  # type: ignore[operator]
        missing = (nearest - self._next) % _WRAP
        self._next = nearest
        return Lost(missing, now_ms)
