"""Frames that are none, too large, too many, or not read: their own socket pays, neighbours go on."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from msgspec.structs import replace

from protocol import limits, wire
from protocol.wire import Draft, News
from sub_venue.assembly import Node
from sub_venue.config import Bounds
from sub_venue.seats.engine import GuardedSocket
from tests.protocol.world import World
from tests.sub_venue.conftest import Opens, fork, line_up
from tests.sub_venue.exchange import Exchange
from tests.sub_venue.page import WAIT_S, Page, open_page, proof

QUICK = Bounds(answer_wait_ms=2_000, line_pause_ms=20, line_pause_ms_max=100)


@pytest.fixture
async def node(opens: Opens, exchange: Exchange, at_check_in: World) -> AsyncIterator[Node]:
    """上海's node beside a session at check-in; M2 and M3 are bound, M2 sits here, M3 at 南京."""
    async with opens("shanghai", exchange.port, QUICK) as found:
        world = exchange.world = fork(at_check_in)
        await line_up(found)
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            await found.copies.reached("s-1", len(world.entries))
        yield found


@pytest.fixture
async def page(node: Node) -> AsyncIterator[Page]:
    async with open_page(node.door.port, "shanghai.localhost") as found:
        yield found


@pytest.fixture
async def neighbour(node: Node) -> AsyncIterator[Page]:
    """Another page, which follows the session and must notice nothing."""
    async with open_page(node.door.port, "shanghai.localhost") as found:
        await found.prove("s-1", "M2")
        await found.follow("s-1")
        yield found


async def test_a_message_over_its_size_is_told_so_and_costs_its_own_socket_only(
    node: Node, exchange: Exchange, neighbour: Page
) -> None:
    async with open_page(node.door.port, "shanghai.localhost") as page:
        raw = await page.say(wire.PREPARE, {"source": "x" * limits.MESSAGE_BYTES_MAX})
        assert raw["refused"]["code"] == "TooLarge"
        async with asyncio.timeout(WAIT_S):
            await page.client.eio.wait()
    assert (await neighbour.follow("s-1")).view.session == "s-1"


async def test_more_messages_than_a_person_sends_are_too_many(
    node: Node, exchange: Exchange, page: Page, neighbour: Page
) -> None:
    replies = await asyncio.gather(*(page.say(wire.LINE_STATE) for _ in range(250)))
    busy = [raw for raw in replies if raw.get("refused", {}).get("code") == "TooBusy"]
    assert busy
    assert (await neighbour.follow("s-1")).view.session == "s-1"


