"""`fanout`: one session's newest entry to a thousand receivers, beside Node's socket.io doing the same.

Two places tell many sockets of one session. At the *coordinator* they are nodes' lines: mutual TLS, the
event is `entries`. At a *venue* they are pages: plain HTTP on loopback, the event is `news`. Each is measured
beside a Node.js socket.io server that broadcasts the very event that the product was seen to send, over the
same kind of line, to the same crowd. The product has more to do for it: a signed act is verified, decided,
made durable.

The coordinator's clock begins when the act is sent. A venue's begins when the coordinator's push has reached
another line of the same node: what was before that is the coordinator's, and `submit` measures it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from ops import certificates
from ops.bench import machine
from ops.bench.acts import Script
from ops.bench.generator import Generator, generator
from ops.bench.house import House, house, tls
from ops.bench.peers import socketio
from ops.bench.report import Report
from ops.bench.rounds import Measured, Table, interleaved, quantile
from ops.installation import COORDINATOR
from ops.senses import Dice
from protocol import wire

PACE_MS: Final = 100
"""Ten events a second, unless the receivers need longer."""
SEAT: Final = "keeper-hefei"
"""The seat that is bound again and again; nobody of the crowd sits there."""
READER: Final = "supervisor-hefei"
"""The seat at which the crowd's pages sit: a supervisor is shown every act."""
GOALS: Final = {"cpu_ratio_vs_node": 0.6, "last_p50_ratio_vs_node": 0.8}


class Size(Struct, frozen=True):
    """How much is measured."""

    receivers: int
    rounds: int
    events: int


FULL: Final = Size(1_000, 7, 30)
QUICK: Final = Size(20, 2, 3)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure both places; the headline is the coordinator's."""
    size = QUICK if quick else FULL
    lines = await _lines(data, size)
    pages = await _pages(data, size)
    ratios = {}
    for place, table in (("", lines), ("pages_", pages)):
        for figure in ("cpu", "last_p50"):
            name = {"cpu": "cpu_us_per_delivery", "last_p50": "last_p50_ms"}[figure]
            ratios[f"{place}{figure}_ratio_vs_node"] = table.ratio(name, "ours", "node")
    return Report(
        "fanout", ratios, GOALS,
        {"coordinator": lines.figures(), "venue": pages.figures(), **msgspec.to_builtins(size)},
    )  # fmt: skip


async def _lines(data: Path, size: Size) -> Table:
    """Nodes' lines at the coordinator."""
    async with house(data) as held, generator() as crowd:
        node = held.found.main.place.node
        acts = Acts(held)
        await crowd.tell("open", group="speaker", count=1, **held.line(node))
        await crowd.tell("flood", group="speaker", acts=[acts.opening()])
        await acts.look(crowd, held.line(node))
        since = {"sessions": [acts.session], "since": acts.size}
        await crowd.tell("open", group="ours", count=size.receivers, **held.line(node), **since)
        ours = _side(crowd, held.pid(), "speaker", "ours", acts.further, size)
        return await _beside_node(data, crowd, held, ours, ("size",), tls(held.found, COORDINATOR), size)


async def _pages(data: Path, size: Size) -> Table:
    """Pages at a venue's node."""
    async with house(data, "hefei") as held, generator() as crowd:
        main = held.found.main
        acts = Acts(held)
        await crowd.tell("open", group="speaker", count=1, **held.line(main.place.node))
        await crowd.tell("flood", group="speaker", acts=[acts.opening()])
        seat = acts.sit(READER)
        await crowd.tell("flood", group="speaker", acts=[[acts.bound_reader]])
        await acts.look(crowd, held.line(main.place.node))
        twin = {**held.line(main.place.node), "sessions": [acts.session], "since": acts.size}
        await crowd.tell("open", group="twin", count=1, **twin)
        pages = {**held.desk(main), "seats": [seat], "since": acts.size}
        await crowd.tell("open", group="ours", count=size.receivers, **pages)
        ours = _side(crowd, held.pid(main.place.node), "speaker", "ours", acts.further, size, twin="twin")
        return await _beside_node(data, crowd, held, ours, ("view", "as_of", "size"), None, size)


