"""Sessions of rules version 3 as far as a turn begins; copied, so that each test has its own."""

import copy

import pytest

from protocol.plan.case import Case
from tests.protocol.acting import Acting


@pytest.fixture(scope="module")
def _scoring(case: Case) -> Acting:
    world = Acting(case)
    world.to_scoring()
    return world


@pytest.fixture(scope="module")
def _tallied(_scoring: Acting) -> Acting:
    world = copied(_scoring)
    world.to_tally("01", "1")
    return world


@pytest.fixture
def scoring(_scoring: Acting) -> Acting:
    """Every member sits before an empty sheet."""
    return copied(_scoring)


@pytest.fixture
def tallied(_tallied: Acting) -> Acting:
    """The stage's tally is published, nothing is explained yet."""
    return copied(_tallied)


def copied(world: Acting) -> Acting:
    """Another session with the same past; states and disclosures are never changed in place."""
    other = copy.copy(world)
    other.entries, other.held, other.seqs = list(world.entries), list(world.held), dict(world.seqs)
    return other
