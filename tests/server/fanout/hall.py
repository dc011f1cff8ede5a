"""A house with rooms and followers whose far ends need no sockets: what was written to each is noted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from protocol.wire import Feed
from server.fanout.followers import Followers
from server.fanout.rooms import Occupant, Rooms, Standing
from tests.processes.web_socket import EVENT, Direction, packet
from tests.protocol.world import key
from tests.server.acting import WAIT_S, House

FULL_BYTES = 1_000_000


class Far:
    """The far end of one socket: the frames that were written to it, and whether it takes any."""

    def __init__(self, heard: asyncio.Condition) -> None:
        self.frames: list[bytes] = []
        self.feeds: list[Feed] = []
        self.full = False
        self.answering = False
        self.ended = False
        self._heard = heard
        self._bytes = Direction()
        self._telling: set[asyncio.Task[None]] = set()

    def write(self, frame: bytes) -> bool:
        if self.full or self.answering or self.ended:
            return False
        self.frames.append(frame)
        (text,) = self._bytes.feed(frame)
        found = packet(text)
        assert found is not None
        assert (found.kind, found.number, found.said[0]) == (EVENT, -1, "entries")
        self.feeds.append(msgspec.convert(found.said[1], Feed))
        task = asyncio.ensure_future(self._tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return True

    def standing(self) -> Standing:
        return Standing(self.ended, self.answering, FULL_BYTES if self.full else 0)

    @property
    def end(self) -> int:
        """Behind the last entry that was pushed."""
        return self.feeds[-1].since + len(self.feeds[-1].entries) if self.feeds else -1

    async def _tell(self) -> None:
        async with self._heard:
            self._heard.notify_all()


class Hall:
    """A house with rooms and followers, and far ends that need no sockets."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.far: dict[str, Far] = {}
        self.cut: list[str] = []
        self.was_cut = asyncio.Event()
        self.rooms = Rooms(house.meters)
        self.followers = Followers(
            house.registry, self.rooms, house.bus, house.meters, house.senses, house.bounds
        )
        self._heard = asyncio.Condition()

    def enter(self, sid: str, node: str) -> Occupant:
        self.far[sid] = Far(self._heard)

        def cut() -> None:
            self.cut.append(sid)
            self.was_cut.set()

        occupant = Occupant(sid, node, key(f"node {node}"), cut, self.far[sid])
        self.rooms.enter(occupant)
        return occupant

    def leave(self, sid: str) -> None:
        self.followers.leave(sid)
        self.rooms.leave(sid)

    async def has(self, sid: str, size: int) -> list[Feed]:
        """Wait until a socket was given entries up to `size`."""
        async with asyncio.timeout(WAIT_S), self._heard:
            await self._heard.wait_for(lambda: self.far[sid].end >= size)
        return self.far[sid].feeds


@contextlib.asynccontextmanager
async def hall_of(folder: Path, **bounds: Any) -> AsyncIterator[Hall]:
    """A hall whose house keeps these bounds."""
    house = House(folder / "coordinator.db", **bounds)
    found = Hall(house)
    try:
        yield found
    finally:
        await found.followers.close()
        await house.close()


def whole(feeds: list[Feed]) -> list[str]:
    """The entries of feeds that follow each other without gap or double."""
    end = feeds[0].since
    for feed in feeds:
        assert feed.since == end
        end += len(feed.entries)
    return [one for feed in feeds for one in feed.entries]
