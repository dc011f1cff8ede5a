"""The pulse: a node knows the coordinator's clock, and which other venues are connected."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from protocol import wire
from protocol.link.clock import Clock
from protocol.views import View
from protocol.words import Role
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.seats.screens import Seated
from sub_venue.uplink.presence import UNKNOWN, Presence, Standing
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, open_page

QUICK = Bounds(pulse_ms=20, line_pause_ms=20, line_pause_ms_max=100, line_heartbeat_ms=500)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    exchange.world = fork(at_check_in)
    exchange.also_online = frozenset({"hefei", "hangzhou"})
    async with opens("shanghai", exchange.port, QUICK) as found:
        async with asyncio.timeout(WAIT_S):
            await found.copies.reached("s-1", len(exchange.world.entries))
        yield found


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


def view(node: Node, role: Role, seat: str) -> View:
    news = node._screens.news(Seated("s-1", seat, role, "key"), 0)
    assert not hasattr(news, "code"), news
    return news.view


def lines(node: Node) -> dict[str, str]:
    return {one.venue: one.line for one in view(node, "supervisor", "supervisor-shanghai").venues}


async def test_a_supervisor_is_told_which_venue_is_silent_and_since_when(
    node: Node, exchange: Exchange
) -> None:
    await until(lambda: node.uplink.presence is not UNKNOWN and bool(node.uplink.presence.nodes))
    assert lines(node) == {"hefei": "up", "shanghai": "up", "nanjing": "down", "hangzhou": "up"}
    exchange.also_online = frozenset({"hefei"})
    before = node.senses.now_ms()
    await until(lambda: lines(node)["hangzhou"] == "down")
    silent = [
        one for one in view(node, "supervisor", "supervisor-shanghai").alerts if one.kind == "LineSilent"
    ]
    assert [one.venues for one in silent] == [("nanjing",), ("hangzhou",)]
    assert silent[1].since >= before
    assert view(node, "expert", "M2").alerts == ()


async def test_a_node_that_is_cut_off_says_of_nobody_that_they_are_silent(
    node: Node, exchange: Exchange
) -> None:
    await until(lambda: lines(node)["nanjing"] == "down")
    await exchange.stop()
    await until(lambda: not node.uplink.online)
    assert set(lines(node).values()) == {"unknown"}
    assert view(node, "supervisor", "supervisor-shanghai").alerts == ()


async def test_the_clock_is_measured_and_told_with_how_sure_it_is(node: Node, exchange: Exchange) -> None:
    await until(lambda: node.uplink.clock.best is not None)
    best = node.uplink.clock.best
    assert best is not None
    true = exchange.world.now - node.senses.now_ms()
    assert abs(best.offset_ms - true) <= best.within_ms + WAIT_S * 1_000


def test_what_has_not_changed_is_the_same_value() -> None:
    first = UNKNOWN.told(("a", "b"), ("a",), 5)
    assert first == Presence({"a": Standing(True, 5), "b": Standing(False, 5)})
    assert first.told(("a", "b"), ("a",), 9) is first
    second = first.told(("a", "b"), ("a", "b"), 9)
    assert second.nodes == {"a": Standing(True, 5), "b": Standing(True, 9)}
    assert second.told(("b",), ("b",), 11).nodes == {"b": Standing(True, 9)}


async def test_a_copy_that_stops_is_an_alarm_for_those_who_watch(node: Node) -> None:
    await node.copies.stop("s-1", "TwoHistories", 3, node.senses.now_ms())
    alarms = view(node, "supervisor", "supervisor-shanghai").alerts
    (one,) = [one for one in alarms if one.kind == "CopyStopped"]
    assert (one.group, one.severity, one.detail) == ("flow", "alarm", {"code": "TwoHistories", "entry": "3"})
    assert view(node, "expert", "M2").alerts == ()


async def test_a_page_is_told_how_every_line_is(node: Node, exchange: Exchange) -> None:
    exchange.lines = {"hefei": wire.LineMeasured(21, 4, 5)}
    await until(lambda: node.uplink.lines == exchange.lines)
    async with open_page(node.door.port, "shanghai.localhost") as page:
        assert await page.refused(wire.LINES, None) == "NotSignedIn"
        await page.prove("s-1", "M2")
        told = await page.ask(wire.LINES, None, wire.VenueLines)
    found = {one.venue: one for one in told.venues}
    assert {venue: one.line for venue, one in found.items()} == lines(node)
    assert found["hefei"].measured == wire.LineMeasured(21, 4, 5)
    assert found["nanjing"].measured == wire.LineMeasured()
    assert found["shanghai"].measured.round_trip_ms >= 0
    told_by = exchange.told_lines[-1]
    assert (told_by.lost_percent, told_by.round_trip_ms >= 0) == (0, True)


def test_pulses_that_were_not_answered_are_counted_over_the_last_ones() -> None:
    clock = Clock()
    assert (clock.round_trip_ms, clock.jitter_ms, clock.lost_percent) == (-1, -1, 0)
    clock.read(0, 10, 0)
    for _ in range(3):
        clock.lost()
    assert (clock.round_trip_ms, clock.jitter_ms, clock.lost_percent) == (10, 0, 75)
    for took in (40, 10, 40) * 10:
        clock.read(0, took, 0)
    assert (clock.round_trip_ms, clock.jitter_ms, clock.lost_percent) == (40, 21, 0)
