"""Fixtures of the coordinator's tests: the sample tender, a house on a fresh database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.plan.case import Case, read_case
from tests.server.acting import House, Script

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def case() -> Case:
    found = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(found, Case), found
    return found


@pytest.fixture
def script(case: Case) -> Script:
    return Script(case)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    found = House(tmp_path / "coordinator.db")
    yield found
    await found.close()
