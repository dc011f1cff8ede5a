"""A dozen random stories of a draft in a real Chromium; `python -m tests.pages.survival` runs hundreds."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pages import survival
from tests.pages.survival import Trial

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    async with survival.trial(tmp_path_factory.mktemp("survival")) as found:
        yield found


@pytest.mark.parametrize("seed", range(12))
async def test_no_cell_that_was_shown_as_saved_is_lost(trial: Trial, seed: int) -> None:
    assert await trial.run(seed) == [], trial.story
