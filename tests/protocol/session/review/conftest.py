"""Sessions of rules version 3 as far as the review, under either regime."""

import msgspec
import pytest

from protocol import commands as cmd
from protocol.plan.case import Case
from tests.protocol import reviewing
from tests.protocol.world import World


def to_committee(case: Case) -> World:
    """Opened, checked in, roster locked."""
    world = World(case, rules="3")
    world.to_check_in()
    for seat in world.members():
        world.bind(seat)
        world.must(seat, world.check_in_content())
    world.must("agent", cmd.LockRoster())
    if not world.at.seats["tenderee"].key:
        world.bind("tenderee")
    return world


@pytest.fixture
def opened(case: Case) -> World:
    """A tender whose committee is ready and whose review has not begun."""
    return to_committee(case)


@pytest.fixture
def world(opened: World) -> World:
    """A tender in its preliminary review."""
    reviewing.begin(opened)
    return opened


@pytest.fixture
def purchase(case: Case) -> World:
    """A government purchase whose committee is ready; the price criterion is what that regime asks for."""
    plain = msgspec.to_builtins(case)
    plain["plan"]["regime"] = "GOV_PROC"
    return to_committee(msgspec.convert(plain, Case))


@pytest.fixture
def another(case: Case) -> World:
    """A second run of the same tender."""
    return to_committee(case)
