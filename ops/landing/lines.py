"""The venues' lines to the coordinator, led through this process so that they can be cut and mended.

Owns one forwarder for each node, on a loopback port that the system gives; mutual TLS passes through it
unread. Cut by `reset`, connections end and none is taken on; by `silence`, nothing is closed and nothing
comes, as when a cable is pulled somewhere far away. A node whose line is cut works on (DESIGN 1.8).
"""

import asyncio
import contextlib
import socket
import struct
from typing import Any, Final, Literal

from ops import files
from ops.installation import LOOPBACK, Installation

Way = Literal["reset", "silence"]
_BYTES = 65_536
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: what is closed then is reset, not ended (socket(7))."""


class Line:
    """One node's line."""

    def __init__(self, to: int) -> None:
        """A line to a loopback port; it carries nothing before `open`."""
        self.port = 0
        self.cut: Way | None = None
        self._to = to
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen.

        Raises:
          OSError: the system gives no port.
        """
        self._server = await asyncio.start_server(self._carry, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def break_(self, way: Way) -> None:
        """Cut it; a line that is cut already is cut the other way."""
        self.cut = way
        self._flows.clear()
        if way == "reset":
            for writer in self._writers:
                _reset(writer)

    def mend(self) -> None:
        """Carry again; what lay still in silence arrives now."""
        self.cut = None
        self._flows.set()

    async def close(self) -> None:
        """Carry no more."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = {writer}
        self._writers.add(writer)
        try:
            if self.cut == "reset":
                _reset(writer)
                return
            with contextlib.suppress(OSError):
                onward, back = await asyncio.open_connection(LOOPBACK, self._to)
                mine.add(back)
                self._writers.add(back)
                pumps = [
                    asyncio.ensure_future(self._pump(reader, back)),
                    asyncio.ensure_future(self._pump(onward, writer)),
                ]
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            self._writers -= mine
            for one in mine:
                one.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while raw := await reader.read(_BYTES):
                await self._flows.wait()
                writer.write(raw)
                await writer.drain()


class Lines:
    """The lines of all nodes of an installation."""

    def __init__(self, installation: Installation) -> None:
        """Prepare one for each node."""
        self._installation = installation
        self.of: dict[str, Line] = {
            node.place.node: Line(installation.node_port) for node in installation.nodes
        }

    async def open(self) -> None:
        """Listen, and write the ports into the nodes' configurations; before the nodes start.

        Raises:
          OSError: the system gives no port.
          Trouble: a configuration cannot be written.
        """
        for name, line in self.of.items():
            await line.open()
            path = self._installation.config(name)
            config: dict[str, Any] = files.read_json(path)
            files.write_json(path, {**config, "coordinator_url": f"https://{LOOPBACK}:{line.port}"})

    def mend(self) -> None:
        """Mend whatever is cut."""
        for line in self.of.values():
            if line.cut is not None:
                line.mend()

    async def close(self) -> None:
        """Carry no more; after the nodes have stopped."""
        for line in self.of.values():
            await line.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
