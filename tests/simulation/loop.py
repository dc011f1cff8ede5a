"""The simulated time: an asyncio event loop that never waits, and machines that can be killed at any step.

Time jumps from one timer to the next; callbacks run in the order in which they came; nothing runs in a
thread. So a run is a function of its seed. Every task belongs to a *life* of a machine, found in its
context; when the life ends, none of its callbacks ever runs again, as after `kill -9`: no `finally`, no
cancellation, no goodbye. Must not know networks, disks or what runs on a machine. Source: FoundationDB's
simulation; TigerBeetle's VOPR.
"""

import asyncio
import collections
import contextvars
import heapq
from asyncio import events
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

STEPS_MAX = 3_000_000
"""Callbacks in one run; more is a loop that goes round for ever."""


class Killed(BaseException):
    """This machine has just been killed; nothing after this line happens on it."""


class OutOfSteps(Exception):
    """The run does not come to an end."""


class Life:
    """One life of a machine: from its start to its death; the next start is another life."""

    def __init__(self, machine: str, loop: "SimLoop") -> None:
        self.machine = machine
        self.alive = True
        self.loop = loop
        self.context = contextvars.copy_context()
        self.context.run(LIFE.set, self)
        self.stopped: list[_Handle] | None = None
        """While the machine stands still (SIGSTOP), what waits to be run on it."""
        self.last_words: list[Callable[[], None]] = []
        """What the rest of the world does when this life ends: its sockets break."""

    def start(self, work: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T]:
        """Run something on this machine."""
        return self.loop.create_task(work, name=name, context=self.context)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str = "") -> None:
        """Run something on this machine that nobody waits for; the loop keeps it."""
        task = self.start(work, name)
        assert task is not None

    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> "_Handle":
        """Call something on this machine at a time (s), unless it is dead by then."""
        return self.loop.call_at(when, callback, *args, context=self.context)

    def stop_still(self) -> None:
        """Run nothing more for now; the machine's clock goes on without it."""
        if self.stopped is None:
            self.stopped = []

    def go_on(self) -> None:
        """Run what has come meanwhile, late."""
        if self.stopped is not None:
            waiting, self.stopped = self.stopped, None
            self.loop.ready(waiting)

    def end(self) -> None:
        """Kill the machine; whoever calls this from within it raises `Killed` next."""
        if not self.alive:
            return
        self.alive = False
        for word in self.last_words:
            word()


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


def here() -> Life:
    """The life that is running now.

    Raises:
      Killed: it has ended meanwhile.
    """
    life = LIFE.get()
    assert life is not None, "this runs on no machine"
    if not life.alive:
        raise Killed
    return life


class _Handle(list[Any]):
    """A callback that may be cancelled: `[context, callback, *args]`, empty once it is cancelled.

    A list, because a run makes tens of thousands, and a list is made without a step of Python.
    """

    __slots__ = ()

    def cancel(self) -> None:
        self.clear()

    def cancelled(self) -> bool:
        return not self


_Loop: Any = asyncio.AbstractEventLoop
"""Only what the shells use of a loop is made here."""


class SimLoop(_Loop):  # type: ignore[misc]
    """As much of an event loop as the shells use."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.steps = 0
        self.faults: list[str] = []
        """What nobody caught, in a machine that was alive."""
        self._ready: collections.deque[_Handle] = collections.deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._made = 0
        self._tasks: list[tuple[Life | None, asyncio.Task[Any]]] = []
        self._over = False

    # --- what asyncio asks of a loop --------------------------------------------------------

    def time(self) -> float:
        return self.now_s

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> _Handle:
        handle = _Handle((contextvars.copy_context() if context is None else context, callback, *args))
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> _Handle:
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> _Handle:
        return self.call_at(self.now_s + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> _Handle:
        handle = _Handle((contextvars.copy_context() if context is None else context, callback, *args))
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=name or "task", context=context)
        self._tasks.append(((LIFE.get() if context is None else context.get(LIFE)), task))
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """There are no threads: the work is done at once, and heard of in the next step."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            done.set_exception(error)
        return done

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        life = LIFE.get()
        if self._over or (life is not None and not life.alive):
            return
        error = context.get("exception")
        if not isinstance(error, Killed):
            self.faults.append(f"{context.get('message')}: {error!r}")

    def ready(self, handles: list[_Handle]) -> None:
        """Run these next."""
        self._ready.extend(handles)

    # --- running ----------------------------------------------------------------------------

    def run(self, until: Callable[[], bool], until_s: float) -> bool:
        """Run until a condition holds (True) or a time has come (False).

        Raises:
          OutOfSteps: it does not come to an end.
        """
        before = events._get_running_loop()
        events._set_running_loop(self)
        everybody: Any = asyncio.tasks._all_tasks  # type: ignore[attr-defined]
        everybody.add = _not_counted
        try:
            return self._run(until, until_s)
        finally:
            del everybody.add
            events._set_running_loop(before)

    def _run(self, until: Callable[[], bool], until_s: float) -> bool:
        ready, timers = self._ready, self._timers
        while not until():
            if not ready:
                if not timers or timers[0][0] > until_s:
                    return False
                when, _, timer = heapq.heappop(timers)
                if not timer:
                    continue
                self.now_s = max(self.now_s, when)
                ready.append(timer)
                while timers and timers[0][0] <= self.now_s:
                    ready.append(heapq.heappop(timers)[2])
            self._turn(len(ready))
            if self.steps > STEPS_MAX:
                raise OutOfSteps
        return True

    def _turn(self, count: int) -> None:
        ready, life_of = self._ready, LIFE
        self.steps += count
        for _ in range(count):
            handle = ready.popleft()
            if not handle:
                continue
            context = handle[0]
            life = context.get(life_of)
            if life is not None:
                if not life.alive:
                    continue
                if life.stopped is not None:
                    life.stopped.append(handle)
                    continue
            try:
                context.run(*handle[1:])
            except Killed:
                continue
            except Exception as error:  # noqa: BLE001
                self.faults.append(f"a callback failed: {error!r}")

    def unheard(self) -> list[str]:
        """What tasks of living machines failed with, and nobody has asked.

        A machine that was killed right after its task had failed cannot ask any more, and is not blamed.
        """
        return [
            f"{task.get_name()}: {task.exception()!r}"
            for life, task in self._tasks
            if (life is None or life.alive) and task.done() and not task.cancelled() and task._log_traceback
        ]

    def close(self) -> None:
        """The world is over: nothing that is let go of now has any effect."""
        self._over = True
        for _, life_task in self._tasks:
            life_task._log_destroy_pending = False  # type: ignore[attr-defined]
            coroutine = life_task.get_coro()
            if not life_task.done() and coroutine is not None:
                _let_go(coroutine)
        self._tasks.clear()
        self._ready.clear()
        self._timers.clear()


def _not_counted(_task: Any) -> None:
    """Nobody asks for all tasks here; asyncio's own list of them costs more than the tasks."""


def _let_go(coroutine: Any) -> None:
    """Close a coroutine that will never run again, whatever it says to that."""
    try:
        coroutine.close()
    except (Exception, Killed, asyncio.CancelledError):  # noqa: BLE001
        return
