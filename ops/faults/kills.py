"""`kill -9` of the coordinator and of venues, again and again, each time with a command in flight.

Each kill falls at the very moment at which a person sends a command there; the next follows once the process
is ready again and something has been answered. Source: DESIGN 1.4, 9.
"""

import os
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from ops import senses
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes
from ops.installation import COORDINATOR

VENUES: Final = ("nanjing", "hefei", "hangzhou")
"""Whose nodes are killed, in turn: a sub-venue with two members, the main venue, one more."""
BETWEEN: Final = 2
"""Answers between two kills, so that the evaluation goes on."""
ENDS: Final = "ArchiveSession"
WAIT_S: Final = 60.0


async def coordinator(data: Path, for_ms: int, found: Found) -> None:
    """The coordinator is killed, for as long as that or until the evaluation ends."""
    await _killed(data, for_ms, found, (COORDINATOR,))


async def venues(data: Path, for_ms: int, found: Found) -> None:
    """Nodes of venues are killed in turn, for as long as that or until the evaluation ends."""
    await _killed(data, for_ms, found, VENUES)


async def _killed(data: Path, for_ms: int, found: Found, parts: Sequence[str]) -> None:
    found.injected = f"kill -9 of {', '.join(parts)} with commands in flight, for {for_ms} ms"
    async with laid(data, Laying()) as ground:
        notes = Notes()
        people = ground.seat("killed", notes)
        await ground.broken(people, notes, _shoot(ground, notes, for_ms, found, parts), found)
        restarts = sum(ground.stack.restarts[part] for part in set(parts))
        found.expect(restarts >= found.figures["kills"], "each was started again")


async def _shoot(ground: Ground, notes: Notes, for_ms: int, found: Found, parts: Sequence[str]) -> None:
    until = senses.running_ms() + for_ms
    venue_of = {member.seat: member.venue for member in ground.case.members}
    shots: list[str] = []
    ready_ms: list[int] = []

    def aimed_at(part: str) -> bool:
        if notes.count(ENDS):
            return True
        if notes.going_out is None:
            return False
        return part == COORDINATOR or venue_of.get(notes.going_out[0], "hefei") == part

    def fire(part: str) -> None:
        if not notes.count(ENDS):
            os.kill(ground.stack.pid(part), signal.SIGKILL)
            shots.append(part)

    while senses.running_ms() < until and not notes.count(ENDS):
        part = parts[len(shots) % len(parts)]
        fallen = len(shots)
        notes.when(partial(aimed_at, part), partial(fire, part))
        await notes.until(lambda: len(shots) > fallen or notes.count(ENDS), WAIT_S, "a command is sent")  # noqa: B023
        killed = senses.running_ms()
        await ground.stack.wait_ready(part)
        ready_ms.append(senses.running_ms() - killed)
        wanted = len(notes.answers) + BETWEEN
        await notes.until(lambda: len(notes.answers) >= wanted or notes.count(ENDS), WAIT_S, "it goes on")  # noqa: B023
    found.figures["kills"] = len(shots)
    found.figures["ready_after_max_ms"] = max(ready_ms)
    found.expect(shots, "it was killed with a command in flight")