async def _beside_node(
    data: Path, crowd: Generator, held: House, ours: Callable[[], Awaitable[Measured]],
    size_at: tuple[str, ...], served: dict[str, str] | None, size: Size,
) -> Table:  # fmt: skip
    """The rounds, once the product has been heard and its event handed to the peer."""
    await ours()
    event = (await crowd.tell("text", group="ours"))["event"]
    group: dict[str, Any] = held.line("hefei") if served else held.desk(held.found.main)
    client = {"tls": group.get("tls")}
    async with socketio(data, group["namespace"], event, size_at, served, group["name"]) as peer:
        await crowd.tell("open", group="peer-speaker", count=1, joins=False, **peer.line(), **client)
        await crowd.tell("open", group="node", count=size.receivers, **peer.line(), **client)
        theirs = _side(crowd, peer.pid, "peer-speaker", "node", Goes(event, size_at).further, size)
        await theirs()
        return await interleaved(size.rounds, {"ours": ours, "node": theirs})


def _side(
    crowd: Generator, pid: int, speaker: str, group: str, further: Callable[[int], list[Any]], size: Size,
    twin: str = "",
) -> Callable[[], Awaitable[Measured]]:  # fmt: skip
    """A round of one side: `events` acts, each to everybody."""

    async def once() -> Measured:
        before = machine.cpu_ms(pid)
        told = await crowd.tell(
            "tell", speaker=speaker, group=group, acts=further(size.events), pace_ms=PACE_MS, **{"from": twin}
        )
        used = machine.cpu_ms(pid) - before
        deliveries = size.receivers * size.events
        return {
            "cpu_us_per_delivery": max(used, 1.0) * 1000 / deliveries,
            "first_p50_ms": quantile(told["first_ms"], 0.5),
            "last_p50_ms": quantile(told["last_ms"], 0.5),
            "last_p99_ms": quantile(told["last_ms"], 0.99),
            "messages_per_delivery": told["messages"] / deliveries,
            "bytes_per_delivery": told["bytes"] / deliveries,
            "events_per_s": size.events / told["took_ms"] * 1000,
            "resident_mb": machine.resident_mb(pid),
        }

    return once


class Acts:
    """One session's acts as the crowd sends them: [event, data as JSON text, size that follows]."""

    def __init__(self, held: House) -> None:
        """Begin a session of its own."""
        self.session = f"bench-{Dice().bytes32().hex()[:12]}"
        self.size = 0
        self.bound_reader: list[Any] = []
        self._held = held
        self._script = Script(held.found, held.keys, held.case, self.session)

    def opening(self) -> list[Any]:
        """Booked, and its committee imported."""
        return [_submit(one) for one in self._script.opened()]

    async def look(self, crowd: Generator, line: dict[str, Any]) -> None:
        """See how many entries the session has: what falls due by itself adds to what was asked for."""
        told = await crowd.tell("open", group="scout", count=1, **line, sessions=[self.session])
        await crowd.tell("drop", group="scout")
        self.size = told["size"]

    def sit(self, seat: str) -> list[str]:
        """A seat bound to a key in a file: [session, seat, file]; the act is `bound_reader`."""
        path = self._held.found.people / f"{self.session}.key"
        key = certificates.ensure_signing_key(path)
        self.bound_reader = _submit(self._script.bound(seat, key))
        return [self.session, seat, str(path)]

    def further(self, count: int) -> list[Any]:
        """So many further acts, signed now."""
        found = []
        for _ in range(count):
            self.size += 1
            found.append([*_submit(self._script.bound(SEAT)), self.size])
        return found


class Goes:
    """The peer's events: told to go, it counts the number up and broadcasts."""

    def __init__(self, event: list[Any], size_at: tuple[str, ...]) -> None:
        """Go on from the event that the product sent."""
        at = event[1]
        for name in size_at:
            at = at[name]
        self.size = int(at)

    def further(self, count: int) -> list[Any]:
        """So many further events."""
        found = []
        for _ in range(count):
            self.size += 1
            found.append(["go", str(self.size), self.size])
        return found


def _submit(one: wire.Submit) -> list[Any]:
    return [wire.SUBMIT, msgspec.json.encode(one).decode()]
