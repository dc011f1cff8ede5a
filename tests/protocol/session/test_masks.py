"""Masked faces in the record: a witness's word on a member of its own venue, and the plan's without it."""

import pytest

from protocol.commands_live import SetFaceMask
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.session.live import faces
from protocol.session.outcome import outcome
from tests.protocol.world import World


@pytest.fixture
def world(case: Case) -> World:
    world = World(case, rules="4")
    world.book()
    world.import_committee()
    for seat in [one.seat for one in world.at.seats.values() if one.role == "witness"]:
        world.bind(seat)
    return world


def say(world: World, author: str, seat: str, *, masked: bool) -> str:
    """What becomes of a witness's act: `set`, or the refusal's code."""
    result = world.do(author, SetFaceMask(seat, masked=masked, reason="identity"))
    return "set" if isinstance(result, Entry) else result.code


def beside(world: World, seat: str) -> str:
    """The witness of a seat's venue."""
    return f"witness-{world.at.seats[seat].venue}"


def test_a_witness_takes_the_mask_off_and_puts_it_on_again_and_no_outcome_hangs_on_it(world: World) -> None:
    before = outcome(world.at, world.disclosed)
    seat, *others = world.members()
    assert set(faces.masked(world.at, by_plan=True)) >= {seat, *others}
    assert say(world, beside(world, seat), seat, masked=False) == "set"
    assert seat not in faces.masked(world.at, by_plan=True)
    assert set(others) <= set(faces.masked(world.at, by_plan=True))
    assert say(world, beside(world, seat), seat, masked=True) == "set"
    assert faces.masked(world.at, by_plan=False) == (seat,)
    assert outcome(world.at, world.disclosed) == before


def test_nobody_is_masked_where_the_plan_does_not_ask_for_it(world: World) -> None:
    assert faces.masked(world.at, by_plan=False) == ()


def test_what_is_so_already_another_venues_member_and_whoever_is_no_expert_are_refused(world: World) -> None:
    seat = world.members()[0]
    own = beside(world, seat)
    elsewhere = next(one for one in world.members() if beside(world, one) != own)
    assert say(world, own, seat, masked=False) == "set"
    assert say(world, own, seat, masked=False) == "AlreadyDone"
    assert say(world, own, elsewhere, masked=False) == "WrongVenue"
    assert say(world, own, own, masked=False) == "UnknownSeat"
    assert say(world, own, "M99", masked=False) == "UnknownSeat"
    assert say(world, "supervisor-hefei", seat, masked=True) == "UnknownAuthor"
