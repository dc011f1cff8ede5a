"""Attending to lines while they are up: publishers hear that this end lives, and silence is noticed.

Owns how often, and after how long a line to another worker counts as gone (SPEC 30.5). Must not know what a
source is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Literal, NamedTuple

from aiortc import RTCPeerConnection

from server.media import passthrough
from server.media.stream import Stream
from server.senses import Senses

NUDGE_MS: Final = 500
"""How often a publisher is told that this end lives, and a line to another worker looked at."""
SILENT_MS: Final = 2_000
"""Another worker that says nothing for so long is gone, or its network is: it is offered to anew."""


Kind = Literal["publisher", "viewer", "worker"]


class Attended(NamedTuple):
    """A connection that is up: its id, and who is at its other end."""

    resource: str
    kind: Kind
    connection: RTCPeerConnection


async def run(
    senses: Senses,
    streams: Callable[[], Iterable[Stream]],
    lines: Callable[[], Iterable[Attended]],
    end: Callable[[str], Awaitable[object]],
) -> None:
    """Attend until cancelled; `end` is called with the id of a line that has fallen silent."""
    nudged_ms = 0
    heard: dict[str, tuple[int, int]] = {}
    while True:
        await asyncio.sleep(passthrough.AGAIN_MS / 1000)
        for stream in tuple(streams()):
            await stream.ask_again()
        now_ms = senses.running_ms()
        if now_ms - nudged_ms < NUDGE_MS:
            continue
        nudged_ms = now_ms
        before, heard = heard, {}
        for line in tuple(lines()):
            if line.connection.connectionState != "connected":
                continue
            if line.kind == "publisher":
                for transceiver in line.connection.getTransceivers():
                    await passthrough.nudge(transceiver.receiver)
            elif line.kind == "worker":
                packets = passthrough.heard(line.connection)
                was, since_ms = before.get(line.resource, (-1, now_ms))
                heard[line.resource] = packets, since_ms if packets == was else now_ms
                if packets == was and now_ms - since_ms >= SILENT_MS:
                    await end(line.resource)
