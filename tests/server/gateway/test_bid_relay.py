"""Two coordinators that share the folder of bids: one receives, and the other hands on to it (SPEC 10.2)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from pydantic import SecretStr

from ops.redis import Redis
from protocol import handed_in, wire
from protocol.handed_in import TenderAsk, TenderTold
from protocol.seal import at_opening, handing_in
from protocol.seal.at_opening import AskStage
from server.assembly import Coordinator
from server.config import Bounds
from tests.protocol.world import START_MS, key
from tests.server import nodes
from tests.server.acting import TestSenses
from tests.server.bids.tendering import SESSION
from tests.server.bids.test_secrecy import HOUR_MS, announce, hand_in, small
from tests.server.nodes import client_tls
from tests.server.outsiders import browser

Two = tuple[Coordinator, Coordinator]
ASK = TenderAsk(SESSION, key("agent"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nodes.lay(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def two(folder: Path, tmp_path: Path, database: str, own_redis: Redis) -> AsyncIterator[Two]:
    async with contextlib.AsyncExitStack() as house:
        found = []
        for name in ("coordinator-1", "coordinator-2"):
            settings = nodes.settings(
                folder, tmp_path / name, name=name, database=SecretStr(database),
                redis=SecretStr(own_redis.url), bids_dir=tmp_path / "bids",
                bounds=Bounds(disk_free_bytes_min=0),
            )  # fmt: skip
            one = Coordinator(settings, TestSenses())
            house.push_async_callback(one.stop)
            await one.start()
            found.append(one)
        yield found[0], found[1]


async def test_a_bid_handed_in_at_the_other_is_received_and_shown_at_both(folder: Path, two: Two) -> None:
    a, b = two
    async with (
        browser(a) as here,
        browser(b) as there,
        nodes.node(folder, a, "hefei") as first,
        nodes.node(folder, b, "hefei") as second,
    ):
        await announce(here)
        assert (await here.post(handing_in.TENDER, {"session": SESSION}))[0] == 200
        receipt = await hand_in(there, small(0))
        assert receipt["receipt"]["bid"] == "b-0"
        # Handed in again at the one that receives: the same receipt.
        assert (await here.post(handing_in.BEGIN, small(0).begin))[1]["receipt"] == receipt
        told = await second.ask(handed_in.TENDER_TOLD, ASK, TenderTold)
        assert told.received is None
        for one in two:
            assert isinstance(one.senses, TestSenses)
            one.senses.now = START_MS + HOUR_MS
        told = await second.ask(handed_in.TENDER_TOLD, ASK, TenderTold)
        assert told.received is not None
        assert [one.bid for one in told.received] == ["b-0"]
        assert await first.ask(handed_in.TENDER_TOLD, ASK, TenderTold) == told
        # A page of another origin is turned away where it asks.
        status, _ = await there.post(handing_in.BEGIN, small(1).begin, Origin="https://elsewhere.example")
        assert status == 403


async def test_when_the_one_that_receives_is_gone_the_other_receives(two: Two) -> None:
    a, b = two
    async with browser(a) as here, browser(b) as there:
        await announce(here)
        receipt = await hand_in(here, small(0))
        assert await b.bids.elsewhere() == a._member.address
        await a.listeners.close_door()
        await a.bids.stop()
        assert (await there.post(handing_in.BEGIN, small(0).begin))[1]["receipt"] == receipt
        assert await b.bids.elsewhere() == ""
        assert await hand_in(there, small(1))


async def test_only_a_coordinator_comes_by_the_way_behind(folder: Path, two: Two) -> None:
    a, _ = two
    async with browser(a) as here:
        await announce(here)
    ask = msgspec.json.encode({"session": SESSION})
    stage = msgspec.json.encode(AskStage("e", "l", SESSION))
    assert await _post(folder, a, "nanjing", handing_in.TENDER, ask) == 403
    assert await _post(folder, a, "nanjing", at_opening.HEADERS, stage) == 403
    assert await _post(folder, a, "coordinator", handing_in.TENDER, ask) == 200


async def _post(folder: Path, at: Coordinator, certificate: str, path: str, body: bytes) -> int:
    url = f"https://127.0.0.1:{at.listeners.node_port}{wire.PEER}{path}"
    async with (
        asyncio.timeout(20),
        aiohttp.ClientSession() as http,
        http.post(
            url, data=body, ssl=client_tls(folder, certificate), server_hostname="coordinator.localhost",
            headers={"Content-Type": "application/json"},
        ) as reply,
    ):  # fmt: skip
        return reply.status
