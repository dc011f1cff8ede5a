"""Documents by shelf, role and phase: the table once more, by hand (SPEC 14.2), along a whole session."""

from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from protocol import entry
from protocol.plan.case import Case
from protocol.projection import visibility
from protocol.reading import Shelf
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.words import PERSON_ROLES, Role
from tests.protocol.world import World

EXPECTED: dict[Shelf, dict[Role, str]] = {
    "tender": {"agent": "BOOKED", "tenderee": "DRAWN", "supervisor": "DRAWN", "expert": "CHECKIN"},
    "blind": {"expert": "PRELIM", "agent": "SUMMARY", "tenderee": "SUMMARY", "supervisor": "SUMMARY"},
    "evidence": {"expert": "PRELIM", "agent": "SUMMARY", "tenderee": "SUMMARY", "supervisor": "SUMMARY"},
    "bid": {"agent": "OPENED", "tenderee": "OPENED", "supervisor": "OPENED", "expert": "SUMMARY"},
}


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(case)
    world.to_archived()
    return world


def _states(world: World) -> Iterator[State]:
    state: State | None = None
    for raw in world.entries:
        state = apply(state, entry.decode(raw), raw)
        yield state


def test_every_shelf_has_its_row() -> None:
    assert set(visibility.SHELVES) == set(get_args(Shelf)) == set(EXPECTED)


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_a_shelf_opens_to_a_role_in_its_phase_and_stays_open(done: World, role: Role) -> None:
    opened = set()
    for state in _states(done):
        track = state.tracks.get("01/1")
        for shelf, roles in EXPECTED.items():
            phase = roles.get(role)
            wanted = phase is not None and phase in (*state.path, *(() if track is None else track.path))
            assert visibility.readable(state, shelf, role, track) == wanted, (shelf, state.phase)
            if wanted:
                opened.add(shelf)
    assert opened == {shelf for shelf, roles in EXPECTED.items() if role in roles}


def test_no_expert_reads_what_names_a_bidder_while_names_are_hidden_from_experts(done: World) -> None:
    for state in _states(done):
        track = state.tracks.get("01/1")
        names = visibility.allowed(state, "bidder_name", "expert", track)
        assert visibility.readable(state, "bid", "expert", track) == names


def test_where_names_stay_hidden_nobody_reads_the_shelf_of_bids(case: Case) -> None:
    plain = msgspec.to_builtins(case)
    plain["plan"]["hide_names"] = True
    world = World(msgspec.convert(plain, Case))
    world.to_ranked()
    for state in _states(world):
        for role in PERSON_ROLES:
            assert not visibility.readable(state, "bid", role, state.tracks.get("01/1"))
            assert visibility.opens(state, "bid", role) is None
