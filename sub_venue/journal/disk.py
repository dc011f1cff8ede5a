"""The one writer of a node's disk: a thread that takes whatever waits and makes it durable together.

Owns append-only files of frames and the group commit: everything that waits is written, each file touched
is fdatasynced once, and only then is anybody answered. So seats that seal at one moment share an fdatasync.
A write that fails (disk full) is cut off again and only its own callers hear of it; after an fdatasync that
fails what it should have made durable is cut off too, and nothing of that file is believed any more until the
process starts anew and reads what is really there; `failed` says that it must.
Must not know what a payload means. Source: fsync(2), fdatasync(2); "fsyncgate" (PostgreSQL, 2018).
"""

# tidy: long because everything that may touch the disk, and what a failing one means, is one thing.

import asyncio
import contextlib
import functools
import os
import queue
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from msgspec import Struct

from sub_venue.journal import frames
from sub_venue.journal.frames import Frame

T = TypeVar("T")

ROOM_BYTES: Final = 65_536
"""So much must be taken again before a disk that refused a write is believed to take the next."""
ROOM_S: Final = 1.0
"""How often that is tried, while nobody else writes."""
_PRIVATE = 0o600
_FOLDER = 0o700
_log = structlog.get_logger("sub_venue.journal")


class NotDurable(Exception):
    """The disk cannot take it right now: full, failing, or given up on. Nothing may be acknowledged."""


class AppendFile:
    """A file of frames that only grows. Only the writer thread touches it after it was opened."""

    def __init__(self, path: Path, handle: int, size: int) -> None:
        """Begin at a size that is on disk for certain."""
        self.path = path
        self.handle = handle
        self.size = size
        self.durable = size
        self.broken = False


class Written(Struct, frozen=True):
    """Where a payload's frame begins and ends in its file; durable when this is seen."""

    offset: int
    end: int


class _Job(Struct):
    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Future[Any]
    file: AppendFile | None = None
    payload: bytes = b""
    work: Callable[[], Any] | None = None
    result: Any = None
    error: Exception | None = None


