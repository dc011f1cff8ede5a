"""Fixtures of the pure protocol's tests: the sample tender, and sessions as far as a phase."""

from pathlib import Path

import pytest

from protocol.plan.case import Case, read_case
from tests.protocol.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def case() -> Case:
    found = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(found, Case), found
    return found


@pytest.fixture
def world(case: Case) -> World:
    return World(case)
