"""Clients that ask too much or do not read: a page, somebody with a node's certificate, a node that stands.

The rude one is put off (`TooBusy`) or cut; everybody else's acts go on, and how much slower is a figure. A
node that stood still comes back and asks from where it was. Source: DESIGN 1.5, 1.7, 9.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

from ops import certificates, files, senses
from ops.faults import rude
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.notes import Notes
from ops.faults.rude import Task, Told
from ops.installation import COORDINATOR

VENUE: Final = "nanjing"
"""Whose pages have a rude neighbour."""
STILL: Final = "hangzhou"
"""Whose node stands still, or is played by somebody rude."""
AWAY: Final = frozenset({"M5", "witness-hangzhou", "keeper-hangzhou", "supervisor-hangzhou"})
"""Who sits there."""
STILL_BOUNDS: Final = {"push_wait_ms": 2_000, "socket_ping_ms": 4_000, "socket_ping_wait_ms": 4_000}
"""How long the coordinator waits for a node that stands still, here."""
PATIENCE_MS: Final = 40_000
"""After this long a client that never reads must have been cut."""
WAIT_S: Final = 90.0


async def page_floods(data: Path, for_ms: int, found: Found) -> None:
    """A page asks as fast as it can."""
    await _rude_page(data, for_ms, found, "flood")


async def page_deaf(data: Path, for_ms: int, found: Found) -> None:
    """A page asks and reads nothing."""
    await _rude_page(data, for_ms, found, "deaf")


async def _rude_page(data: Path, for_ms: int, found: Found, way: str) -> None:
    found.injected = f"a page at {VENUE} that {_WAYS[way]} for {for_ms} ms, while M3 and M4 sit there"
    async with laid(data, Laying()) as ground:
        node = ground.installation.node(VENUE)
        task = Task(
            port=node.port, host=node.host, namespace="/desk", way="flood" if way == "flood" else "deaf",
            for_ms=for_ms,
        )  # fmt: skip
        await _with(ground, task, found)


async def node_floods(data: Path, for_ms: int, found: Found) -> None:
    """Somebody with a node's certificate asks the coordinator as fast as it can."""
    found.injected = f"a client with {STILL}'s certificate that floods the coordinator for {for_ms} ms"
    async with laid(data, Laying()) as ground:
        config = files.read_json(ground.installation.config(STILL))
        task = Task(
            port=ground.installation.node_port, host=certificates.host_name(COORDINATOR), namespace="/node",
            way="flood", for_ms=for_ms, name=certificates.host_name(COORDINATOR),
            ca=config["ca"], cert=config["cert"], key=config["key"],
        )  # fmt: skip
        await _with(ground, task, found)


async def _with(ground: Ground, task: Task, found: Found) -> None:
    """One evaluation calm, one with the rude client beside it."""
    await ground.calm()
    found.figures |= {f"calm_{name}": number for name, number in ground.calm_notes.took().items()}
    notes = Notes()
    told: list[Told] = []

    async def beside() -> None:
        told.append(await rude.run(task))

    await ground.broken(ground.seat("crowded", notes), notes, beside(), found)
    (one,) = told
    found.figures |= {"rude_sent": one.sent, "rude_answered": one.answered, "rude_put_off": one.busy}
    found.figures["rude_cut_after_ms"] = one.cut_after_ms
    if task.way == "flood":
        # A machine that reads more slowly than it is asked holds the flood back in the line itself.
        held_back = one.answered < one.sent / 2
        found.expect(
            one.busy or one.cut_after_ms >= 0 or held_back, "who floods is put off, held back or cut"
        )
    if task.for_ms >= PATIENCE_MS:
        found.expect(one.cut_after_ms >= 0, "who goes on like that is cut")
    found.expect(not notes.put_offs, "nobody else is put off")


async def node_still(data: Path, for_ms: int, found: Found) -> None:
    """A venue's node is stopped while members score: the coordinator's pushes are not read."""
    found.injected = f"the node of {STILL} stopped (SIGSTOP) for {for_ms} ms while members score"
    laying = Laying(bounds={COORDINATOR: STILL_BOUNDS})
    async with laid(data, laying) as ground:
        await ground.calm()
        found.figures |= {f"calm_{name}": number for name, number in ground.calm_notes.took(but=AWAY).items()}
        notes = Notes()
        pid = ground.stack.pid(STILL)
        notes.when(lambda: notes.stage("M5") == "DETAILED", lambda: os.kill(pid, signal.SIGSTOP))
        people = ground.seat("slow", notes, stands_ms=for_ms)
        try:
            await ground.broken(people, notes, _while_still(ground, notes, pid, for_ms, found), found)
        finally:
            os.kill(pid, signal.SIGCONT)
        found.figures |= {f"others_{name}": number for name, number in notes.took(but=AWAY).items()}


async def _while_still(ground: Ground, notes: Notes, pid: int, for_ms: int, found: Found) -> None:
    await notes.until(lambda: notes.stage("M5") == "DETAILED", WAIT_S, "scoring begins")
    start = senses.running_ms()
    await notes.until(lambda: notes.count("SealSheet") >= 4, WAIT_S, "the others' sheets are accepted")
    found.figures["others_sealed_after_ms"] = senses.running_ms() - start
    while STILL in await ground.online():
        assert senses.running_ms() - start < for_ms + PATIENCE_MS, "a node that does not read is not cut"
        await asyncio.sleep(0.1)
    found.figures["cut_after_ms"] = senses.running_ms() - start
    found.expect(True, "a node that does not read loses its socket")
    await asyncio.sleep(max(0, for_ms - (senses.running_ms() - start)) / 1000)
    os.kill(pid, signal.SIGCONT)
    woken = senses.running_ms()
    await notes.until(lambda: notes.count("SealSheet") == 5, WAIT_S, "M5's sheet is accepted")
    found.figures["back_to_accepted_ms"] = senses.running_ms() - woken


_WAYS: Final = {"flood": "asks as fast as it can", "deaf": "asks and reads nothing"}
