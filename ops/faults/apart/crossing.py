"""TCP ports of one place at another one's loopback, carried over the line between them.

Owns listening and handing on, all in this process: its sockets belong to the places that they were made in.
What stands for a node here asks its own loopback, as a page asks its node; between the places it is the
kernel's own TCP on the line as it is. A line that takes no connection within `CONNECT_S` is told as broken.
"""

import asyncio
import contextlib
import socket
from typing import Final

from ops.faults.apart.namespaces import Place
from ops.installation import LOOPBACK

CONNECT_S: Final = 2.0
"""As a node allows a worker's connection (`sub_venue/cameras/routes.py`)."""
_BYTES: Final = 65_536


class Crossing:
    """One port carried from `far`'s loopback to `near`'s, over `near`'s address on the line."""

    def __init__(self, near: Place, far: Place, address: str, port: int) -> None:
        """Carry nothing before `open`."""
        self._near, self._far, self._address, self._port = near, far, address, port
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Listen at both places.

        Raises:
          OSError: a port is taken.
        """
        inner = self._near.listen(self._address, self._port)
        outer = self._far.listen(LOOPBACK, self._port)
        self._servers = [
            await asyncio.start_server(self._arrive, sock=inner),
            await asyncio.start_server(self._leave, sock=outer),
        ]

    async def close(self) -> None:
        """Carry no more."""
        for server in self._servers:
            server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _leave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._carry(self._far, self._address, reader, writer)

    async def _arrive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._carry(self._near, LOOPBACK, reader, writer)

    async def _carry(
        self, place: Place, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        back: asyncio.StreamWriter | None = None
        try:
            with place.inside():
                made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(CONNECT_S):
                await asyncio.get_running_loop().sock_connect(made, (address, self._port))
            onward, back = await asyncio.open_connection(sock=made)
            self._writers.add(back)
            pumps = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(onward, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except (OSError, TimeoutError):
            pass
        finally:
            for one in (writer, back):
                if one is not None:
                    self._writers.discard(one)
                    one.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while raw := await reader.read(_BYTES):
            writer.write(raw)
            await writer.drain()
