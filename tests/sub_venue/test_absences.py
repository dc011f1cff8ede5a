"""Seats that were left: told to supervisors of their own place, amid the work, until somebody is back."""

import asyncio

import pytest
from msgspec import Struct

from protocol.session.state import State
from protocol.views import AlertView
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.seats.absences import Absences
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, open_page
from tests.sub_venue.test_pulse import view
from tests.sub_venue.test_uplink import copied

BOUNDS = Bounds(seat_left_ms=60_000)


class Window(Struct, frozen=True):
    """A page that is open."""

    session: str
    seat: str


class Place:
    """杭州's node: a clock that the test sets, pages that it opens and closes, and the session's copy."""

    def __init__(self, state: State) -> None:
        self.ms = 1_000_000
        self.open = [Window("s-1", "M5"), Window("s-1", "M3")]
        self.states = {state.session: state}
        self.told: list[str] = []
        self.absences = Absences(
            "hangzhou",
            BOUNDS,
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            lambda: tuple(self.open),
            self.told.append,
        )

    def alive(self) -> tuple[State, ...]:
        return tuple(self.states.values())

    def running_ms(self) -> int:
        return self.ms

    def now_ms(self) -> int:
        return self.ms + 500

    def after(self, ms: int) -> list[str]:
        """Who is absent once some time went by."""
        self.ms += ms
        self.absences.look()
        return [one.seat for one in self.absences.of("s-1")]


@pytest.fixture
def scoring(world: World) -> World:
    world.to_scoring()
    return world


def test_a_member_who_left_is_told_since_they_were_last_there_until_they_are_back(scoring: World) -> None:
    place = Place(scoring.at)
    assert place.after(0) == []
    left_at = place.now_ms()
    place.open = []
    assert place.after(59_000) == []
    assert place.told == []
    assert place.after(1_000) == ["M5"]
    (one, *_) = place.absences.of("s-1")
    assert (one.since, one.venue) == (left_at, "hangzhou")
    assert place.told == ["s-1"]
    same = place.absences.of("s-1")
    place.after(30_000)
    assert place.absences.of("s-1") is same, "told once, not at every look"
    assert place.told == ["s-1"]
    place.open = [Window("s-1", "M5")]
    assert place.after(5_000) == []
    assert place.told == ["s-1", "s-1"]


def test_nobody_is_missed_who_never_came_here_sits_elsewhere_or_has_done_their_part(scoring: World) -> None:
    place = Place(scoring.at)
    place.open = []
    assert place.after(0) == []
    assert place.after(600_000) == [], "no page since the node began: not known, not absent"
    place.open = [Window("s-1", "M3")]
    place.after(0)
    place.open = []
    assert place.after(600_000) == [], "another venue's seat is for that venue"


def test_before_check_in_and_once_a_session_has_ended_nobody_is_missed(world: World) -> None:
    world.to_check_in()
    world.bind("M5")
    place = Place(world.at)
    place.after(0)
    place.open = []
    assert place.after(600_000) == [], "not checked in yet"
    place.states = {}
    assert place.after(600_000) == []


def left(node: Node, role: str = "supervisor") -> list[AlertView]:
    found = view(node, role, "supervisor-shanghai").alerts  # type: ignore[arg-type]
    return [one for one in found if one.kind == "SeatLeft"]


async def test_a_page_that_closes_is_an_alert_at_its_own_node_until_another_is_open(
    opens: Opens, exchange: Exchange, scoring: World
) -> None:
    exchange.world = fork(scoring)
    async with opens("shanghai", exchange.port, Bounds(seat_left_ms=1, absences_look_ms=10)) as node:
        await copied(node, exchange.world)
        async with open_page(node.door.port, "shanghai.localhost") as page:
            await page.prove("s-1", "M2")
            async with asyncio.timeout(WAIT_S):
                while ("s-1", "M2") not in node._absences._here:  # noqa: ASYNC110 - the look has no event of its own
                    await asyncio.sleep(0.01)
            assert left(node) == []
        async with asyncio.timeout(WAIT_S):
            while not left(node):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        assert [(one.seats, one.venues, one.seq) for one in left(node)] == [(("M2",), ("shanghai",), -1)]
        assert left(node, "expert") == []
        async with open_page(node.door.port, "shanghai.localhost") as page:
            await page.prove("s-1", "M2")
            async with asyncio.timeout(WAIT_S):
                while left(node):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)
