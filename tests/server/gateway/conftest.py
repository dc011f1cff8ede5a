"""Fixtures of the gateway's tests: one authority for all, a coordinator for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.assembly import Coordinator
from tests.server import nodes


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nodes.lay(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def running(folder: Path, tmp_path: Path) -> AsyncIterator[Coordinator]:
    async with nodes.coordinator(folder, tmp_path) as found:
        yield found
