"""One running house for each module of page tests: they take turns in it, each with its own session."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.pages.house import House, house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("house")) as found:
        yield found


@pytest.fixture
def here(whole_house: House) -> Iterator[House]:
    """The house; no page may have complained in it by the end of the test."""
    whole_house.faults.clear()
    whole_house.faults.forgive = ()
    yield whole_house
    assert whole_house.faults == []
