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

from ops.bench.generator import Generator, generator
from ops.bench.house import House, house, tls
from ops.bench.peers import Like, socketio
from ops.bench.report import Report
from ops.bench.rounds import Measured, Table, interleaved
from ops.bench.sides import Acts, Goes, Telling, side
from ops.installation import COORDINATOR

PACE_MS: Final = 100
"""Ten events a second, unless the receivers need longer."""
GOALS: Final = {"cpu_ratio_vs_node": 0.6, "last_p50_ratio_vs_node": 0.8}


class Size(Struct, frozen=True):
    """How much is measured."""

    receivers: int
    rounds: int
    events: int


FULL: Final = Size(1_000, 5, 15)
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
        line = held.line(held.found.main.place.node)
        acts = Acts(held)
        await acts.open(crowd, line)
        since = {"sessions": [acts.session], "since": acts.size}
        await crowd.tell("open", group="ours", count=size.receivers, **line, **since)
        telling = Telling(held.pid(), "speaker", "ours", size.receivers, acts.further)
        ours = side(crowd, telling, size.events, PACE_MS)
        return await _beside_node(data, crowd, held, ours, ("size",), tls(held.found, COORDINATOR), size)


async def _pages(data: Path, size: Size) -> Table:
    """Pages at a venue's node."""
    async with house(data, "hefei") as held, generator() as crowd:
        main = held.found.main
        line = held.line(main.place.node)
        acts = Acts(held)
        seat = await acts.open(crowd, line, reader=True)
        await crowd.tell("open", group="twin", count=1, **line, sessions=[acts.session], since=acts.size)
        pages = {**held.desk(main), "seats": [seat], "since": acts.size}
        await crowd.tell("open", group="ours", count=size.receivers, **pages)
        pid = held.pid(main.place.node)
        telling = Telling(pid, "speaker", "ours", size.receivers, acts.further, "twin")
        ours = side(crowd, telling, size.events, PACE_MS)
        return await _beside_node(data, crowd, held, ours, ("view", "as_of", "size"), None, size)


async def _beside_node(
    data: Path, crowd: Generator, held: House, ours: Callable[[], Awaitable[Measured]],
    size_at: tuple[str, ...], served: dict[str, str] | None, size: Size,
) -> Table:  # fmt: skip
    """The rounds, once the product has been heard and its event handed to the peer."""
    await ours()
    event = (await crowd.tell("text", group="ours"))["event"]
    line: dict[str, Any] = held.line("hefei") if served else held.desk(held.found.main)
    like = Like(line["namespace"], event, size_at, served, line.get("tls"), line["name"])
    async with socketio(data, like) as peer:
        await crowd.tell("open", group="peer-speaker", count=1, joins=False, **peer.line())
        await crowd.tell("open", group="node", count=size.receivers, **peer.line())
        telling = Telling(peer.pid, "peer-speaker", "node", size.receivers, Goes(event, size_at).further)
        theirs = side(crowd, telling, size.events, PACE_MS)
        await theirs()
        return await interleaved(size.rounds, {"ours": ours, "node": theirs})
