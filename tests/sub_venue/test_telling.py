"""Pages are told together, each its own; who does not read holds up nobody and is told the newest."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest

from protocol import wire
from protocol.link import frame
from protocol.wire import News
from sub_venue.config import Bounds
from sub_venue.seats import engine, screens
from sub_venue.seats.desk import Desk
from sub_venue.seats.engine import GuardedSocket, Standing
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Framed, Screens, Seated
from sub_venue.seats.telling import Telling
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, open_page

BOUNDS = Bounds(laggard_look_ms=1, socket_stall_ms=0)


class Far:
    """The far end of a page's socket: what was written to it, and how it stands."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.stands = Standing()
        self.heard = asyncio.Condition()

    def standing(self) -> Standing:
        return self.stands

    def write(self, frame: bytes) -> None:
        assert self.stands == Standing()
        self.frames.append(frame)


class House:
    """Telling of a session that holds nothing but its size; a frame is its first line and its last."""

    def __init__(self, bounds: Bounds) -> None:
        self.size = 1
        self.far: dict[str, Far] = {}
        self.pages: dict[str, Page] = {}
        self.cut: list[str] = []
        self.now = 0
        self.telling = Telling(cast("Desk", self), cast("Screens", self), bounds, self.clock, lambda _: None)

    def clock(self) -> int:
        """Time passes with every look at it."""
        self.now += 1
        return self.now

    def standing(self, page: Page) -> Seated | None:
        return page.seated

    def framed(self, _seated: Seated, since: int) -> Framed:
        return Framed(f"{since}-{self.size}".encode(), self.size, self.size)

    def follow(self, sid: str) -> Far:
        page = Page(sid, lambda: self.cut.append(sid), lambda: self.telling.stir(sid))
        page.seated = Seated("s-1", sid, "expert", f"key-{sid}")
        page.follows, page.cursor = True, self.size
        self.pages[sid], self.far[sid] = page, Far()
        self.telling.enter(page, self.far[sid])
        return self.far[sid]

    def grow(self) -> None:
        self.size += 1
        self.telling.grown("s-1")

    async def until(self, reached: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            for _ in iter(reached, True):
                await asyncio.sleep(0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    found = House(BOUNDS)
    yield found
    await found.telling.stop()


async def test_a_page_that_does_not_read_is_told_the_newest_once_it_does() -> None:
    house = House(Bounds(laggard_look_ms=1))
    slow, quick = house.follow("slow"), house.follow("quick")
    slow.stands = Standing(unsent_bytes=1_000_000)
    for size in (2, 3, 4):
        house.grow()
        await house.until(lambda size=size: quick.frames[-1:] == [f"{size - 1}-{size}".encode()])
    assert slow.frames == []
    slow.stands = Standing()
    await house.until(lambda: bool(slow.frames))
    assert slow.frames == [b"1-4"]
    assert house.cut == []
    await house.telling.stop()


async def test_a_page_that_reads_no_more_loses_its_socket_and_its_neighbours_are_told(house: House) -> None:
    slow, quick = house.follow("slow"), house.follow("quick")
    slow.stands = Standing(unsent_bytes=1_000_000)
    house.grow()
    await house.until(lambda: house.cut == ["slow"])
    house.grow()
    await house.until(lambda: quick.frames[-1:] == [b"2-3"])
    assert slow.frames == []
    assert house.cut == ["slow"]


async def test_news_wait_for_the_answer_to_who_asks_to_follow(house: House) -> None:
    asking, other = house.follow("asking"), house.follow("other")
    asking.stands = Standing(answering=True)
    house.grow()
    await house.until(lambda: other.frames == [b"1-2"])
    assert asking.frames == []
    asking.stands = Standing()
    house.telling.free("asking")
    await house.until(lambda: asking.frames == [b"1-2"])
    house.telling.free("asking")
    house.grow()
    await house.until(lambda: asking.frames[1:] == [b"2-3"])


async def test_nobody_else_goes_short_when_one_page_cannot_be_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = house.follow("bad"), house.follow("good")

    def tripped(_frame: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(bad, "write", tripped)
    house.grow()
    await house.until(lambda: good.frames == [b"1-2"])


async def test_pages_of_a_seat_get_the_same_frame_and_seats_of_a_role_the_same_lines(
    opens: Opens, exchange: Exchange, at_check_in: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[GuardedSocket, list[bytes]] = {}
    framed: list[bytes] = []

    def write(one: GuardedSocket, raw: bytes) -> None:
        written.setdefault(one, []).append(raw)
        engine_write(one, raw)

    def counted(namespace: str, event: str, payload: bytes) -> bytes:
        framed.append(payload)
        return frame.event_frame(namespace, event, payload)

    engine_write = GuardedSocket.write
    monkeypatch.setattr(GuardedSocket, "write", write)
    monkeypatch.setattr(screens, "event_frame", counted)
    async with opens("shanghai", exchange.port, Bounds(line_pause_ms=20)) as node:
        world = exchange.world = fork(at_check_in)
        await line_up(node)
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            await node.copies.reached("s-1", len(world.entries))
        pages = [open_page(node.door.port, "shanghai.localhost") for _ in range(4)]
        async with pages[0] as one, pages[1] as two, pages[2] as three, pages[3] as witness:
            for page in (one, two, three):
                await page.prove("s-1", "M2")
                await page.follow("s-1")
            world.bind("witness-shanghai")
            exchange.grown()
            size = len(world.entries)
            for page in (one, two, three):
                await page.until(wire.NEWS, lambda told: told.view.as_of.size == size, News)
            assert len(framed) == 1
            assert {id(raws[-1]) for raws in written.values()} == {id(next(iter(written.values()))[-1])}
            await witness.prove("s-1", "witness-shanghai")
            before = await witness.follow("s-1")
            assert before.view.role == "witness"
            world.bind("M4")
            exchange.grown()
            size = len(world.entries)
            told = [
                await page.until(wire.NEWS, lambda told: told.view.as_of.size == size, News)
                for page in (one, two, three, witness)
            ]
            assert len(framed) == 3
            assert told[0] == told[1] == told[2]
            assert (told[0].view.seat, told[3].view.seat) == ("M2", "witness-shanghai")
            assert [line.leaf for line in told[0].lines] == [line.leaf for line in told[3].lines]


async def test_a_frame_of_news_holds_what_the_answer_to_follow_holds(
    opens: Opens, exchange: Exchange, at_check_in: World
) -> None:
    async with opens("shanghai", exchange.port, Bounds(line_pause_ms=20)) as node:
        world = exchange.world = fork(at_check_in)
        await line_up(node)
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            await node.copies.reached("s-1", len(world.entries))
        seated = Seated("s-1", "M2", "expert", "key")
        found = node._screens.framed(seated, 3)
        assert isinstance(found, Framed)
        text = found.frame[found.frame.index(b"42/desk,") :]
        told = msgspec.json.decode(text.removeprefix(b"42/desk,"), type=tuple[str, News])
        assert told == (wire.NEWS, node._screens.news(seated, 3))
        assert (found.cursor, found.size) == (len(world.entries), len(world.entries))


def test_the_libraries_are_as_they_must_be() -> None:
    engine.check()
