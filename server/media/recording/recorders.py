"""The recorders of a worker: one for each source that is sent here, in the folder of its session (SPEC 31.1).

Owns which source is kept where, and from when to when. What a process that died has left is taken up when the
worker starts, whoever sends then. A recording that cannot be begun is no publisher's fault: it is told of in
the log, and the pictures go on (DESIGN 1.8).
"""

import asyncio
from pathlib import Path

import structlog

from protocol import media
from protocol.limits import ID_CHARS_MAX
from server.media.engine import Engine
from server.media.recording import recorder
from server.media.recording.recorder import Recorder
from server.media.recording.shelf import Kept, Shelf

_log = structlog.get_logger("server.media")


class Recorders:
    """Keeps what is published, under `<root>/<session>/<venue>.<source>/`."""

    def __init__(self, root: Path, venue: str, engine: Engine, bounds: recorder.Bounds) -> None:
        """Keep nothing yet; must be called within a running loop."""
        self._root, self._venue, self._engine, self._bounds = root, venue, engine, bounds
        self._loop = asyncio.get_running_loop()
        self._open: dict[tuple[str, str], Recorder] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._beginning = asyncio.Lock()

    def take_up(self, number: int = 0, workers: int = 1) -> int:
        """Enter what a process that died has left without a line; how many folders were looked at.

        Only of sessions that this worker carries, the one with this number of so many.

        Raises:
          OSError: a folder cannot be used.
        """
        folders = sorted(
            one
            for one in self._root.glob("*/*")
            if one.is_dir() and media.worker_of(one.parent.name, workers) == number
        )
        for folder in folders:
            Shelf(folder.parent, folder.name)
        return len(folders)

    async def expect(self, session: str, source: str) -> None:
        """Keep a source from its first packet on; nothing where it is kept already."""
        async with self._beginning:
            # Whoever kept it before has the folder until its last segment is written.
            await asyncio.gather(*self._closing, return_exceptions=True)
            name = f"{self._venue}.{source}"
            if (session, source) in self._open:
                return
            try:
                if len(name) > ID_CHARS_MAX:
                    raise OSError("its name is too long")
                made = await asyncio.to_thread(self._made, session, source, name)
            except OSError as error:
                _log.error("not_recorded", session=session, source=name, why=str(error))
                return
            self._open[session, source] = made
            self._engine.record(f"{session}/{source}", made)

    def finish(self, session: str) -> None:
        """Keep nothing more of a session; its last segments are written in the background."""
        for key in [one for one in self._open if one[0] == session]:
            made = self._let_go(key)
            task = asyncio.create_task(asyncio.to_thread(made.close))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Write what is queued, finish every segment."""
        for session in {session for session, _ in self._open}:
            self.finish(session)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _made(self, session: str, source: str, name: str) -> Recorder:
        def ask(_: str) -> None:
            self._loop.call_soon_threadsafe(self._engine.keyframe, f"{session}/{source}")

        def kept(one: Kept) -> None:
            content = one.content
            _log.info("segment", session=session, source=name, number=content.number, octets=content.octets)

        return Recorder(self._root / session, name, ask_keyframe=ask, kept=kept, bounds=self._bounds)

    def _let_go(self, key: tuple[str, str]) -> Recorder:
        made = self._open.pop(key)
        self._engine.unrecord("/".join(key), made)
        return made
