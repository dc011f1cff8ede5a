"""TLS on the socket itself: whole and in order, whatever the peer does, on either loop."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvloop

from server.gateway import tls
from server.gateway.app import node_tls
from tests.server.acting import WAIT_S
from tests.server.nodes import client_tls

LOOPBACK = "127.0.0.1"
NAME = "coordinator.localhost"
PIECES = tuple(bytes([number % 251]) * (1 + number * 977 % 70_000) for number in range(200))
"""Some 7 MB: more than the kernel holds for a peer that does not read."""

Loop = Callable[[], asyncio.AbstractEventLoop]


class Told(asyncio.Protocol):
    """What a line told its protocol."""

    def __init__(self) -> None:
        self.line: tls.TlsLine
        self.heard = b""
        self.says: list[str] = []
        self.lost = asyncio.Event()
        self.faulty = False
        self.changed = asyncio.Condition()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, tls.TlsLine)
        self.line = transport

    def data_received(self, data: bytes) -> None:
        if self.faulty:
            raise ValueError(data)
        self.heard += data
        self.says.append("data")

    def pause_writing(self) -> None:
        self.says.append("pause")

    def resume_writing(self) -> None:
        self.says.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.says.append("lost" if exc is None else "broken")
        self.lost.set()


class Place:
    """A door and everybody who came through it."""

    def __init__(self, folder: Path) -> None:
        own = folder / "coordinator"
        self.folder = folder
        self.told: list[Told] = []
        self.door = tls.TlsDoor(
            node_tls(folder / "ca" / "ca.pem", own / "cert.pem", own / "key.pem"), self._made
        )

    def _made(self) -> Told:
        self.told.append(Told())
        return self.told[-1]

    async def come(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Told]:
        """A node comes in; its streams, and its line's protocol."""
        before = len(self.told)
        reader, writer = await asyncio.open_connection(
            LOOPBACK, self.door.port, ssl=client_tls(self.folder, "hefei"), server_hostname=NAME, limit=1_024
        )
        await until(lambda: len(self.told) > before)
        return reader, writer, self.told[before]


async def until(so: Callable[[], bool]) -> None:
    """Let the loop work until something is so."""
    async with asyncio.timeout(WAIT_S):
        while not so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    found = Place(folder)
    await found.door.open(LOOPBACK, 0)
    try:
        yield found
    finally:
        found.door.close()
        for one in found.told:
            one.line.abort()


