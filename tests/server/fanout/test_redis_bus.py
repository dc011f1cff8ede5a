"""The bus between coordinators on a real Redis, which may be killed and flushed as one likes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis as Client

from ops.redis import Redis
from server.config import Bounds
from server.fanout.redis_bus import RedisBus, channel_of
from server.senses import Senses
from server.telemetry import Meters
from tests.protocol.world import key
from tests.server.acting import until

CHANNEL = channel_of(key("installation"))
BOUNDS = Bounds(presence_beat_ms=20, presence_ms=400, bus_pause_ms_max=100, hints_waiting_max=3)


class Heard:
    """A bus and what is heard of it."""

    def __init__(self, redis: Redis, holder: str, channel: str = CHANNEL) -> None:
        self.bus = RedisBus(redis.url, channel, holder, Senses(), BOUNDS, Meters())
        self.present: frozenset[str] = frozenset()
        self.hints: list[tuple[str, int]] = []
        self.bus.listen(lambda session, size: self.hints.append((session, size)))

    async def is_here(self) -> bool:
        return self.bus.stands == "here"

    async def is_away(self) -> bool:
        return self.bus.stands == "away"

    async def hears(self, *hints: tuple[str, int]) -> None:
        async def all_heard() -> bool:
            return set(hints) <= set(self.hints)

        await until(all_heard)


@contextlib.asynccontextmanager
async def connected(*some: Heard) -> AsyncIterator[None]:
    for one in some:
        one.bus.start(lambda one=one: one.present)  # type: ignore[misc]
    try:
        for one in some:
            await until(one.is_here)
        yield
    finally:
        for one in some:
            await one.bus.stop()


async def test_a_hint_is_heard_here_at_once_and_by_the_others_through_redis(own_redis: Redis) -> None:
    a, b = Heard(own_redis, "a/1"), Heard(own_redis, "b/1")
    async with connected(a, b):
        a.bus.hint("s-1", 7)
        assert a.hints == [("s-1", 7)]
        await b.hears(("s-1", 7))
        b.bus.echo("s-1", 7)
        b.bus.hint("s-2", 1)
        await a.hears(("s-2", 1))
    assert a.hints == [("s-1", 7), ("s-2", 1)]


async def test_installations_that_share_a_redis_do_not_hear_each_other(own_redis: Redis) -> None:
    a, b = Heard(own_redis, "a/1"), Heard(own_redis, "b/1")
    other = Heard(own_redis, "c/1", channel_of(key("another installation")))
    async with connected(a, b, other):
        other.bus.hint("s-1", 9)
        a.bus.hint("s-1", 7)
        await b.hears(("s-1", 7))
    assert b.hints == [("s-1", 7)]


async def test_which_nodes_are_connected_elsewhere_is_known(own_redis: Redis) -> None:
    a, b, c = (Heard(own_redis, f"{name}/1") for name in "abc")
    a.present = frozenset(("hefei", "nanjing"))
    b.present = frozenset(("nanjing", "shanghai"))

    async def knows() -> bool:
        return c.bus.elsewhere() == {"hefei", "nanjing", "shanghai"} and a.bus.elsewhere() == {
            "nanjing",
            "shanghai",
        }

    async def forgets() -> bool:
        return c.bus.elsewhere() == {"hefei", "nanjing"}

    async with connected(a, b, c):
        await until(knows)
        await b.bus.stop()
        await until(forgets)


async def test_while_redis_is_dead_nothing_waits_and_what_is_known_stays_known(own_redis: Redis) -> None:
    a, b = Heard(own_redis, "a/1"), Heard(own_redis, "b/1")
    b.present = frozenset(("hefei",))

    async def knows() -> bool:
        return a.bus.elsewhere() == {"hefei"}

    async with connected(a, b):
        await until(knows)
        own_redis.kill()
        for one in (a, b):
            await until(one.is_away)
        for size in range(1, 4):
            a.bus.hint("s-1", size)
        for number in range(2, 6):
            a.bus.hint(f"s-{number}", 1)
        assert a.hints[:3] == [("s-1", 1), ("s-1", 2), ("s-1", 3)]
        assert len(a.hints) == 7
        assert a.bus.elsewhere() == {"hefei"}
        own_redis.start()
        for one in (a, b):
            await until(one.is_here)
        assert a.bus.elsewhere() == {"hefei"}
        # Of what was said meanwhile the newest of so many sessions; the poll of sizes finds the rest.
        a.bus.hint("s-9", 9)
        await b.hears(("s-9", 9))
        assert set(b.hints) <= {("s-4", 1), ("s-5", 1), ("s-3", 1), ("s-9", 9)}


async def test_a_flush_changes_nothing(own_redis: Redis) -> None:
    a, b = Heard(own_redis, "a/1"), Heard(own_redis, "b/1")
    async with connected(a, b):
        await asyncio.to_thread(own_redis.flush)
        a.bus.hint("s-1", 7)
        await b.hears(("s-1", 7))
        assert b.bus.stands == "here"


@pytest.mark.parametrize(
    "junk",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"kind":"grown"}', b'{"by":"x","kind":"grown","session":"","size":-1}'],
)
async def test_what_is_no_hint_is_passed_over(own_redis: Redis, junk: bytes) -> None:
    a, b = Heard(own_redis, "a/1"), Heard(own_redis, "b/1")
    client = Client.from_url(own_redis.url)
    async with connected(a, b), client:
        await client.publish(CHANNEL, junk)
        a.bus.hint("s-1", 7)
        await b.hears(("s-1", 7))
    assert b.hints == [("s-1", 7)]