class Disk:
    """Opens files of frames, appends to them in groups, and does other durable work in between."""

    def __init__(self, group_bytes_max: int, sync: Callable[[int], None] = os.fdatasync) -> None:
        """Start the writer thread; `sync` makes a file's bytes durable."""
        self._group_bytes_max = group_bytes_max
        self._sync = sync
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._files: list[AppendFile] = []
        self._closed = False
        self._refused = False
        self._mourner: tuple[asyncio.AbstractEventLoop, asyncio.Future[str]] | None = None
        self._thread = threading.Thread(target=self._run, name="venue-disk", daemon=True)
        self._thread.start()

    @property
    def sound(self) -> bool:
        """Whether every file still takes what it is given."""
        return not self._closed and not any(file.broken for file in self._files)

    @property
    def takes(self) -> bool:
        """Whether the last write was taken, or one would be again: False while the disk is full."""
        return self.sound and not self._refused

    def open(self, path: Path) -> tuple[AppendFile, tuple[Frame, ...]]:
        """Open a file of frames, make it where there is none, and drop its torn tail.

        What is dropped is kept beside it (`<name>.torn`), because somebody may want to look.

        Raises:
          DamagedFile: bytes that were durable have changed.
          OSError: the file cannot be read or written.
        """
        if _doubt_of(path).exists():
            # As a file of its own, every byte is written anew, and not only marked as written.
            replace_file(path, path.read_bytes())
            _doubt_of(path).unlink(missing_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        try:
            raw = path.read_bytes()
            try:
                found = frames.scan(raw)
            except frames.DamagedFile as error:
                raise frames.DamagedFile(error.offset, path.name) from error
            if found.end < len(raw):
                torn = raw[found.end :]
                replace_file(path.with_name(path.name + ".torn"), torn)
                _log.warning("torn tail dropped", file=path.name, offset=found.end, bytes=len(torn))
                os.ftruncate(handle, found.end)
            end = found.end
            if end == 0:
                os.pwrite(handle, frames.MAGIC, 0)
                end = len(frames.MAGIC)
            try:
                self._sync(handle)
            except OSError:
                _doubt(path)
                raise
            sync_folder(path.parent)
        except BaseException:
            os.close(handle)
            raise
        file = AppendFile(path, handle, end)
        self._files.append(file)
        return file, found.frames

    def read(self, file: AppendFile, where: Written) -> bytes:
        """A payload that was appended before.

        Raises:
          DamagedFile: it is not what was written.
        """
        raw = os.pread(file.handle, where.end - where.offset, where.offset)
        payload = frames.decode(raw)
        if payload is None:
            raise frames.DamagedFile(where.offset, file.path.name)
        return payload

    async def failed(self) -> str:
        """Wait until a file takes nothing any more; its name. The process should end and start anew."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[str] = loop.create_future()
        self._mourner = (loop, waiting)
        broken = next((file for file in self._files if file.broken), None)
        return await waiting if broken is None else broken.path.name

    async def append(self, file: AppendFile, payload: bytes) -> Written:
        """Append one payload; when this returns it is on disk.

        Raises:
          NotDurable: it is not, and nothing of it will be read after a restart that is not whole.
        """
        written: Written = await self._put(file=file, payload=payload)
        return written

    async def do(self, work: Callable[[], T]) -> T:
        """Do other work in the writer thread, after everything that was put before it.

        Raises:
          NotDurable: the work met an `OSError`.
        """
        result: T = await self._put(work=work)
        return result

    async def close(self) -> None:
        """Finish what waits, then close every file."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _put(self, **job: Any) -> Any:
        return await self._enqueue(**job)

    def _enqueue(self, **job: Any) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Any] = loop.create_future()
        if self._closed:
            waiting.set_exception(NotDurable("the disk is closed"))
        else:
            self._jobs.put(_Job(loop, waiting, **job))
        return waiting

    # --- the writer thread ----------------------------------------------------------------

    def _run(self) -> None:
        while True:
            group, last = self._gather()
            for some in _apart(group):
                if some[0].work is not None:
                    self._do(some[0])
                else:
                    self._append(some)
            _answer(group)
            if last:
                break
        for file in self._files:
            os.close(file.handle)

    def _gather(self) -> tuple[list[_Job], bool]:
        """What waits now, at least one job, up to the group's bytes; and whether it is the last."""
        group: list[_Job] = []
        size = 0
        job = self._next()
        while job is not None:
            group.append(job)
            size += len(job.payload)
            if size >= self._group_bytes_max:
                return group, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _next(self) -> _Job | None:
        """Wait for a job; a disk that refused one is tried meanwhile, so that it tells when it has room."""
        while self._refused:
            try:
                return self._jobs.get(timeout=ROOM_S)
            except queue.Empty:
                self._refused = not self._has_room()
        return self._jobs.get()

    def _has_room(self) -> bool:
        """Whether the disk takes something, tried beside the files and not in them."""
        beside = self._files[0].path.with_name(".room") if self._files else None
        if beside is None:
            return True
        try:
            replace_file(beside, bytes(ROOM_BYTES))
        except OSError:
            return False
        finally:
            for left in (beside, beside.with_name(f".{beside.name}.new")):
                left.unlink(missing_ok=True)
        return True

    def _do(self, job: _Job) -> None:
        assert job.work is not None
        try:
            job.result = job.work()
        except OSError as error:
            job.error = NotDurable(str(error))
            self._refused = True
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to whoever waits, not to this thread
            job.error = error

    def _append(self, group: list[_Job]) -> None:
        files: dict[int, AppendFile] = {}
        for job in group:
            assert job.file is not None
            files[job.file.handle] = job.file
            self._write(job, job.file)
        for file in files.values():
            if file.broken or file.size == file.durable:
                continue
            try:
                self._sync(file.handle)
                file.durable = file.size
                self._refused = any(job.error is not None for job in group)
            except OSError as error:
                file.broken = True
                _log.exception("fdatasync failed; the file is given up until a restart", file=file.path.name)
                self._drop_unsure(file)
                self._mourn(file)
                for job in group:
                    if job.file is file and job.error is None:
                        job.error = NotDurable(str(error))

    def _mourn(self, file: AppendFile) -> None:
        if self._mourner is not None:
            loop, waiting = self._mourner
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_say_once, waiting, file.path.name)

    @staticmethod
    def _drop_unsure(file: AppendFile) -> None:
        """Take back what was written since the last fdatasync; the next start writes all the rest anew."""
        _doubt(file.path)
        with contextlib.suppress(OSError):
            os.ftruncate(file.handle, file.durable)

    def _write(self, job: _Job, file: AppendFile) -> None:
        """Write one frame behind the file's end, or leave no trace of it."""
        if file.broken:
            job.error = NotDurable(f"{file.path.name} has failed before")
            return
        frame = frames.encode(job.payload, file.durable)
        try:
            _write_all(file.handle, frame, file.size)
        except OSError as error:
            job.error = NotDurable(str(error))
            if not self._refused:
                # Once is enough: who retries would fill what is left of the disk with the log.
                _log.exception("write failed", file=file.path.name, size=file.size)
            self._refused = True
            try:
                os.ftruncate(file.handle, file.size)
            except OSError:
                file.broken = True
                self._mourn(file)
            return
        job.result = Written(file.size, file.size + len(frame))
        file.size += len(frame)


def _doubt_of(path: Path) -> Path:
    return path.with_name(path.name + ".doubt")


def _doubt(path: Path) -> None:
    """Note that an fdatasync of a file has failed.

    The kernel may mark as clean what it could not write, show it to the next process as if it were on the
    disk, and never write it; what is built on it is gone after a power cut. The note need not be durable: it
    lasts as long as what it warns of, which is only in memory too.
    """
    with contextlib.suppress(OSError):
        _doubt_of(path).touch(_PRIVATE)


def replace_file(path: Path, raw: bytes) -> None:
    """Put bytes at a path for their owner alone: complete and durable, or as it was before.

    Raises:
      OSError: the disk does not take them.
    """
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE)
    try:
        _write_all(handle, raw, 0)
        os.fdatasync(handle)
    finally:
        os.close(handle)
    beside.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, durable by its name; one that is there stays as it is.

    What is fsynced within a new folder is still lost with the folder's own name.

    Raises:
      OSError: the disk does not take it.
    """
    if not folder.is_dir():
        folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, raw: bytes, offset: int) -> None:
    done = 0
    while done < len(raw):
        done += os.pwrite(handle, raw[done:], offset + done)


def _apart(group: list[_Job]) -> Iterable[list[_Job]]:
    """Runs of appends, and each other work alone, in the order they came."""
    run: list[_Job] = []
    for job in group:
        if job.work is None:
            run.append(job)
            continue
        if run:
            yield run
        run = []
        yield [job]
    if run:
        yield run


def _answer(group: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(functools.partial(_settle, jobs))
        except RuntimeError:
            # The loop has ended and nobody waits any more; what was written stays written.
            continue


def _say_once(waiting: asyncio.Future[str], what: str) -> None:
    if not waiting.done():
        waiting.set_result(what)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.waiting.done():
            continue
        if job.error is not None:
            job.waiting.set_exception(job.error)
        else:
            job.waiting.set_result(job.result)