class Raw:
    """A WebSocket that says whatever bytes it likes."""

    def __init__(self, opened: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = opened

    async def until(self, start: str) -> str:
        """The next text frame that starts so."""
        async with asyncio.timeout(WAIT_S):
            while True:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, message
                if message.data.startswith(start):
                    return str(message.data)

    async def prove(self, session: str, seat: str) -> None:
        """Prove a seat's key."""
        await self.socket.send_str('42/desk,1["challenge"]')
        said = json.loads((await self.until("43/desk,1")).removeprefix("43/desk,1"))
        nonce = msgspec.convert(said[0], wire.Challenge).nonce
        told = json.dumps(["prove", msgspec.to_builtins(proof(session, seat, seat, nonce))])
        await self.socket.send_str(f"42/desk,2{told}")
        assert '"role"' in await self.until("43/desk,2")
        await self.socket.send_str(f'42/desk,3["follow",{{"session":"{session}","since":0}}]')
        assert '"view"' in await self.until("43/desk,3")

    async def closed(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while not self.socket.closed:
                await self.socket.receive()


def narrow(address: Any) -> socket.socket:
    """A connection that takes little at a time, so that what is not read stays with who sent it."""
    made = socket.socket(address[0], address[1], address[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.setblocking(False)
    return made


@contextlib.asynccontextmanager
async def open_raw(node: Node) -> AsyncIterator[Raw]:
    """A WebSocket to the node, as far as the namespace."""
    url = f"http://127.0.0.1:{node.door.port}/socket.io/?EIO=4&transport=websocket"
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=narrow)) as http,
        http.ws_connect(url, headers={"Host": f"shanghai.localhost:{node.door.port}"}) as opened,
    ):
        found = Raw(opened)
        await found.until("0")
        await opened.send_str("40/desk,")
        await found.until("40/desk")
        yield found


@pytest.fixture
async def raw(node: Node) -> AsyncIterator[Raw]:
    async with open_raw(node) as found:
        yield found


FRAMES = [
    "",
    "x",
    "4",
    "42",
    '42["act",{}]',
    "42/desk,7[",
    '42/desk,7{"a":1}',
    "42/desk,7[]",
    "42/desk,7[1]",
    '42/desk,7["disconnect"]',
    '42/desk,7["connect",{}]',
    '42/desk,7["*",{}]',
    '42/other,7["act",{}]',
    "40/desk,",
    '451-/desk,7["act",{"_placeholder":true,"num":0}]',
    '45999999999-/desk,7["act"]',
    '43/desk,7["ack"]',
    "44/desk,",
    "47/desk,",
    '42/desk,7["act",' + "[" * 5_000 + "]" * 5_000 + "]",
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
async def test_a_frame_outside_the_protocol_is_dropped_and_the_socket_lives(
    exchange: Exchange, raw: Raw, neighbour: Page, frame: str
) -> None:
    await raw.socket.send_str(frame)
    await raw.socket.send_str('42/desk,8["line_state"]')
    assert json.loads((await raw.until("43/desk,8")).removeprefix("43/desk,8")) == [{"online": True}]
    assert (await neighbour.follow("s-1")).view.session == "s-1"


async def test_a_frame_that_asks_for_an_answer_is_told_what_is_wrong(raw: Raw) -> None:
    await raw.socket.send_str("42/desk,7[")
    told = json.loads((await raw.until("43/desk,7")).removeprefix("43/desk,7"))
    assert told[0]["refused"]["code"] == "Malformed"


async def test_bytes_are_no_message_and_who_goes_on_is_closed(raw: Raw, neighbour: Page) -> None:
    for _ in range(QUICK.socket_malformed_max + 1):
        await raw.socket.send_bytes(b"\x00\x01")
    await raw.closed()
    assert (await neighbour.follow("s-1")).view.session == "s-1"


async def test_a_frame_above_all_bounds_closes_its_socket(raw: Raw, neighbour: Page) -> None:
    with contextlib.suppress(OSError, aiohttp.ClientError):
        await raw.socket.send_str("4" * (2 * limits.MESSAGE_BYTES_MAX + 1))
    await raw.closed()
    assert (await neighbour.follow("s-1")).view.session == "s-1"


async def test_a_flood_closes_its_own_socket_only(raw: Raw, neighbour: Page) -> None:
    with contextlib.suppress(OSError, aiohttp.ClientError):
        for _ in range(2_000):
            await raw.socket.send_str('42/desk,["line_state"]')
    await raw.closed()
    assert (await neighbour.follow("s-1")).view.session == "s-1"


def full(node: Node) -> bool:
    """Whether a page has left so much unread that news are not written to it."""
    unsent = (one.outlet.standing().unsent_bytes for one in node._sockets._telling._readers.values())
    return any(size > Bounds().socket_unsent_bytes_max for size in unsent)


@pytest.mark.parametrize(
    ("bounds", "asks"),
    [
        (Bounds(socket_unread_max=8, line_pause_ms=20), 100),
        (Bounds(socket_stall_ms=1_000, line_pause_ms=20), 60),
    ],
    ids=["answers unread", "news unread"],
)
async def test_a_page_that_does_not_read_is_cut_and_its_neighbours_are_told_as_before(
    opens: Opens, exchange: Exchange, at_check_in: World, monkeypatch: pytest.MonkeyPatch, bounds: Bounds,
    asks: int,
) -> None:  # fmt: skip
    was_cut = asyncio.Event()

    def cut(one: GuardedSocket) -> None:
        engine_cut(one)
        was_cut.set()

    engine_cut = GuardedSocket.cut
    monkeypatch.setattr(GuardedSocket, "cut", cut)
    async with opens("shanghai", exchange.port, bounds) as node:
        world = exchange.world = fork(at_check_in)
        await line_up(node)
        exchange.grown()
        async with asyncio.timeout(WAIT_S):
            await node.copies.reached("s-1", len(world.entries))
        many = {f"b{n}": {"A1": n} for n in range(10_000)}
        draft = Draft("s-1", "M2", world.stage("01", "1"), 1, many)
        async with open_page(node.door.port, "shanghai.localhost") as neighbour:
            await neighbour.prove("s-1", "M2")
            await neighbour.follow("s-1")
            await neighbour.put(draft)
            async with open_raw(node) as raw:
                await raw.prove("s-1", "M2")
                # From here on it asks, and reads nothing of what it is answered.
                asked = json.dumps(msgspec.to_builtins(replace(draft, scores={})))
                with contextlib.suppress(OSError, aiohttp.ClientError):
                    for number in range(100, 100 + asks):
                        await raw.socket.send_str(f'42/desk,{number}["draft_get",{asked}]')
                        await asyncio.sleep(0.01)
                        if was_cut.is_set():
                            break
                async with asyncio.timeout(WAIT_S):
                    for _ in iter(lambda: was_cut.is_set() or full(node), True):
                        await asyncio.sleep(0.01)
                world.bind("M4")
                exchange.grown()
                size = len(world.entries)
                await neighbour.until(wire.NEWS, lambda one: one.view.as_of.size == size, News)
                await asyncio.wait_for(was_cut.wait(), WAIT_S)
                await raw.closed()
