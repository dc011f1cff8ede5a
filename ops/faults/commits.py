"""A way to PostgreSQL that can be cut at the one moment that leaves a doubt: committed, and not yet told.

Owns a Unix socket before the server's own. What passes is carried; while armed, the next answer that says
that something was committed is swallowed, and the connection with it. Source: PostgreSQL 15, 55.7
(CommandComplete).
"""

import asyncio
import contextlib
import re
from pathlib import Path
from typing import Final

_BYTES: Final = 65_536
_COMMITTED: Final = re.compile(rb"COMMIT\0|INSERT 0 [0-9]+\0")
"""The tag that ends a transaction, or a statement that is one by itself."""


class Doubt:
    """The way; `folder` takes the place of the server's in a URL."""

    def __init__(self, folder: Path, server: Path) -> None:
        """From a socket of the same name in `folder` to the one in the server's folder."""
        self.folder = folder
        self.cuts = 0
        self._server = server
        self._armed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None

    def arm(self) -> None:
        """Swallow the next commit's answer."""
        self._armed = True

    async def open(self) -> None:
        """Listen."""
        self.folder.mkdir(mode=0o700)
        self._listening = await asyncio.start_unix_server(self._carry, self.folder / self._server.name)

    async def close(self) -> None:
        """Listen no more, and end what is carried."""
        if self._listening is not None:
            self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            back, forth = await asyncio.open_unix_connection(self._server)
            pumps = {
                asyncio.create_task(self._pump(reader, forth, answers=False)),
                asyncio.create_task(self._pump(back, writer, answers=True)),
            }
            self._tasks |= pumps
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                self._tasks -= pumps
                forth.transport.abort()
        writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while raw := await source.read(_BYTES):
                if answers and self._armed and _COMMITTED.search(raw):
                    self._armed = False
                    self.cuts += 1
                    return
                sink.write(raw)
                await sink.drain()
