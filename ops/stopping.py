"""Being told to stop: Ctrl-C and SIGTERM end what runs in good order, instead of the program at once.

Owns the signals and the waiting; must not know what is being stopped.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from ops import trouble

T = TypeVar("T")


@contextlib.contextmanager
def stop_signals(stop: Callable[[], None]) -> Iterator[None]:
    """While inside, Ctrl-C and SIGTERM call `stop` instead of ending the program at once."""
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop)
    try:
        yield
    finally:
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)


async def until_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """Do some work until it is done (its result) or `stop` is set (None, the work cancelled)."""
    task = asyncio.ensure_future(work)
    told = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for one in (task, told):
            one.cancel()
        await asyncio.gather(task, told, return_exceptions=True)


def until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run some work as a command's; Ctrl-C and SIGTERM end it in good order.

    Raises:
      Trouble: it was stopped; the exit code is `trouble.STOPPED`.
    """

    async def run() -> T | None:
        stop = asyncio.Event()
        with stop_signals(stop.set):
            return await until_stopped(work, stop)

    found = asyncio.run(run())
    if found is None:
        raise trouble.Trouble("已中止。", "Stopped.", trouble.STOPPED)
    return found
