"""One line to the coordinator: every call is answered, given up or cancelled, and nothing fails unheard."""

import asyncio
import gc
from typing import Any

from socketio.exceptions import TimeoutError as Unacknowledged

from protocol import wire
from protocol.wire import Pulse, Pulsed
from sub_venue.uplink.line import Line


class _Client:
    """A client whose one call ends as it is told to."""

    def __init__(self) -> None:
        self.end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def call(self, *_asked: object) -> Any:
        return await self.end


async def test_a_call_that_fails_while_its_caller_is_cancelled_is_heard() -> None:
    """Seed 619: a line was taken down in the very step in which an answer was given up."""
    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: unheard.append(told))
    client = _Client()
    line = Line(client, None)  # type: ignore[arg-type]
    caller = asyncio.create_task(line.call(wire.PULSE, Pulse(()), Pulsed, 1_000))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    client.end.set_exception(Unacknowledged())
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait({caller})
    assert caller.cancelled()
    del client, line, caller
    gc.collect()
    assert unheard == []
