"""The nursery: a process that reads the libraries once and forks every process of a stack from there.

Owns making children quickly (reading the libraries is most of a start), saying when one has ended, and
ending all of them when the stack's own process is gone. It loads what is common to all, the libraries and
`protocol/`, and no room of coordinator or venue: each child reads its own and meets the others on the wire
only. Single-threaded throughout, so that forking is safe.

One line of JSON per message. To it: `{"start": {module, arguments, log}}`, `{"signal": {pid, number}}`. From
it: `{"started": pid}`, `{"ended": {pid, code}}`, the code negative for a signal's number.
"""

import asyncio
import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

LIBRARIES: Final = (
    "aiohttp.web", "asyncio", "cryptography.x509", "msgspec",
    "prometheus_client", "pydantic_settings", "socketio", "sqlalchemy.dialects.sqlite", "stamina",
    "structlog", "protocol.projection.project", "protocol.session.deadlines", "protocol.wire",
)  # fmt: skip
END_S: Final = 10.0
"""How long children may take to end once nobody is there any more."""

_GONE = "the nursery has ended"
_PR_SET_PDEATHSIG = 1
_BYTES = 65_536
_WAKE = b"\0"


class Job(NamedTuple):
    """What a child is to become: `python -m module *arguments`, speaking into a log."""

    module: str
    arguments: list[str]
    log: str


class Child:
    """A process of the stack, as whoever asked for it sees it."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        """A child that runs."""
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        """Wait until it has ended; its exit code, negative for a signal's number."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended: the nursery knows which pids are still its own."""
        self._nursery.send({"signal": {"pid": self.pid, "number": number}})

    def ended(self, code: int) -> None:
        """It has ended."""
        self.returncode = code
        self._ended.set()


class Nursery:
    """This side of the nursery, within the stack's own event loop."""

    def __init__(self) -> None:
        """Nothing runs before `open`."""
        self._children: dict[int, Child] = {}
        self._early: dict[int, int] = {}
        self._started: asyncio.Queue[int] = asyncio.Queue()
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self, folder: Path, name: str, log: Path, more: Sequence[str] = ()) -> None:
        """Start the nursery in a folder; `name` stands in its command line, so that people know whose it is.

        `more` are further libraries that it reads, for what not every stack has.

        Raises:
          OSError: it cannot be started.
        """
        ours, theirs = socket.socketpair()
        with theirs, log.open("ab") as file:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ops.nursery", str(theirs.fileno()), name, *more,
                cwd=folder, pass_fds=(theirs.fileno(),), start_new_session=True,
                stdin=asyncio.subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._reading = asyncio.create_task(self._read(reader), name="nursery")

    async def start(self, job: Job) -> Child:
        """Fork a child for a job.

        Raises:
          OSError: the nursery is gone.
        """
        async with self._starting:
            if self._reading is None or self._reading.done():
                raise OSError(_GONE)
            self.send({"start": job._asdict()})
            pid = await self._started.get()
        if pid < 0:
            raise OSError(_GONE)
        child = Child(self, pid)
        self._children[pid] = child
        if pid in self._early:
            child.ended(self._early.pop(pid))
        return child

    def send(self, message: dict[str, Any]) -> None:
        """Tell the nursery something; one that is gone is told nothing."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(message).encode() + b"\n")

    async def close(self) -> None:
        """Let go of the nursery; it ends whatever still runs, and itself."""
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                message = json.loads(line)
                if "started" in message:
                    self._started.put_nowait(message["started"])
                else:
                    self._ended(message["ended"]["pid"], message["ended"]["code"])
        self._started.put_nowait(-1)
        for pid, child in self._children.items():
            if child.returncode is None:
                self._ended(pid, -signal.SIGKILL)

    def _ended(self, pid: int, code: int) -> None:
        child = self._children.get(pid)
        if child is None:
            self._early[pid] = code
        else:
            child.ended(code)


# --- the process itself -------------------------------------------------------------------------------------


def main() -> None:
    """Serve the stack on an inherited socket; in a forked child, go on as the process it is to be."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for library in (*LIBRARIES, *sys.argv[3:]):
        importlib.import_module(library)
    gc.collect()
    gc.freeze()
    job = _serve(control)
    if job is not None:
        sys.argv = [job.module, *job.arguments]
        runpy.run_module(job.module, run_name="__main__", alter_sys=True)


def _serve(control: socket.socket) -> Job | None:
    """Fork, reap and signal until the other side is gone; a job means: this is the child."""
    woken, waker = socket.socketpair()
    woken.setblocking(False)
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    mine: set[int] = set()
    kept = b""
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(_BYTES)
            _reap(control, mine)
        if control not in ready:
            continue
        got = control.recv(_BYTES)
        if not got:
            _end_all(mine)
            return None
        *lines, kept = (kept + got).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "signal" in message:
                if message["signal"]["pid"] in mine:
                    os.kill(message["signal"]["pid"], message["signal"]["number"])
                continue
            pid = os.fork()
            if pid == 0:
                return _become(Job(**message["start"]), control, woken, waker)
            mine.add(pid)
            _say(control, {"started": pid})


def _become(job: Job, *sockets: socket.socket) -> Job:
    """In the child: leave everything of the nursery behind."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    for one in sockets:
        one.close()
    return job


def _reap(control: socket.socket, mine: set[int]) -> None:
    while mine:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        mine.discard(pid)
        _say(control, {"ended": {"pid": pid, "code": os.waitstatus_to_exitcode(status)}})


def _say(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        control.sendall(json.dumps(message).encode() + b"\n")


def _end_all(mine: set[int]) -> None:
    """Nobody is there any more: SIGTERM, and SIGKILL for what does not go."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in mine:
            os.kill(pid, number)
        signal.setitimer(signal.ITIMER_REAL, END_S)
        signal.signal(signal.SIGALRM, _too_late)
        try:
            while mine:
                pid, _ = os.waitpid(-1, 0)
                mine.discard(pid)
        except _TooLate:
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class _TooLate(Exception):
    """Children took longer than they may."""


def _too_late(_number: int, _frame: object) -> None:
    raise _TooLate


if __name__ == "__main__":
    main()
