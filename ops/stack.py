"""The stack: the coordinator and every node as real processes on this one machine.

Owns starting, watching, starting again and stopping them, the servers that several coordinators need with
them (`backing`), and `stack.json`, which says what runs where.
Stops by process id, and only what it started itself. Must not know sessions or people. Logs lie in the data
folder, one file per process.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from ops import certifying, files, ports, senses
from ops.backing import Backing, end_orphans
from ops.installation import LOOPBACK, Installation
from ops.media_workers import LIBRARIES
from ops.nursery import Child, Job, Nursery
from ops.processes import Part, parts
from ops.trouble import Trouble

READY_MS: Final = 30_000
"""How long a process may take until it answers /readyz."""
STOP_MS: Final = 10_000
"""How long a process may take to stop; then it is killed."""
LEAVE_MS: Final = 10_000
"""How long the ports of an earlier start of this same installation are awaited."""
FAILED_STARTS_MAX: Final = 3
"""How often in a row a process may end before it was ready."""
_POLL_S = 0.05
_REVIVE_S = 0.2
_ANSWER_S = 2.0
_LOG_LINES = 12
_PID_BYTES_MAX = 20
_LOCK: Final = "stack.lock"

T = TypeVar("T")
PROJECT: Final = Path(__file__).resolve().parent.parent


class Stack:
    """All processes of one installation; one stack per data folder at a time."""

    def __init__(
        self,
        installation: Installation,
        *,
        restart: bool = True,
        revive: bool | None = None,
        tell: Callable[[str, str], None] | None = None,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Prepare; `restart` starts again what died, `tell(zh, en)` hears what happens.

        `revive` is the same for the servers beneath; `before` is awaited before any process starts.

        Raises:
          Trouble: a server that the installation needs is not installed.
        """
        self.installation = installation
        self.backing = Backing(installation)
        self.parts = parts(installation)
        self.restarts: dict[str, int] = {part.name: 0 for part in self.parts}
        self.broken: asyncio.Future[Trouble] | None = None
        self._restart = restart
        self._revive = restart if revive is None else revive
        self._tell = tell or (lambda _zh, _en: None)
        self._before = before
        self._nursery = Nursery()
        self._answering = certifying.Answering(installation.data)
        self._children: dict[str, Child] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._came_up: set[int] = set()
        """Process ids that were seen ready, whoever looked: a part killed right after is no failed start."""
        self._stopping = False
        self._down: dict[str, asyncio.Event] = {}
        self._lock: int | None = None

    async def start(self) -> None:
        """Start every process and wait until all are ready.

        Raises:
          Trouble: a port is taken, the stack runs already, or a process does not come up.
        """
        self.broken = asyncio.get_running_loop().create_future()
        self._take_lock()
        try:
            end_orphans(self.installation.data, self._earlier())
            await self._await_ports()
            if self._before is not None:
                await self._before()
            await asyncio.to_thread(self.backing.start)
            if self.installation.shape.authorities:
                port = self.installation.authorities_port
                await self._answering.start(port)
                main = self.installation.config(self.installation.main.place.node).parent
                await asyncio.to_thread(self._answering.tell, port, main)
            more = LIBRARIES if self.installation.media else ()
            await self._nursery.open(PROJECT, str(self.installation.data), self._log_of("nursery"), more)
            for part in self.parts:
                await self._spawn(part)
            self._watchers = [asyncio.create_task(self._watch(part), name=part.name) for part in self.parts]
            if self._revive:
                self._watchers.append(asyncio.create_task(self._watch_backing(), name="backing"))
            await self.unless_broken(self._all_ready())
        except BaseException:
            await self.stop()
            raise

    async def unless_broken(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work that needs the stack; ends early when a part does not keep running.

        Raises:
          Trouble: which part, and the last lines of its log.
        """
        assert self.broken is not None
        task: asyncio.Future[Any] = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self.broken}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise self.broken.result()
            result: T = await task
            return result
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _all_ready(self) -> None:
        await asyncio.gather(*(self.wait_ready(part.name) for part in self.parts))

    async def stop(self) -> None:
        """Stop what this stack started: SIGTERM, then SIGKILL for what does not go."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers = []
        running = [child for child in self._children.values() if child.returncode is None]
        for child in running:
            child.send_signal(signal.SIGTERM)
        late = await _wait_all(running, STOP_MS)
        for child in late:
            child.send_signal(signal.SIGKILL)
        await _wait_all(late, STOP_MS)
        await self._nursery.close()
        self._children = {}
        await self._answering.stop()
        await asyncio.to_thread(self.backing.stop)
        if self._lock is not None:
            _note_path(self.installation.data).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def pid(self, name: str) -> int:
        """The process id of a part as it runs now.

        Raises:
          KeyError: no such part was started.
        """
        return self._children[name].pid

    def keep_down(self, name: str) -> None:
        """Kill a part as a power cut does (SIGKILL); it is not started again before `let_up`."""
        self._down.setdefault(name, asyncio.Event())
        os.kill(self.pid(name), signal.SIGKILL)

    def is_down(self, name: str) -> bool:
        """Whether a part is kept down."""
        return name in self._down

    def let_up(self, name: str) -> None:
        """Let a part that is kept down be started again."""
        self._down.pop(name).set()

    async def wait_ready(self, name: str, timeout_ms: int = READY_MS) -> None:
        """Wait until a part answers /readyz with 200.

        Raises:
          Trouble: it does not in time.
        """
        part = next(part for part in self.parts if part.name == name)
        until = senses.running_ms() + timeout_ms
        while True:
            pid = self.pid(name)
            if await answers(part.health_port, part.host, "/readyz"):
                self._came_up.add(pid)
                return
            if senses.running_ms() > until:
                raise self._not_ready(part)
            await asyncio.sleep(_POLL_S)

    async def start_again(self, name: str) -> None:
        """Start a part that has ended and is not started again by itself (`restart` off); ready on return.

        Raises:
          Trouble: it does not come up.
        """
        part = next(part for part in self.parts if part.name == name)
        await self._spawn(part)
        self._watchers.append(asyncio.create_task(self._watch(part), name=name))
        await self.wait_ready(name)

    async def _watch(self, part: Part) -> None:
        """Owns one child: sees it end, starts it again, gives up when it keeps failing."""
        failures = 0
        while True:
            child = self._children[part.name]
            ready = asyncio.create_task(self.wait_ready(part.name))
            code = await child.wait()
            ready.cancel()
            await asyncio.gather(ready, return_exceptions=True)
            failures = 0 if child.pid in self._came_up else failures + 1
            self._came_up.discard(child.pid)
            if self._stopping:
                return
            self._tell(
                f"{part.zh}(PID {child.pid})已退出:{_ending(code)}。",
                f"The {part.en} (PID {child.pid}) has ended: {_ending(code)}.",
            )
            if part.name in self._down:
                await self._down[part.name].wait()
            try:
                if not self._restart or failures >= FAILED_STARTS_MAX:
                    raise OSError(_ending(code))
                await self._spawn(part)
            except OSError as error:
                assert self.broken is not None
                if not self.broken.done():
                    self.broken.set_result(self._ended(part, str(error)))
                return
            self.restarts[part.name] += 1

    async def _watch_backing(self) -> None:
        """Start a server beneath again when it has died; give up when it does not come up."""

        def tell(name: str) -> None:
            self._tell(f"{name} 已退出,正在重新启动。", f"{name} has ended and is started again.")

        while True:
            await asyncio.sleep(_REVIVE_S)
            try:
                if len(self.backing.pids()) < len(tuple(self.backing.all())):
                    await asyncio.to_thread(self.backing.revive, tell)
                    self._write_note()
            except Trouble as trouble:
                assert self.broken is not None
                if not self.broken.done():
                    self.broken.set_result(trouble)
                return

    async def _spawn(self, part: Part) -> None:
        config = str(self.installation.config(part.name))
        job = Job(part.module, [*part.arguments, "--config", config], str(self._log_of(part.name)))
        self._children[part.name] = await self._nursery.start(job)
        self._write_note()

    def _write_note(self) -> None:
        value = {
            "v": 1,
            "pid": os.getpid(),
            "ports_from": self.installation.ports_from,
            "processes": {name: child.pid for name, child in self._children.items()} | self.backing.pids(),
        }
        files.write_json(_note_path(self.installation.data), value)

    def _earlier(self) -> dict[str, int]:
        """What ran here at the last start, by name."""
        found: dict[str, int] = (files.read_json(_note_path(self.installation.data)) or {}).get(
            "processes", {}
        )
        return found

    def _take_lock(self) -> None:
        self._lock = _locked(self.installation.data)
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    async def _await_ports(self) -> None:
        """Every port is free; those an earlier start still holds are awaited for a while."""
        earlier = set(self._earlier().values())
        until = senses.running_ms() + LEAVE_MS
        for part in self.parts:
            # The proxy's port is named as the coordinator's: it stands before all of them.
            for port in part.ports if part is not self.parts[0] else (*self.backing.ports, *part.ports):
                while not ports.is_free(port):
                    held = ports.holder(port)
                    if held is None or held.pid not in earlier or senses.running_ms() > until:
                        raise _port_taken(part, port, held, self.installation.ports_from + 100)
                    await asyncio.sleep(_POLL_S)

    def _log_of(self, name: str) -> Path:
        return self.installation.logs / f"{name}.log"

    def _not_ready(self, part: Part) -> Trouble:
        return Trouble(
            f"{part.zh}在 {READY_MS // 1000} 秒内没有就绪。日志:{self._log_of(part.name)}",
            f"The {part.en} was not ready within {READY_MS // 1000} s. Its log: {self._log_of(part.name)}"
            f"\n{self._last_lines(part)}",
        )

    def _ended(self, part: Part, why: str) -> Trouble:
        return Trouble(
            f"{part.zh}无法运行({why})。日志:{self._log_of(part.name)}",
            f"The {part.en} does not keep running ({why}). Its log: {self._log_of(part.name)}"
            f"\n{self._last_lines(part)}",
        )

    def _last_lines(self, part: Part) -> str:
        lines = self._log_of(part.name).read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "\n".join(f"    {line}" for line in lines)


async def answers(port: int, host: str, path: str) -> bool:
    """Whether a process on loopback answers a GET with 200, asked under its own name."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    return False


def running(data: Path) -> dict[str, int]:
    """Process ids by name of the stack that runs on a data folder; empty when none does."""
    note = files.read_json(_note_path(data)) or {}
    found: dict[str, int] = note.get("processes", {})
    return {name: pid for name, pid in found.items() if str(data) in ports.command_line(pid)}


def require_stopped(data: Path) -> None:
    """See, before an installation is changed, that no stack runs on it.

    Raises:
      Trouble: one does.
    """
    if (data / _LOCK).exists():
        os.close(_locked(data))


def _locked(data: Path) -> int:
    """The lock of whoever runs the stack, held until it is closed.

    Raises:
      Trouble: another process holds it.
    """
    handle = os.open(data / _LOCK, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        pid = os.pread(handle, _PID_BYTES_MAX, 0).decode(errors="replace").strip() or "?"
        os.close(handle)
        raise Trouble(
            f"{data} 的系统已在运行(PID {pid})。请先停止它(在其终端按 Ctrl-C),或用 --data 指定另一个文件夹。",
            f"The stack of {data} is running already (PID {pid}). Stop it first (Ctrl-C in its terminal), or "
            "name another folder with --data.",
        ) from error
    return handle


def _note_path(data: Path) -> Path:
    return data / "stack.json"


def _port_taken(part: Part, port: int, held: ports.Holder | None, other: int) -> Trouble:
    zh = f"被 PID {held.pid}({held.command})" if held else "被其他程序"
    en = f"by PID {held.pid} ({held.command})" if held else "by another program"
    return Trouble(
        f"{part.zh}要用的端口 {port} 已{zh}占用。请停止该程序,或换一组端口:--ports-from {other}。",
        f"Port {port}, which the {part.en} needs, is taken {en}. Stop that program, or use other ports: "
        f"--ports-from {other}.",
    )


def _ending(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit {code}"


async def _wait_all(children: list[Child], timeout_ms: int) -> list[Child]:
    """Wait for children to end; those that did not in time."""
    if children:
        await asyncio.wait(
            [asyncio.ensure_future(child.wait()) for child in children], timeout=timeout_ms / 1000
        )
    return [child for child in children if child.returncode is None]
