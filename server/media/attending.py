"""Attending to lines: both kinds are told what they wait for, silence is noticed, who never came is let go.

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
    """A connection, up or on its way: its id, and who is at its other end."""

    resource: str
    kind: Kind
    connection: RTCPeerConnection
    rate: int = 0
    """What a publisher may send at most, all streams together, bits a second."""
    ssrcs: tuple[int, ...] = ()


async def run(
    senses: Senses,
    streams: Callable[[], Iterable[Stream]],
    lines: Callable[[], Iterable[Attended]],
    report: Callable[[int], None],
    end: Callable[[str], Awaitable[object]],
    connecting_ms: int,
) -> None:
    """Attend until cancelled.

    Args:
      senses: the clock.
      streams: all streams that may miss packets.
      lines: all lines.
      report: called every `AGAIN_MS` or so with the time, for what viewers are told.
      end: called with the id of a line that has fallen silent, or was not up within its time.
      connecting_ms: how long a line may take until it is up. Who died between offer and answer never says so,
        and aiortc tells of no line whose addresses lead nowhere.
    """
    nudged_ms = 0
    begun: dict[str, int] = {}
    heard: dict[str, tuple[int, int]] = {}
    while True:
        await asyncio.sleep(passthrough.AGAIN_MS / 1000)
        for stream in tuple(streams()):
            await stream.ask_again()
        now_ms = senses.running_ms()
        report(now_ms)
        if now_ms - nudged_ms < NUDGE_MS:
            continue
        nudged_ms = now_ms
        before, heard = heard, {}
        earlier, begun = begun, {}
        for line in tuple(lines()):
            if line.connection.connectionState != "connected":
                begun[line.resource] = since_ms = earlier.get(line.resource, now_ms)
                if now_ms - since_ms >= connecting_ms:
                    await end(line.resource)
                continue
            if line.kind == "publisher":
                receivers = [one.receiver for one in line.connection.getTransceivers()]
                for receiver in receivers:
                    await passthrough.nudge(receiver)
                if line.ssrcs:
                    await passthrough.tell_rate(receivers[0], line.rate, list(line.ssrcs))
            elif line.kind == "worker":
                packets = passthrough.heard(line.connection)
                was, since_ms = before.get(line.resource, (-1, now_ms))
                heard[line.resource] = packets, since_ms if packets == was else now_ms
                if packets == was and now_ms - since_ms >= SILENT_MS:
                    await end(line.resource)
