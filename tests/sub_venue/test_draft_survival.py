"""No cell that was shown as saved is ever lost, whatever happens to tabs, browser, line and node.

`python -m tests.pages.survival` does the same in a real Chromium before real processes.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sub_venue import survival
from tests.sub_venue.survival import Browser, World

IN_MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112
"""Where there is such a place: whether a disk keeps its word is another test's matter."""
SEEDS = 150
CHUNK = 50


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with survival.browser(survival.bundle(tmp_path_factory.mktemp("drafting"))) as found:
        yield found


async def told(seed: int, page: Browser) -> list[str]:
    """What one seed lost."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        world = World(seed, page, Path(folder))
        try:
            lost = await world.run()
        finally:
            await world.close()
        return [f"seed {seed}: {one}" for one in lost]


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
async def test_no_saved_cell_is_lost(page: Browser, first: int) -> None:
    lost = [one for seed in range(first, first + CHUNK) for one in await told(seed, page)]
    assert lost == []
