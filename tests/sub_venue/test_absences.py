"""Seats that were left: told to their own place's supervisors, in the midst of the work alone, until somebody is back."""

import pytest
from msgspec import Struct

from protocol.session.state import State
from sub_venue.config import Bounds
from sub_venue.seats.absences import Absences
from tests.protocol.world import World

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
            "hangzhou", BOUNDS, self, self, lambda: tuple(self.open), self.told.append  # type: ignore[arg-type]
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
