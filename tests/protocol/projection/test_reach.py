"""Several provinces, different views: who a person is stays in the own province, and in the project's."""

import re
from collections.abc import Iterator

import pytest

from protocol import canonical, entry
from protocol.hidden import Disclosed
from protocol.plan.case import Case
from protocol.projection import project, visibility
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.views import SeatCounts, View
from protocol.words import Role
from tests.protocol.world import World

PROVINCES = {"hefei": "anhui", "shanghai": "shanghai", "nanjing": "jiangsu", "hangzhou": "zhejiang"}
AWAY = ("shanghai", "nanjing", "hangzhou")
PERSON = re.compile(r"示例人员 ([A-Za-z0-9-]+)")


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(case)
    world.to_archived()
    return world


def states(world: World) -> Iterator[State]:
    state: State | None = None
    for raw in world.entries:
        state = apply(state, entry.decode(raw), raw)
        yield state


def held_at(state: State, everything: Disclosed, venue: str) -> Disclosed:
    """What the node of a venue is handed."""
    roles: frozenset[Role] = frozenset(seat.role for seat in state.seats.values() if seat.venue == venue)
    province = state.venues[venue].province if state.venues else ""
    return visibility.releasable(state, everything, roles, province)


def seated(state: State, *venues: str) -> set[str]:
    return {seat.seat for seat in state.seats.values() if seat.venue in venues}


def shown(world: World, state: State, venue: str) -> View:
    return project.view(state, world.disclosed, "supervisor", f"supervisor-{venue}")


@pytest.mark.parametrize("venue", AWAY)
def test_a_supervisor_is_not_sent_what_is_only_of_another_province(done: World, venue: str) -> None:
    """Neither in the view nor in anything that the province's node is handed, in any phase."""
    named: set[str] = set()
    own: set[str] = set()
    for state in states(done):
        view = canonical.encode(shown(done, state, venue)).decode()
        held = "".join(one.value for one in held_at(state, done.disclosed, venue).values())
        own = seated(state, venue)
        assert set(PERSON.findall(view)) <= own
        assert set(PERSON.findall(held)) <= own
        named |= set(PERSON.findall(view))
        committee = state.sources.get("committee")
        assert committee not in held_at(state, done.disclosed, venue)
    assert named == own, "and is shown everybody of the own province"


def test_the_projects_own_province_supervises_all_of_it(done: World) -> None:
    view = shown(done, done.at, "hefei")
    assert {one.seat for one in view.seats} == set(done.at.seats)
    assert {one.seat for one in view.seats if one.person} == set(done.at.seats)
    assert done.at.sources["committee"] in held_at(done.at, done.disclosed, "hefei")


@pytest.mark.parametrize("venue", AWAY)
def test_seats_of_other_provinces_are_counts_and_states(done: World, venue: str) -> None:
    for state in states(done):
        view = shown(done, state, venue)
        assert {one.seat for one in view.seats} == seated(state, venue)
        assert [one.venue for one in view.venues] == list(state.venues)
        for track in view.stages:
            opened = "SUMMARY" in state.tracks[f"{track.lot}/{track.envelope}"].path
            seats = {one.seat for one in track.sheets or ()}
            assert opened or seats <= seated(state, venue)
    last = shown(done, done.at, venue)
    hangzhou = next(one for one in last.venues if one.venue == "hangzhou")
    assert hangzhou.counts == (
        SeatCounts("expert", 1, 1, 1, 1, 1),
        SeatCounts("supervisor", 1, 0, 0, 0, 0),
        SeatCounts("witness", 1, 0, 0, 0, 0),
    )


def test_counts_tell_how_far_a_venue_is_and_leave_reserves_out(case: Case) -> None:
    world = World(case)
    world.to_scoring()
    world.seal("M3", "01", "1")
    view = shown(world, world.at, "hangzhou")
    by_venue = {one.venue: next(c for c in one.counts if c.role == "expert") for one in view.venues}
    assert by_venue["nanjing"] == SeatCounts("expert", 2, 2, 2, 1, 0)
    assert by_venue["shanghai"].seats == 1, "M6 is a reserve"


def test_all_see_the_same_scores_once_they_are_open(done: World) -> None:
    views = [shown(done, done.at, venue) for venue in PROVINCES]
    assert all(view.stages == views[0].stages for view in views)
    assert len(views[0].stages[0].sheets or ()) == 5


def test_somebody_who_stands_nowhere_reaches_nobody(done: World) -> None:
    assert not visibility.reaches(done.at, "", "")
    assert not visibility.allowed(done.at, "person", "supervisor", of="anhui")
    assert project.view(done.at, done.disclosed, "supervisor", "nobody").seats == ()
    given = visibility.releasable(done.at, done.disclosed, frozenset({"supervisor", "witness"}), "")
    assert not any(one.field == "person" for one in given.values())
