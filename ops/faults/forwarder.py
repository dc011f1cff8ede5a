"""A forwarder: a process of its own that carries a line, so that the line can be cut while both ends live.

Stopped (SIGSTOP) the line is silent: nothing is closed and nothing comes. SIGUSR1 cuts it by reset and takes
nobody on; SIGUSR2 lets it be taken up again. Must not know what it carries.
"""

import asyncio
import contextlib
import signal
import socket
import struct
import sys
from typing import Final, Self

from ops.installation import LOOPBACK
from ops.stack import PROJECT

START_S: Final = 20.0
"""How long the process may take until it listens."""
_BYTES = 65_536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: what is closed then is reset, not ended (socket(7))."""
_READY = b"ready\n"


class Line:
    """The other side of a forwarder's process: what may be done to the line through it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """A forwarder that runs; see `open`."""
        self._process = process
        self._stopped = False

    @classmethod
    async def open(cls, port: int, to: int) -> Self:
        """A line from a loopback port to another, in a process of its own.

        Raises:
          OSError: it does not come up.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ops.faults.forwarder", str(port), str(to),
            cwd=PROJECT, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        line = cls(process)
        try:
            async with asyncio.timeout(START_S):
                assert process.stdout is not None
                if await process.stdout.readline() != _READY:
                    raise OSError(f"the forwarder on {port} does not listen")
        except BaseException:
            await line.close()
            raise
        return line

    def silence(self) -> None:
        """Stop carrying; both ends still believe that the line is there."""
        self._stopped = True
        self._process.send_signal(signal.SIGSTOP)

    def reset(self) -> None:
        """Reset every connection and refuse new ones."""
        self._process.send_signal(signal.SIGUSR1)

    def mend(self) -> None:
        """Carry again."""
        if self._stopped:
            self._stopped = False
            self._process.send_signal(signal.SIGCONT)
        else:
            self._process.send_signal(signal.SIGUSR2)

    async def close(self) -> None:
        """End the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class _Forwarder:
    """The process itself."""

    def __init__(self, port: int, to: int) -> None:
        self._port = port
        self._to = to
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self._cut)
        loop.add_signal_handler(signal.SIGUSR2, lambda: asyncio.ensure_future(self._listen()))
        await self._listen()
        sys.stdout.buffer.write(_READY)
        sys.stdout.buffer.flush()
        await asyncio.Event().wait()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, LOOPBACK, self._port)

    def _cut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in self._writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = {writer}
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):
                onward, back = await asyncio.open_connection(LOOPBACK, self._to)
                mine.add(back)
                self._writers.add(back)
                pumps = [
                    asyncio.ensure_future(_pump(reader, back)),
                    asyncio.ensure_future(_pump(onward, writer)),
                ]
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._writers -= mine
            for one in mine:
                one.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while raw := await reader.read(_BYTES):
            writer.write(raw)
            await writer.drain()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_Forwarder(int(sys.argv[1]), int(sys.argv[2])).run())
