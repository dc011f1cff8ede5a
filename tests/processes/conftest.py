"""A stack of real processes for each file of tests, and one event loop that outlives its tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from ops import installation, ports, senses
from ops.installation import DEFAULT_PLACES, LOOPBACK, PORTS_SPAN
from ops.senses import Dice
from ops.stack import Stack

LINES_S = 20
"""How long the nodes' lines to the coordinator may take to come up."""
_POLL_S = 0.05


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the file's stack."""
    return tmp_path_factory.mktemp("stack")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(data: Path) -> AsyncIterator[Stack]:
    """Coordinator, main venue and three sub-venues, their lines up; a process that ends is a failure."""
    base = ports.free_base(PORTS_SPAN + len(DEFAULT_PLACES), Dice())
    stack = Stack(installation.ensure(data, now_ms=senses.now_ms(), ports_from=base), restart=False)
    await stack.start()
    try:
        await lines_up(stack)
        yield stack
        assert stack.broken is not None
        assert not stack.broken.done(), "a process has ended"
    finally:
        await stack.stop()


async def lines_up(stack: Stack) -> None:
    """Wait for every node's line: a node is ready without it, and what is measured here begins with it."""
    url = f"http://{LOOPBACK}:{stack.installation.http_port}/overview"
    async with asyncio.timeout(LINES_S), aiohttp.ClientSession() as http:
        while True:
            async with http.get(url) as answer:
                if all(node["online"] for node in (await answer.json())["nodes"]):
                    return
            await asyncio.sleep(_POLL_S)
