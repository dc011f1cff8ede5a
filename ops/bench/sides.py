"""Sides: one round of acts to a crowd and what it came to; the session whose acts they are.

Owns turning a script's signed acts into what the crowd is told to send, and a drill's times into figures. The
same for product, peer and limit, so that all are counted alike. Must not know which of them it is.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops import certificates
from ops.bench import machine
from ops.bench.acts import Script
from ops.bench.generator import Generator
from ops.bench.house import House
from ops.bench.rounds import Measured, quantile
from ops.senses import Dice
from protocol import wire

SEAT: Final = "keeper-hefei"
"""The seat that is bound again and again; nobody of the crowd sits there."""
READER: Final = "supervisor-hefei"
"""The seat at which the crowd's pages sit: a supervisor is shown every act."""

Told = list[Any]
"""An act for the crowd: event, data as JSON text, and the size that everybody is told of after it."""


class Telling(Struct, frozen=True):
    """Who says what to whom: groups of the crowd, and the process that is paid for it.

    `further` makes so many acts; the clock begins when the group `twin` has it, without one at the sending.
    """

    pid: int
    speaker: str
    group: str
    receivers: int
    further: Callable[[int], list[Told]]
    twin: str = ""


Side = Callable[[], Awaitable[Measured]]
"""One round of somebody's."""


def side(crowd: Generator, telling: Telling, events: int, pace_ms: int) -> Side:
    """A round of one side: `events` acts, each to everybody."""

    async def once() -> Measured:
        before = machine.cpu_ms(telling.pid)
        told = await crowd.tell(
            "tell", speaker=telling.speaker, group=telling.group, acts=telling.further(events),
            pace_ms=pace_ms, **{"from": telling.twin},
        )  # fmt: skip
        used = machine.cpu_ms(telling.pid) - before
        deliveries = telling.receivers * events
        return {
            "cpu_us_per_delivery": max(used, machine.TICK_MS) * 1000 / deliveries,
            "answered_p50_ms": quantile(told["answered_ms"], 0.5),
            "first_p50_ms": quantile(told["first_ms"], 0.5),
            "last_p50_ms": quantile(told["last_ms"], 0.5),
            "last_p99_ms": quantile(told["last_ms"], 0.99),
            "messages_per_delivery": told["messages"] / deliveries,
            "bytes_per_delivery": told["bytes"] / deliveries,
            "events_per_s": events / told["took_ms"] * 1000,
            "resident_mb": machine.resident_mb(telling.pid),
        }

    return once


class Acts:
    """One session's acts as the crowd sends them."""

    def __init__(self, held: House) -> None:
        """Begin a session of its own."""
        self.session = f"bench-{Dice().bytes32().hex()[:12]}"
        self.size = 0
        self._held = held
        self._script = Script(held.found, held.keys, held.case, self.session)

    async def open(self, crowd: Generator, line: dict[str, Any], *, reader: bool = False) -> list[str]:
        """Book the session through a line of its home node, and leave the group `speaker` there.

        Returns:
          Where the crowd's pages may sit: session, seat and the file of its key; empty without `reader`.
        """
        acts = [submit(one) for one in self._script.opened()]
        seated: list[str] = []
        if reader:
            path = self._held.found.people / f"{self.session}.key"
            key = certificates.ensure_signing_key(path)
            acts.append(submit(self._script.bound(READER, key)))
            seated = [self.session, READER, str(path)]
        await crowd.tell("open", group="speaker", count=1, **line)
        await crowd.tell("flood", group="speaker", acts=[acts])
        # What falls due by itself has added entries to those that were asked for.
        told = await crowd.tell("open", group="scout", count=1, **line, sessions=[self.session])
        await crowd.tell("drop", group="scout")
        self.size = told["size"]
        return seated

    def further(self, count: int, event: str = wire.SUBMIT) -> list[Told]:
        """So many further acts, signed now."""
        found = []
        for _ in range(count):
            self.size += 1
            found.append([event, submit(self._script.bound(SEAT))[1], self.size])
        return found

    def acted(self, count: int) -> list[Told]:
        """The same, as a page sends them to its node."""
        return self.further(count, wire.ACT)


class Goes:
    """The events of a peer or limit: told to go, it counts the number up and tells everybody."""

    def __init__(self, event: list[Any], size_at: tuple[str, ...], *, carries: str = "") -> None:
        """Go on from the event that the product sent; `carries` are bytes that come along."""
        at = event[1]
        for name in size_at:
            at = at[name]
        self.size = int(at)
        self._carries = carries

    def further(self, count: int) -> list[Told]:
        """So many further events."""
        found = []
        for _ in range(count):
            self.size += 1
            data = {"size": self.size, "bytes": self._carries}
            found.append(["go", msgspec.json.encode(data).decode(), self.size])
        return found


def submit(one: wire.Submit) -> list[str]:
    """A signed act as [event, data as JSON text]."""
    return [wire.SUBMIT, msgspec.json.encode(one).decode()]
