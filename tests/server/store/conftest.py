"""The same store on each database: one suite for both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.store.contract import Store
from tests.server.store.places import KINDS, Place


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place("sqlite", str(tmp_path / "coordinator.db"))
    return Place("postgres", request.getfixturevalue("database"))


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    found = place.opened()
    await found.prepare()
    yield found
    await found.close()