Play = Callable[[Callable[[Place], Awaitable[None]]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest, folder: Path) -> Play:
    """Runs a scene at a door, on one loop and on the other."""

    def run(scene: Callable[[Place], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with asyncio.timeout(WAIT_S), place(folder) as found:
                await scene(found)

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(whole())

    return run


def test_a_late_reader_gets_everything_in_order(play: Play) -> None:
    async def scene(at: Place) -> None:
        reader, writer, told = await at.come()
        for piece in PIECES:
            told.line.write(piece)
        assert told.line.get_write_buffer_size() > tls.UNSENT_HIGH_BYTES
        assert told.says == ["pause"]
        assert await reader.readexactly(sum(map(len, PIECES))) == b"".join(PIECES)
        assert told.line.get_write_buffer_size() == 0
        assert told.says == ["pause", "resume"]
        writer.close()

    play(scene)


def test_closing_sends_what_is_left_and_ends_in_order(play: Play) -> None:
    def node(at: Place, may_read: threading.Event) -> bytes:
        """A node that reads late, without a loop: what it was told before the end."""
        plain = socket.create_connection((LOOPBACK, at.door.port), WAIT_S)
        with client_tls(at.folder, "hefei").wrap_socket(
            plain, server_hostname=NAME, suppress_ragged_eofs=False
        ) as line:
            line.sendall(b"unread, which must not reset the line")
            assert may_read.wait(WAIT_S)
            return b"".join(iter(lambda: line.recv(65_536), b""))

    async def scene(at: Place) -> None:
        may_read = threading.Event()
        reading = asyncio.create_task(asyncio.to_thread(node, at, may_read))
        await until(lambda: bool(at.told))
        told = at.told[0]
        told.line.pause_reading()
        for piece in PIECES:
            told.line.write(piece)
        told.line.close()
        told.line.write(b"too late")
        may_read.set()
        assert await reading == b"".join(PIECES)
        await told.lost.wait()
        assert told.says[-1] == "lost"

    play(scene)


def test_what_both_sides_say_comes_whole(play: Play) -> None:
    async def scene(at: Place) -> None:
        reader, writer, told = await at.come()
        said = b"".join(PIECES)
        writer.write(said)
        await until(lambda: len(told.heard) == len(said))
        assert told.heard == said
        told.line.write(b"heard")
        assert await reader.readexactly(5) == b"heard"
        writer.close()
        await told.lost.wait()
        assert told.says[-1] == "lost"

    play(scene)


def test_what_is_not_read_waits_until_it_is(play: Play) -> None:
    async def scene(at: Place) -> None:
        _, writer, told = await at.come()
        told.line.pause_reading()
        writer.write(b"x" * 100_000)
        await asyncio.sleep(0)
        assert not told.line.is_reading()
        _, other, heard = await at.come()
        other.write(b"y")
        await until(lambda: heard.heard == b"y")
        assert told.heard == b""
        told.line.resume_reading()
        await until(lambda: told.heard == b"x" * 100_000)
        writer.close()
        other.close()

    play(scene)


def test_a_line_that_is_cut_is_gone_at_once(play: Play) -> None:
    async def scene(at: Place) -> None:
        reader, writer, told = await at.come()
        for piece in PIECES:
            told.line.write(piece)
        told.line.abort()
        assert told.line.is_closing()
        assert told.line.get_write_buffer_size() == 0
        await told.lost.wait()
        with contextlib.suppress(OSError):
            assert len(await reader.read(-1)) < sum(map(len, PIECES))
        writer.close()

    play(scene)


def test_a_peer_that_never_reads_to_the_end_does_not_hold_a_closed_line(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "CLOSE_S", 0.02)

    async def scene(at: Place) -> None:
        _, writer, told = await at.come()
        for piece in PIECES:
            told.line.write(piece)
        told.line.close()
        await told.lost.wait()
        writer.transport.abort()

    play(scene)


def test_a_protocol_that_fails_ends_its_own_line_only(play: Play) -> None:
    async def scene(at: Place) -> None:
        _, writer, told = await at.come()
        reader, other, well = await at.come()
        told.faulty = True
        writer.write(b"x")
        await told.lost.wait()
        assert told.says == ["broken"]
        well.line.write(b"here")
        assert await reader.readexactly(4) == b"here"
        other.close()
        writer.close()

    play(scene)


def test_a_peer_without_a_certificate_of_ours_is_not_let_in(play: Play) -> None:
    async def scene(at: Place) -> None:
        context = client_tls(at.folder, None)
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(
                LOOPBACK, at.door.port, ssl=context, server_hostname=NAME
            )
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await reader.readexactly(1)
            writer.close()
        _, known, told = await at.come()
        assert at.told == [told]
        known.close()

    play(scene)


def test_whoever_does_not_speak_tls_is_cut(play: Play) -> None:
    async def scene(at: Place) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, at.door.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: coordinator\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while await reader.read(1_024):
                pass
        assert at.told == []
        writer.close()

    play(scene)


def test_whoever_does_not_shake_hands_in_time_is_cut(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_S", 0.02)

    async def scene(at: Place) -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, at.door.port)
        assert await reader.read(1) == b""
        assert at.told == []
        writer.close()

    play(scene)


def test_silent_peers_do_not_shut_others_out(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKES_MAX", 3)

    async def scene(at: Place) -> None:
        silent = [await asyncio.open_connection(LOOPBACK, at.door.port) for _ in range(5)]
        for reader, _ in silent[:2]:
            assert await reader.read(1) == b""
        _, known, told = await at.come()
        assert at.told == [told]
        for _, writer in silent:
            writer.close()
        known.close()

    play(scene)
