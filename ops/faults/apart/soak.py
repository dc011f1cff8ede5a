"""Hours of pictures: two media workers that forward and record while viewers come and go.

Their memory must stay where it was once everything had been loaded, and no descriptor may be left behind.
A command by hand (`tongchang faults media-soak --long`, one hour); the quick one only shows that it works.
"""

import asyncio
import contextlib
import statistics
from pathlib import Path
from typing import Final

from msgspec import Struct

from ops import senses
from ops.bench import machine
from ops.faults.apart import rig
from ops.faults.apart.rig import End, Rig
from ops.faults.found import Found

LOOK_MS: Final = 1_000
COME_AND_GO_MS: Final = 5_000
"""How long a viewer of the coming and going kind stays."""
WARM_SHARE: Final = 0.2
"""The first share of the time is not measured: modules are loaded, buffers are filled."""
GROWTH_MAX: Final = 0.05
"""By how much memory may grow between the first and the last quarter of what is measured."""
QUARTERS: Final = 4
WORKERS: Final = ("house_worker", "venue_worker")


class Look(Struct, frozen=True):
    """A worker at a moment: resident memory (MB), open descriptors."""

    memory_mb: float
    descriptors: int


async def soaked(data: Path, for_ms: int, found: Found) -> None:
    """A camera, one viewer who stays, and viewers who come and go, for so long."""
    found.injected = (
        f"a camera recorded and watched for {for_ms / 60_000:g} minutes, viewers coming and going"
    )
    found.headings = ("worker", "memory MB, first", "last", "growth", "descriptors, first", "last")
    looks: dict[str, list[Look]] = {one: [] for one in WORKERS}
    async with rig.stand(data / "soak") as placed:
        camera, viewer = await placed.begin("publish"), await placed.begin("watch")
        await viewer.until_seen(0)
        offered = len(viewer.offers_ms)
        until_ms = senses.running_ms() + for_ms
        going = asyncio.create_task(_come_and_go(placed, until_ms))
        try:
            while senses.running_ms() < until_ms:
                await asyncio.sleep(LOOK_MS / 1000)
                for worker, seen in looks.items():
                    seen.append(_look(placed.pids[worker]))
            found.figures["viewers_come_and_gone"] = await going
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
        last_ms = senses.running_ms()
        await viewer.until_seen(last_ms)
        found.figures |= {"pictures_taken": camera.taken, "pictures_seen": len(viewer.seen_ms)}
        found.figures["offered_anew"] = again = len(viewer.offers_ms) - offered
        found.expect(again == 0, "who stayed was never cut off")
    for worker, seen in looks.items():
        _judge(worker, seen, found)


async def _come_and_go(placed: Rig, until_ms: int) -> int:
    """Viewers one after the other; how many there were."""
    count = 0
    while senses.running_ms() < until_ms:
        end: End = await placed.begin("watch")
        with contextlib.suppress(TimeoutError):
            await end.until_seen(0)
        await asyncio.sleep(COME_AND_GO_MS / 1000)
        await end.close()
        count += 1
    return count


def _look(pid: int) -> Look:
    return Look(machine.resident_mb(pid), machine.descriptors(pid))


def _judge(worker: str, seen: list[Look], found: Found) -> None:
    measured = seen[int(len(seen) * WARM_SHARE) :]
    quarter = max(1, len(measured) // QUARTERS)
    first, last = measured[:quarter], measured[-quarter:]
    memory = [statistics.median(one.memory_mb for one in part) for part in (first, last)]
    # A viewer who is there holds some; the fewest are those of nobody but who stays.
    held = [min(one.descriptors for one in part) for part in (first, last)]
    growth = memory[1] / memory[0] - 1
    found.figures |= {
        f"{worker}_memory_mb": round(memory[1], 1), f"{worker}_growth": round(growth, 4),
        f"{worker}_descriptors": held[1],
    }  # fmt: skip
    found.rows.append(
        (worker, f"{memory[0]:.1f}", f"{memory[1]:.1f}", f"{growth:+.1%}", str(held[0]), str(held[1]))
    )
    found.expect(growth <= GROWTH_MAX, f"{worker}: memory stays within {GROWTH_MAX:.0%}")
    found.expect(held[1] <= held[0], f"{worker}: no descriptor is left behind")
