"""A room that receives bids, on a fresh folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.bids.tendering import Room


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    found = Room(tmp_path / "bids")
    yield found
    await found.receiving.stop()
