"""The hall of the followers' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.fanout.hall import Hall, hall_of


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall_of(tmp_path) as found:
        yield found
