"""What comes out never hangs on who of the members or bidders comes first."""

import random

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol.plan.case import Case
from protocol.session.outcome import outcome
from tests.protocol import reviewing as re
from tests.protocol.acting import Acting


class Shuffled(Acting):
    """A session whose members do everything in an order of their own."""

    order: tuple[str, ...] = ()

    def members(self) -> list[str]:
        return sorted(super().members(), key=self.order.index)


def _held(case: Case, members: list[str]) -> Shuffled:
    """The whole way, with a question and a rejection by three to two, always by the same seats."""
    world = Shuffled(case)
    world.order = tuple(members)
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    re.begin(world)
    re.ask(world, "M2", "b4")
    re.answer(world, "agent", 1)
    re.close(world, "M2", 1, "answered")
    re.propose(world, "M1", "b5", "51-6")
    for seat in members:
        re.vote(world, seat, "b5", "51-6", "yes" if seat in ("M1", "M3", "M5") else "no")
    re.pass_all(world)
    re.conclude(world)
    world.to_ranked_from_scoring()
    world.to_submitted()
    return world


@pytest.mark.parametrize("seed", range(4))
def test_the_outcome_is_the_same_whatever_order_the_members_act_in(case: Case, seed: int) -> None:
    members = [f"M{number}" for number in range(1, 6)]
    first = _held(case, members)
    random.Random(seed).shuffle(members)
    other = _held(case, members)
    assert outcome(other.at, other.disclosed) == outcome(first.at, first.disclosed)


@pytest.mark.parametrize("seed", range(4))
def test_points_and_ranks_are_the_same_whatever_order_the_bids_were_opened_in(case: Case, seed: int) -> None:
    members = [f"M{number}" for number in range(1, 6)]
    bids = list(case.bids)
    random.Random(seed).shuffle(bids)
    first, other = _held(case, members), _held(replace(case, bids=tuple(bids)), members)
    assert (
        other.disclosed[other.at.tracks["01/1"].tally].value
        == first.disclosed[first.at.tracks["01/1"].tally].value
    )
