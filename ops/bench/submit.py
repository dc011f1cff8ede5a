"""`submit`: from a signed act's sending until it is durable and the last of three hundred screens has it.

At the coordinator's door, where the order of the record is made: an act on one line, three hundred lines that
follow. The limit beside it makes the same act's bytes durable with one fdatasync and sends the same event to
three hundred sockets with Node's WebSocket server `ws`, nothing else; a bare Python process that writes one
frame to raw sockets is told beside it (`bare`). Then the venue's hop apart: the act goes from a page into the
venue's journal (one more fdatasync), up the line and back, into the venue's copy (a third), and the screens
are three hundred pages there, beside the same limits on plain sockets.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from ops.bench import peers
from ops.bench.generator import Generator, generator
from ops.bench.house import house, tls
from ops.bench.peers import Like, Peer
from ops.bench.report import Report
from ops.bench.rounds import Table, interleaved, spread
from ops.bench.sides import Acts, Goes, Side, Telling, side
from ops.installation import COORDINATOR

PACE_MS: Final = 50
GOALS: Final = {"p50_ratio_vs_limit": 1.5}


class Size(Struct, frozen=True):
    """How much is measured."""

    screens: int
    rounds: int
    acts: int


FULL: Final = Size(300, 5, 40)
QUICK: Final = Size(10, 2, 3)


async def run(data: Path, *, quick: bool) -> Report:
    """Measure the coordinator and then the hop."""
    size = QUICK if quick else FULL
    near = await _coordinator(data, size)
    far = await _venue(data, size)
    hop = spread(
        [
            there["last_p50_ms"] - here["last_p50_ms"]
            for there, here in zip(far.sides["ours"], near.sides["ours"], strict=True)
        ]
    )
    return Report(
        "submit",
        {
            "p50_ratio_vs_limit": near.ratio("last_p50_ms", "ours", "limit"),
            "p99_ratio_vs_limit": near.ratio("last_p99_ms", "ours", "limit"),
            "p50_ratio_vs_bare": near.ratio("last_p50_ms", "ours", "bare"),
            "venue_p50_ratio_vs_limit": far.ratio("last_p50_ms", "ours", "limit"),
        },
        GOALS,
        {
            "coordinator": near.figures(), "venue": far.figures(), "hop_p50_ms": hop.median,
            **msgspec.to_builtins(size),
        },
    )  # fmt: skip


async def _coordinator(data: Path, size: Size) -> Table:
    """Lines at the coordinator."""
    async with house(data) as held, generator() as crowd:
        line = held.line(held.found.main.place.node)
        acts = Acts(held)
        await acts.open(crowd, line)
        since = {"sessions": [acts.session], "since": acts.size}
        await crowd.tell("open", group="ours", count=size.screens, **line, **since)
        telling = Telling(held.pid(), "speaker", "ours", size.screens, acts.further)
        ours = side(crowd, telling, size.acts, PACE_MS)
        await ours()
        event = (await crowd.tell("text", group="ours"))["event"]
        served = tls(held.found, COORDINATOR)
        like = Like(line["namespace"], event, ("size",), served, line["tls"], line["name"])
        return await _beside_limits(data, crowd, like, event[1]["entries"][0], ours, size)


async def _venue(data: Path, size: Size) -> Table:
    """Pages at a venue, where the act comes from too."""
    async with house(data, "hefei") as held, generator() as crowd:
        main = held.found.main
        acts = Acts(held)
        seat = await acts.open(crowd, held.line(main.place.node), reader=True)
        desk = held.desk(main)
        await crowd.tell("open", group="page", count=1, **desk)
        await crowd.tell("open", group="ours", count=size.screens, **desk, seats=[seat], since=acts.size)
        telling = Telling(held.pid(main.place.node), "page", "ours", size.screens, acts.acted)
        ours = side(crowd, telling, size.acts, PACE_MS)
        await ours()
        event = (await crowd.tell("text", group="ours"))["event"]
        like = Like(desk["namespace"], event, ("view", "as_of", "size"), None, None, desk["name"])
        act = str(acts.acted(1)[0][1])
        acts.size -= 1
        return await _beside_limits(data, crowd, like, act, ours, size)


async def _beside_limits(
    data: Path, crowd: Generator, like: Like, carries: str, ours: Side, size: Size
) -> Table:
    """The rounds, beside Node's WebSocket server and beside raw sockets; `carries` is made durable there."""

    async def open_at(limit: Peer, group: str) -> Side:
        await crowd.tell("open", group=f"{group}-speaker", count=1, joins=False, **limit.line())
        await crowd.tell("open", group=group, count=size.screens, **limit.line())
        goes = Goes(like.event, like.size_at, carries=carries)
        telling = Telling(limit.pid, f"{group}-speaker", group, size.screens, goes.further)
        return side(crowd, telling, size.acts, PACE_MS)

    async with peers.websocket(data, like) as websocket, peers.bare(data, like) as bare:
        sides = {
            "ours": ours, "limit": await open_at(websocket, "limit"), "bare": await open_at(bare, "bare")
        }  # fmt: skip
        for warming in sides.values():
            await warming()
        return await interleaved(size.rounds, sides)
