"""The renderer: the drawing process as the node sees it; one job at a time, and no job may hurt the node.

Owns starting it at the first job, a bounded line of jobs before it, a time for each job after which it is
killed, and starting it again. A page that has ended it twice is not tried again while the node runs. Who may
read what is decided before anything comes here. Must not know sockets or seats.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from protocol.refusals import Refusal, refuse
from sub_venue.config import Bounds
from sub_venue.reading_room import jobs
from sub_venue.reading_room.jobs import Done, Job

PROGRAM: Final = ("-I", "-m", "sub_venue.reading_room.drawing")
STRIKES_MAX: Final = 2
"""How often a page may end the drawing process before it is left alone."""
STRUCK_MAX: Final = 1_024
"""Pages that are remembered for that."""
ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8"}
"""All that the drawing process is told of its surroundings; nothing of the node's own."""

PAUSES_MAX: Final = 10
"""The longest pause before a new start, in first pauses."""

_log = structlog.get_logger("sub_venue.reading_room")


class _Ended(Exception):
    """The drawing process ended, or was killed, in the middle of a job."""


class Renderer:
    """The drawing process of one node; there is none before the first job."""

    def __init__(
        self, bounds: Bounds, running_ms: Callable[[], int], program: tuple[str, ...] = PROGRAM
    ) -> None:
        """Nothing runs yet; `program` is what follows the interpreter's name."""
        self._bounds = bounds
        self._running_ms = running_ms
        self._program = program
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._strikes: dict[tuple[bytes, int], int] = {}
        self._failed_starts = 0
        self._not_before_ms = 0
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The drawing process as it runs now, for tests and the keeper."""
        return None if self._process is None else self._process.pid

    async def do(self, job: Job) -> tuple[Done, bytes] | Refusal:
        """What comes of a job, and the picture that it drew.

        Refuses `TooBusy` where the line is full, `ReaderRestarting` while the process cannot be started,
        `UnknownDocument`, `DocumentChanged` and `PageUnreadable` for what the document is.
        """
        if self._waiting >= self._bounds.reading_jobs_max:
            return refuse("TooBusy")
        if self._strikes.get(_page_of(job), 0) >= STRIKES_MAX:
            return refuse("PageUnreadable")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._do(job)
        finally:
            self._waiting -= 1

    async def stop(self) -> None:
        """End the process; whoever waits is refused."""
        self._stopped = True
        await self._end()

    async def _do(self, job: Job) -> tuple[Done, bytes] | Refusal:
        if self._stopped:
            return refuse("Stopping")
        process = await self._running()
        if process is None:
            return refuse("ReaderRestarting")
        try:
            async with asyncio.timeout(self._bounds.reading_job_ms / 1000):
                done, picture = await _ask(process, job)
        except (_Ended, TimeoutError) as error:
            self._strike(job, "took too long" if isinstance(error, TimeoutError) else "ended it")
            await self._end()
            return refuse("PageUnreadable")
        except BaseException:
            # Cancelled in the middle: the pipe holds half an answer, so this process is of no more use.
            await self._end()
            raise
        self._failed_starts = 0
        match done.fault:
            case None:
                return done, picture
            case "changed":
                return refuse("DocumentChanged")
            case "no_page":
                return refuse("UnknownDocument")
            case _:
                return refuse("PageUnreadable")

    async def _running(self) -> Process | None:
        """The process, started where none runs; None for a while after it could not be started."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        if self._running_ms() < self._not_before_ms:
            return None
        await self._end()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self._program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=ENVIRONMENT,
                cwd="/", start_new_session=True, limit=jobs.ANSWER_BYTES_MAX,
            )  # fmt: skip
            async with asyncio.timeout(self._bounds.reading_job_ms / 1000):
                await _heard(self._process)
        except (OSError, TimeoutError, _Ended) as error:
            _log.error("the drawing process cannot be started", error=repr(error))
            await self._end()
            self._put_off()
            return None
        except BaseException:
            await self._end()
            raise
        _log.info("drawing process started", pid=self._process.pid)
        return self._process

    def _put_off(self) -> None:
        """The first failure is followed by a new start at once; those after it wait longer and longer."""
        pauses = min(self._failed_starts, PAUSES_MAX)
        self._failed_starts += 1
        self._not_before_ms = self._running_ms() + self._bounds.reading_pause_ms * pauses

    def _strike(self, job: Job, why: str) -> None:
        place = _page_of(job)
        if len(self._strikes) >= STRUCK_MAX:
            self._strikes.pop(next(iter(self._strikes)))
        self._strikes[place] = self._strikes.get(place, 0) + 1
        self._put_off()
        _log.warning("a page cannot be drawn", page=job.pages[0], kind=job.kind, why=why)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._bounds.stop_wait_ms / 1000):
                await process.wait()


def _page_of(job: Job) -> tuple[bytes, int]:
    return job.source.sha256, 0 if job.kind == "about" else job.pages[0]


async def _ask(process: Process, job: Job) -> tuple[Done, bytes]:
    """Put a job to the process and read its answer.

    Raises:
      _Ended: it ended before it had answered, or answered nonsense.
    """
    assert process.stdin is not None
    try:
        process.stdin.write(jobs.framed(job))
        await process.stdin.drain()
    except OSError as error:
        raise _Ended(str(error)) from error
    return await _heard(process)


async def _heard(process: Process) -> tuple[Done, bytes]:
    """The next answer; the first one only says that the process is ready."""
    assert process.stdout is not None
    try:
        head = await process.stdout.readexactly(jobs.LENGTH_BYTES)
        done = msgspec.msgpack.decode(await process.stdout.readexactly(jobs.length(head)), type=Done)
        if not 0 <= done.picture_bytes <= jobs.ANSWER_BYTES_MAX:
            raise ValueError(done.picture_bytes)
        return done, await process.stdout.readexactly(done.picture_bytes)
    except (OSError, asyncio.IncompleteReadError, ValueError, msgspec.MsgspecError) as error:
        raise _Ended(str(error)) from error
