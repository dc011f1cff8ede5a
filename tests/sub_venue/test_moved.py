"""A node's data folder on a new machine: drafts, sealed sheets and what had not gone up move with it."""

import asyncio
import shutil
from pathlib import Path

from protocol import hidden, wire
from protocol.commands import CloseScoring, SealSheet
from protocol.wire import Draft
from sub_venue.assembly import Node
from tests.protocol.world import World, key
from tests.sub_venue.conftest import Opens, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, open_page, signed
from tests.sub_venue.test_seats import QUICK, copied

NAME = "shanghai.localhost"


def sealing(world: World) -> wire.Submit:
    """M2's whole sheet, sealed."""
    opening = world.opening("M2", "01", "1")
    command = world.command("M2", SealSheet(hidden.commitment(opening)), world.stage("01", "1"))
    return signed(command, "M2", opening=opening)


async def _scoring(node: Node, exchange: Exchange) -> None:
    exchange.world.to_scoring()
    exchange.grown()
    await copied(node, exchange.world)


async def test_a_moved_folder_goes_on_where_the_old_machine_stopped(
    opens: Opens, exchange: Exchange, tmp_path: Path
) -> None:
    world = exchange.world
    async with opens("shanghai", exchange.port, QUICK) as old:
        await line_up(old)
        await _scoring(old, exchange)
        draft = Draft("s-1", "M2", world.stage("01", "1"), 3, {"b1": {"A1": 700}})
        await exchange.stop()
        async with open_page(old.door.port, NAME) as page:
            await page.prove("s-1", "M2")
            await page.put(draft)
            assert (await page.act(sealing(world))).status == "kept"

    moved = tmp_path / "new machine"
    await asyncio.to_thread(shutil.move, tmp_path / "data" / "shanghai", moved)
    await exchange.start()
    async with opens("shanghai", exchange.port, QUICK, settings={"data_dir": moved}) as new:
        async with asyncio.timeout(WAIT_S):
            (kept,) = new.journal.of_author("s-1", key("M2"))
            await kept.settled.wait()
        assert kept.answer is not None
        assert kept.answer.status == "accepted"
        assert new.drafts.get("s-1", "M2", draft.stage) == draft
        # Its keys moved too: what is sealed under them opens when the phase asks.
        for seat in world.members():
            if seat != "M2":
                world.seal(seat, "01", "1")
        world.must("agent", CloseScoring(), world.stage("01", "1"))
        world.settle()
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            while not _tried(new):
                await new.copies.reached("s-1", new.copies.size("s-1") + 1)
        assert '"result":"ok"' in _tried(new)[0]


def _tried(node: Node) -> list[str]:
    """The node's own `TryOpening` acts, as their canonical text."""
    own = node.journal.of_author("s-1", key("node shanghai"))
    return [node.journal.body(kept).command for kept in own if kept.type == "TryOpening"]
