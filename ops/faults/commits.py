"""A way to PostgreSQL that can be cut at the one moment that leaves a doubt: committed, and not yet told.

Owns a Unix socket before the server's own. What passes is carried; while armed, the next answer that says
that entries were committed is swallowed, and the connection with it. An append is a SELECT over statements
that write, so its tag alone looks like a reading's: what tells it is the connection, which has asked to
insert entries and does nothing else. Source: PostgreSQL 15, 55.7 (CommandComplete, ReadyForQuery).
"""

import asyncio
import contextlib
import re
from pathlib import Path
from typing import Final

_BYTES: Final = 65_536
_APPENDS: Final = b"INSERT INTO entries"
"""What only the connection that appends asks."""
_COMMITTED: Final = re.compile(rb"(?:COMMIT|SELECT [0-9]+)\0Z\0\0\0\x05I")
"""The tag of a statement after which no transaction is open: what it wrote is committed."""


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
        """Swallow the answer to the next commit of entries."""
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
            appends = asyncio.Event()
            pumps = {
                asyncio.create_task(self._ask(reader, forth, appends)),
                asyncio.create_task(self._answer(back, writer, appends)),
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

    async def _ask(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, appends: asyncio.Event
    ) -> None:
        before = b""
        with contextlib.suppress(OSError):
            while raw := await source.read(_BYTES):
                if _APPENDS in before + raw:
                    appends.set()
                before = raw[-len(_APPENDS) :]
                sink.write(raw)
                await sink.drain()

    async def _answer(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, appends: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while raw := await source.read(_BYTES):
                if self._armed and appends.is_set() and _COMMITTED.search(raw):
                    self._armed = False
                    self.cuts += 1
                    return
                sink.write(raw)
                await sink.drain()
