"""The judge of a trace: was every receipt sent behind an fdatasync of what it is a receipt for?

Owns the order that must hold, and nothing of how a trace is made. At a venue the pages' connections are in
clear, so arrival and receipt are found by the command's id. On the coordinator's side of TLS the id is found
where it is written; there nothing of an answer's size may leave towards the venue between the act's arrival
at that venue and the end of the fdatasync. Source: DESIGN 1.4; SQLite, "Write-Ahead Logging".
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from protocol import wire
from tests.processes.system_calls import RECEIVES, SENDS, SYNCS, WRITES, Call
from tests.processes.web_socket import ACK, Direction, packet

ANSWER_BYTES_MIN = 120
"""No answer is shorter on the wire: its id and the names of its fields alone are longer.

Pings, and acknowledgements of what was pushed, are far below it.
"""

ANSWER_BYTES_MAX = 200
"""No answer is longer: 160 in its own TLS record, give or take the digits of its numbers.

What the coordinator says meanwhile without anybody's act is larger: a signed head that a node asks for once a
second (246 without cosigners), an entry of the feed (thousands).
"""


class NotShown(AssertionError):
    """The trace does not show it; the text says for which act, and what is missing."""


class Told(Struct):
    """One act at a page's connection: where it came in, where its first receipt and its acceptance left.

    Places are those of the trace's order; 0 for what is not in the trace.
    """

    arrived: int = 0
    receipt: int = 0
    accepted: int = 0


class Shown(Struct, frozen=True):
    """One act's way as places in the trace's order, rising: come in, written, synced, told."""

    command_id: str
    arrived: int
    written: int
    synced: int
    told: int


def pages(calls: Sequence[Call], port: int) -> dict[str, Told]:
    """What pages sent to a venue's node and were told, by command id.

    Args:
      calls: the trace.
      port: where the node listens for pages.
    """
    found: dict[str, Told] = {}
    heard: dict[tuple[str, bool], Direction] = {}
    for call in calls:
        upward = call.name in RECEIVES
        if not call.is_socket or not _is_at(call, port) or not (call.result or 0) > 0:
            continue
        if not upward and call.name not in SENDS:
            continue
        for message in heard.setdefault((call.target, upward), Direction()).feed(call.data):
            for name, answer in _acts(message, upward=upward):
                told = found.setdefault(name, Told())
                if answer is None:
                    told.arrived = told.arrived or call.ended
                    continue
                told.receipt = told.receipt or call.begun
                if answer.status == "accepted":
                    told.accepted = told.accepted or call.begun
    return found


def synced_before(calls: Sequence[Call], path: str, name: str, after: int, told: int) -> Shown:
    """That an act was written to a file and the file synced, all of it between two places in the order.

    Raises:
      NotShown: it was not written, or no sync that began behind the write had succeeded by then.
    """
    if not after:
        raise NotShown(f"{name}: it never came in")
    if not told:
        raise NotShown(f"{name}: no receipt was sent")
    writes = (c for c in calls if c.name in WRITES and c.target == path and name.encode() in c.data)
    written = next(writes, None)
    if written is None or written.begun < after:
        raise NotShown(f"{name}: it was not written to {path} after it had come in")
    for call in calls:
        if call.name in SYNCS and call.target == path and call.begun > written.ended and call.result == 0:
            if call.ended < told:
                return Shown(name, after, written.begun, call.ended, told)
            break
    raise NotShown(f"{name}: told before an fdatasync of {path} had ended well")


def at_venue(calls: Sequence[Call], told: Told, name: str, journal: str) -> Shown:
    """An act's way through a venue's node: arrival, journal, fdatasync, first receipt.

    Args:
      calls: the trace.
      told: the act at its page's connection (`pages`).
      name: its command id.
      journal: the path of the node's journal.

    Raises:
      NotShown: it does not hold.
    """
    return synced_before(calls, journal, name, told.arrived, told.receipt)


def at_coordinator(calls: Sequence[Call], told: Told, name: str, wal: str, line: str) -> Shown:
    """The way of an act that is alone on its venue's line, up to the coordinator's answer.

    Args:
      calls: the trace, of the venue's node and of the coordinator.
      told: the act at its page's connection.
      name: its command id.
      wal: the path of the coordinator's write-ahead log.
      line: the coordinator's end of the venue's line, `TCP:[…]`.

    Raises:
      NotShown: something of an answer's size left on the line before the fdatasync had ended, or while
        anything in the log was not synced; or nothing left at all.
    """
    answers = (
        call.begun
        for call in calls
        if call.name in SENDS and call.target == line and call.begun > told.arrived
        if ANSWER_BYTES_MIN <= len(call.data) <= ANSWER_BYTES_MAX
    )
    way = synced_before(calls, wal, name, told.arrived, next(answers, 0))
    for call in calls:
        if call.name in WRITES and call.target == wal and way.synced < call.begun < way.told:
            raise NotShown(f"{name}: told while something in {wal} was not synced")
    return way


def behind_both(calls: Sequence[Call], told: Told, name: str, journal: str, wal: str) -> Shown:
    """The way of an act, however many there are at once: both files synced, then the page told `accepted`.

    Raises:
      NotShown: it does not hold.
    """
    kept = synced_before(calls, journal, name, told.arrived, told.accepted)
    return synced_before(calls, wal, name, kept.synced, told.accepted)


def line_of(calls: Sequence[Call], node_pid: int, port: int) -> str:
    """The coordinator's end of the line that a node's process has to its port."""
    ends = {
        _ends(call.target)
        for call in calls
        if call.pid == node_pid and call.is_socket and _ends(call.target)[1].endswith(f":{port}")
    }
    assert len(ends) == 1, ends
    here, there = ends.pop()
    return f"TCP:[{there}->{here}]"


def _acts(message: bytes, *, upward: bool) -> Iterator[tuple[str, wire.Answer | None]]:
    """The act that a page sends (without answer), or the answer that it is given."""
    found = packet(message)
    if found is None:
        return
    said: list[Any] = found.said
    if upward and said[0] == wire.ACT:
        yield msgspec.json.decode(said[1]["command"])["command_id"], None
    if not upward:
        told = said[0] if found.kind == ACK else said[1] if said[0] == wire.ANSWER else None
        if isinstance(told, dict) and told.get("kept"):
            answer = msgspec.convert(told, wire.Answer)
            yield answer.command_id, answer


def _is_at(call: Call, port: int) -> bool:
    return _ends(call.target)[0].endswith(f":{port}")


def _ends(target: str) -> tuple[str, str]:
    """Both ends of a connection: ours and the other's."""
    here, _, there = target.removeprefix("TCP:[").removesuffix("]").partition("->")
    return here, there
