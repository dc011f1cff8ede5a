"""Recordings told to the record: in order, once, after whatever was killed, and no other venue's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical, commands
from protocol.commands_live import RecordSegment
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.session.state import State
from protocol.wire import Answer
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal
from sub_venue.keys import NodeKey, SeatKeys
from sub_venue.seats.own_hand import Rooms
from sub_venue.seats.recordings import LIST, REFUSED_TRIES_MAX, Line, Recordings
from sub_venue.senses import Senses
from tests.protocol.world import START_MS, World, private_key


class Copies:
    """This node's copy of one session."""

    def __init__(self, world: World) -> None:
        self.world = world

    def listen(self, _listener: object) -> None:
        """The tests say themselves when it has grown."""

    def state(self, _session: str) -> State | None:
        return self.world.state


class Up:
    """Where acts go up: nothing goes of itself."""

    def wake(self, _author: object) -> None:
        """Nobody is there."""


class House:
    """A venue's node that may be started again on the same folder."""

    def __init__(self, folder: Path, world: World, venue: str) -> None:
        senses = Senses()
        self.world = world
        self.author = f"node {venue}"
        self.disk = Disk(1_000_000)
        self.journal = Journal(self.disk, folder / "journal.log")
        copies: Any = Copies(world)
        up: Any = Up()
        node_key = NodeKey(private_key(self.author))
        self.key = node_key.text
        keys = SeatKeys(folder / "seats", senses)
        rooms = Rooms(venue, node_key, keys, self.disk, self.journal, copies, up, senses)
        self.recordings = Recordings(rooms, folder / "recordings", 10)

    async def tell(self) -> list[RecordSegment]:
        """Look until nothing is under way; what lies in the journal."""
        self.recordings.look(self.world.session)
        while self.recordings._at_work:
            await asyncio.gather(*self.recordings._at_work.values())
            await asyncio.sleep(0)
        return [self.content(kept) for kept in self.journal.of_author(self.world.session, self.key)]

    def content(self, kept: Any) -> RecordSegment:
        content = commands.parse(self.journal.body(kept).command.encode()).content
        assert isinstance(content, RecordSegment)
        return content

    def answer(self, *, refused: bool = False) -> None:
        """The coordinator answers the last act: it takes it, or refuses it."""
        kept = self.journal.of_author(self.world.session, self.key)[-1]
        if refused:
            answer = Answer(command_id=kept.command_id, status="refused", at=1)
        else:
            taken = self.world.do(self.author, self.content(kept))
            assert isinstance(taken, Entry)
            answer = Answer(command_id=kept.command_id, status="accepted", seq=taken.seq, at=1)
        self.journal.settle(kept, answer)

    async def close(self) -> None:
        await self.recordings.stop()
        await self.disk.close()


def segment(source: str, number: int) -> RecordSegment:
    return RecordSegment(
        source=source, number=number, began_at=START_MS + number * 60_000, duration_ms=60_000, octets=9,
        digest=bytes([number]) * 32, codecs=("opus", "VP8"), frames=900, missing_ms=0, cause="", gaps=(),
    )  # fmt: skip


def put(folder: Path, session: str, one: RecordSegment, torn: int = 0) -> None:
    """The worker's line; `torn` octets of the next one follow it."""
    path = folder / "recordings" / session / one.source / LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    line = canonical.encode(Line(one, f"{one.number:06}.mkv")) + b"\n"
    with path.open("ab") as file:
        file.write(line + line[:torn])


@pytest.fixture
def world(case: Case) -> World:
    world = World(case, rules="4")
    world.book()
    world.import_committee()
    return world


@pytest.fixture
def venue(world: World) -> str:
    return next(iter(world.at.venues))


@pytest.fixture
async def house(tmp_path: Path, world: World, venue: str) -> AsyncIterator[House]:
    house = House(tmp_path, world, venue)
    yield house
    await house.close()


async def test_each_segment_is_told_once_in_order_and_after_the_one_before_was_taken(
    tmp_path: Path, world: World, venue: str, house: House
) -> None:
    source = f"{venue}.camera.expert-1"
    first, second = segment(source, 1), segment(source, 2)
    put(tmp_path, world.session, first, torn=30)
    assert await house.tell() == [first]
    assert await house.tell() == [first]
    house.answer()
    assert await house.tell() == [first]
    path = tmp_path / "recordings" / world.session / source / LIST
    path.write_bytes(path.read_bytes()[:-30])
    put(tmp_path, world.session, second)
    assert await house.tell() == [first, second]
    house.answer()
    assert world.at.live.recorded[source].segments == 2
    assert await house.tell() == [first, second]


async def test_a_node_that_was_killed_goes_on_where_its_journal_and_the_record_are(
    tmp_path: Path, world: World, venue: str, house: House
) -> None:
    source = f"{venue}.room"
    for number in (1, 2, 3):
        put(tmp_path, world.session, segment(source, number))
    assert len(await house.tell()) == 1
    await house.close()
    again = House(tmp_path, world, venue)
    assert [one.number for one in await again.tell()] == [1]
    again.answer()
    assert [one.number for one in await again.tell()] == [1, 2]
    again.answer()
    await again.close()
    third = House(tmp_path, world, venue)
    assert [one.number for one in await third.tell()] == [1, 2, 3]
    await third.close()


async def test_nothing_of_another_place_is_told_and_a_refused_segment_not_for_ever(
    tmp_path: Path, world: World, venue: str, house: House
) -> None:
    put(tmp_path, world.session, segment("elsewhere.room", 1))
    put(tmp_path, "another-session", segment(f"{venue}.room", 1))
    assert await house.tell() == []
    put(tmp_path, world.session, segment(f"{venue}.room", 1))
    for tries in range(1, REFUSED_TRIES_MAX + 1):
        assert len(await house.tell()) == tries
        house.answer(refused=True)
    assert len(await house.tell()) == REFUSED_TRIES_MAX


async def test_sessions_of_earlier_rules_are_told_nothing(tmp_path: Path, case: Case, venue: str) -> None:
    world = World(case)
    world.book()
    world.import_committee()
    house = House(tmp_path, world, venue)
    put(tmp_path, world.session, segment(f"{venue}.room", 1))
    assert await house.tell() == []
    await house.close()
