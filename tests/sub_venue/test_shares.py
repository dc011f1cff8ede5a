"""A node's share of a draw: committed, revealed when all have committed, never in clear on the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical, commands, limits
from protocol.chance import Share
from protocol.commands import Command
from protocol.commands_draw import CommitDrawSeed, RevealDrawSeed
from protocol.entry import Entry
from protocol.plan.case import Case, read_case
from protocol.session.state import State
from protocol.wire import Answer
from protocol.words import SESSION_STAGE
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal, Kept
from sub_venue.keys import NodeKey, SeatKeys
from sub_venue.seats.own_hand import Rooms
from sub_venue.seats.shares import REFUSED_TRIES_MAX, Shares
from sub_venue.senses import Senses
from tests.protocol.session.drawing import PARTIES, DrawWorld
from tests.protocol.world import private_key

ROOT = Path(__file__).resolve().parents[2]
PARTY = "node-jiangsu"


class Copies:
    """This node's copy of one session."""

    def __init__(self, world: DrawWorld) -> None:
        self.world = world

    def listen(self, _listener: object) -> None:
        """The tests say themselves when it has grown."""

    def state(self, _session: str) -> State | None:
        return self.world.state


class Line:
    """Where acts go up."""

    def __init__(self) -> None:
        self.enclose: Callable[[Any], Any] = lambda act: act.disclosures

    def wake(self, _author: object) -> None:
        """Nothing goes up of itself."""


class House:
    """A node that may be started again on the same folder."""

    def __init__(self, folder: Path, world: DrawWorld) -> None:
        senses = Senses()
        self.line = Line()
        self.world = world
        self.disk = Disk(1_000_000)
        self.folder = folder
        self.journal = Journal(self.disk, folder / "journal.log")
        keys = SeatKeys(folder / "seats", senses)
        node_key = NodeKey(private_key(PARTY))
        copies: Any = Copies(world)
        line: Any = self.line
        self.shares = Shares(Rooms(PARTY, node_key, keys, self.disk, self.journal, copies, line, senses))

    async def kept(self, count: int) -> Kept:
        """The last act once so many are kept."""
        while True:
            self.shares.look(self.world.session)
            acts = self.journal.of_author(self.world.session, self.shares._by.node_key.text)
            if len(acts) >= count:
                return acts[-1]
            await asyncio.sleep(0.005)

    def command(self, kept: Kept) -> Command:
        return commands.parse(self.journal.body(kept).command.encode())

    def settle(self, kept: Kept, status: Any, seq: int = 0) -> None:
        self.journal.settle(kept, Answer(command_id=kept.command_id, status=status, seq=seq, at=1))

    async def close(self) -> None:
        await self.shares.stop()
        await self.disk.close()


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[[], House]]:
    case = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    world = DrawWorld(case)
    world.book()
    houses: list[House] = []

    def again() -> House:
        houses.append(House(tmp_path, world))
        return houses[-1]

    yield again
    for house in houses:
        await house.close()


async def test_a_node_commits_and_reveals_by_itself_across_a_restart(start: Callable[[], House]) -> None:
    house = start()
    world = house.world
    house.shares.look(world.session)
    assert house.journal.of_author(world.session, house.shares._by.node_key.text) == ()
    world.freeze()
    kept = await house.kept(1)
    content = house.command(kept).content
    assert isinstance(content, CommitDrawSeed)
    world.must(PARTY, content)
    house.settle(kept, "accepted", world.at.size - 1)
    for one in PARTIES:
        if one.party != PARTY:
            world.commit(one.party)
    await house.close()
    house = start()
    kept = await house.kept(2)
    content = house.command(kept).content
    assert content == RevealDrawSeed(world.draw_id, world.at.drawn.commitments[PARTY])
    (told,) = house.line.enclose(house.journal.body(kept))
    share = canonical.decode(told.value.encode(), Share, limits.DISCLOSURE_BYTES_MAX)
    written = (house.folder / "journal.log").read_bytes()
    assert share.random not in written
    assert told.value.encode() not in written
    assert isinstance(world.do(PARTY, content, SESSION_STAGE, (told,)), Entry)
    assert PARTY in world.at.drawn.revealed


async def test_what_is_refused_again_and_again_is_left_to_people(start: Callable[[], House]) -> None:
    house = start()
    house.world.freeze()
    for count in range(1, REFUSED_TRIES_MAX + 1):
        house.settle(await house.kept(count), "refused", -1)
    house.shares.look(house.world.session)
    await asyncio.sleep(0)
    acts = house.journal.of_author(house.world.session, house.shares._by.node_key.text)
    assert len(acts) == REFUSED_TRIES_MAX
    assert len({house.command(one).content.commitment for one in acts}) == REFUSED_TRIES_MAX  # type: ignore[attr-defined]
