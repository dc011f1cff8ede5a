"""A line to a database's server that a test can cut."""

import asyncio
import contextlib
from pathlib import Path

from ops.postgres import Cluster


class Line:
    """A way to the server that can be cut just when its answer comes back."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._target = str(next(cluster.data_dir.glob(".s.PGSQL.*[0-9]")))
        self.folder = folder
        self.folder.mkdir()
        self.flowing = asyncio.Event()
        """While it is not set nothing passes, and nobody is told."""
        self.flowing.set()
        self.cuts = 0
        """How many further answers are swallowed, the line with them."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        path = self.folder / Path(self._target).name
        self._server = await asyncio.start_unix_server(self._meet, path)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(self._target)
        for task in (self._copy(reader, forth), self._copy(back, writer, answers=True)):
            self._tasks.add(asyncio.create_task(task))

    async def _copy(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while raw := await source.read(65_536):
                await self.flowing.wait()
                if answers and self.cuts:
                    self.cuts -= 1
                    break
                sink.write(raw)
                await sink.drain()
        sink.transport.abort()
