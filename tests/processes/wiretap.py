"""A tap on the wire between people and their nodes: every byte, either way, while it passes.

Owns a listener in front of each node and the two pumps of each connection. Changes nothing that passes. The
seat of a connection is read off what its person said on it (`sign_in`, `prove`), never off notes of ours.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ops.installation import LOOPBACK, Installation, Node
from protocol import wire
from tests.processes.web_socket import ACK, EVENT, Direction, Packet, packet

_CHUNK_BYTES = 65_536


class Said(Struct, frozen=True):
    """An event on the wire, and the acknowledgement it got; None while there is none."""

    event: str
    data: Any
    answer: Any


class Tap:
    """One connection: `up` what the person's side sent, `down` what the node sent, message by message."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self._upward = Direction()
        self._downward = Direction()

    def take(self, raw: bytes, *, upward: bool) -> None:
        """Note what has just passed."""
        if upward:
            self.up += self._upward.feed(raw)
        else:
            self.down += self._downward.feed(raw)

    @property
    def seat(self) -> str:
        """Whose connection it is; empty while nobody has said."""
        claims = (wire.SIGN_IN, wire.PROVE)
        seats = {one.data["seat"] for one in self.asked() if one.event in claims}
        assert len(seats) <= 1, seats
        return seats.pop() if seats else ""

    def asked(self) -> list[Said]:
        """Every event that the person sent, in order, each with its acknowledgement."""
        acks = {one.number: one.said for one in _packets(self.down, ACK)}
        return [
            Said(one.said[0], one.said[1] if len(one.said) > 1 else None, *acks.get(one.number, [None])[:1])
            for one in _packets(self.up, EVENT)
        ]

    def acts(self) -> list[tuple[wire.Submit, wire.Answer]]:
        """Every act that went out here, and the answer it got at once; acts without one are left out."""
        return [
            (msgspec.convert(one.data, wire.Submit), _answer(one.answer))
            for one in self.asked()
            if one.event == wire.ACT and one.answer is not None and set(one.answer) != {"refused"}
        ]

    def late_answers(self) -> list[wire.Answer]:
        """The answers that were pushed after an act had only been kept."""
        return [_answer(one.said[1]) for one in _packets(self.down, EVENT) if one.said[0] == wire.ANSWER]


class Wiretap:
    """All connections through the taps; `installation` is what people must be given to pass them."""

    def __init__(self, installation: Installation) -> None:
        """Prepare; nothing listens before `tapped`."""
        self.installation = installation
        self.taps: list[Tap] = []
        self._heard = asyncio.Event()

    async def until(self, test: Callable[[], bool]) -> None:
        """Wait until what has passed meets a test; it is tried again whenever something passes."""
        while True:
            self._heard.clear()
            if test():
                return
            await self._heard.wait()

    def of(self, seat: str) -> list[Tap]:
        """The connections of a seat, the first first."""
        return [tap for tap in self.taps if tap.seat == seat]

    def acts(self) -> list[tuple[wire.Submit, wire.Answer]]:
        """Every act on every connection with the answer it got at once."""
        return [one for tap in self.taps for one in tap.acts()]

    async def pass_on(self, node: Node, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side closes it."""
        tap = Tap()
        self.taps.append(tap)
        onward, back = await asyncio.open_connection(LOOPBACK, node.port)
        pumps = [
            asyncio.ensure_future(self._pump(reader, back, tap, upward=True)),
            asyncio.ensure_future(self._pump(onward, writer, tap, upward=False)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for side in (back, writer):
                side.close()
                with contextlib.suppress(OSError):
                    await side.wait_closed()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tap: Tap, *, upward: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while raw := await reader.read(_CHUNK_BYTES):
                tap.take(raw, upward=upward)
                self._heard.set()
                writer.write(raw)
                await writer.drain()


@contextlib.asynccontextmanager
async def tapped(installation: Installation) -> AsyncIterator[Wiretap]:
    """Taps before every node; people who are seated by `Wiretap.installation` pass through them."""
    found = Wiretap(installation)
    servers, nodes, passing = [], [], set[asyncio.Task[None]]()

    def listener(node: Node) -> Any:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(found.pass_on(node, reader, writer))
            passing.add(task)
            task.add_done_callback(passing.discard)

        return connected

    try:
        for node in installation.nodes:
            server = await asyncio.start_server(listener(node), LOOPBACK, 0)
            servers.append(server)
            nodes.append(replace(node, port=server.sockets[0].getsockname()[1]))
        found.installation = replace(installation, nodes=tuple(nodes))
        yield found
    finally:
        for server in servers:
            server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


def _packets(messages: list[bytes], kind: bytes) -> list[Packet]:
    return [one for one in map(packet, messages) if one is not None and one.kind == kind]


def _answer(raw: Any) -> wire.Answer:
    return msgspec.convert(raw, wire.Answer)
