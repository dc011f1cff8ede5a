"""A forwarder between venues and coordinator, a process of its own, so that a line can be cut as lines are.

Silently: the process is stopped (SIGSTOP); the kernel goes on taking bytes and connections, nothing comes of
them, and nobody is told. By reset: every connection ends with RST, new ones are refused until it is mended.
Owns bytes only. Source: DESIGN 9; RFC 9293 3.5.2 (reset), socket(7) (SO_LINGER).
"""

import asyncio
import contextlib
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator

from ops.installation import LOOPBACK
from tests.house import ground

_CHUNK_BYTES = 65_536
_READY_S = 10
_RESET = struct.pack("ii", 1, 0)


class Forwarder:
    """The forwarder's process as a test holds it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        """Take over a process that listens at a port."""
        self.port = port
        self._process = process

    def cut_silently(self) -> None:
        """Stop it; nothing is closed, nothing comes."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after a silent cut; what it had taken is passed on late."""
        self._process.send_signal(signal.SIGCONT)

    async def cut_by_reset(self) -> None:
        """Reset every connection and refuse new ones."""
        self._process.send_signal(signal.SIGUSR1)
        await self._says(b"refusing")

    async def mend(self) -> None:
        """Take connections again after a reset."""
        self._process.send_signal(signal.SIGUSR2)
        await self._says(b"listening")

    async def end(self) -> None:
        """End the process, however it stands."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _says(self, word: bytes) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(_READY_S):
            assert (await self._process.stdout.readline()).split()[:1] == [word]


@contextlib.asynccontextmanager
async def forwarding(port: int) -> AsyncIterator[Forwarder]:
    """A forwarder to a port of this machine, for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.processes.forwarder", str(port),
        stdout=asyncio.subprocess.PIPE, cwd=ground.ROOT, env={**os.environ, "PYTHONPATH": str(ground.ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_READY_S):
            word, own = (await process.stdout.readline()).split()
        assert word == b"listening"
        found = Forwarder(process, int(own))
    except BaseException:
        process.kill()
        await process.wait()
        raise
    try:
        yield found
    finally:
        await found.end()


# --- in the process itself --------------------------------------------------------------------


class _Switch:
    """Where connections come in; `own` is chosen at the first opening and stays."""

    def __init__(self, onward: int) -> None:
        self._onward = onward
        self._own = 0
        self._server: asyncio.Server | None = None
        self._sides: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, LOOPBACK, self._own)
        self._own = self._server.sockets[0].getsockname()[1]
        _say(f"listening {self._own}")

    async def reset(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for side in tuple(self._sides):
            side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            side.transport.abort()
        _say("refusing")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward, back = await asyncio.open_connection(LOOPBACK, self._onward)
        except OSError:
            writer.transport.abort()
            return
        self._sides |= {writer, back}
        pumps = {asyncio.ensure_future(_pump(reader, back)), asyncio.ensure_future(_pump(onward, writer))}
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for side in (writer, back):
            self._sides.discard(side)
            side.close()
            with contextlib.suppress(OSError):
                await side.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while raw := await reader.read(_CHUNK_BYTES):
            writer.write(raw)
            await writer.drain()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


async def _serve(onward: int) -> None:
    switch = _Switch(onward)
    asked: asyncio.Queue[bool] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, asked.put_nowait, False)
    loop.add_signal_handler(signal.SIGUSR2, asked.put_nowait, True)
    await switch.open()
    while True:
        await (switch.open() if await asked.get() else switch.reset())


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
