"""What a recording keeps of a camera whose line to the recorder loses packets (SPEC 31).

A camera that is really encoded sends over a line that loses 0, 2 and 5 % of all packets both ways to a worker
that records; then the worker ends, its segments are decoded by FFmpeg, and the pictures that were taken are
found among the decoded ones by the moment that each carries. Measured is what somebody who plays the
recording sees, not what arrived.
"""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import av
from msgspec import Struct

from ops import senses
from ops.faults.apart import rig
from ops.faults.apart.ends import WIDTH, read_stamp
from ops.faults.apart.link import Fate
from ops.faults.found import Found
from server.media.recording.shelf import LIST

LOSSES: Final = (0.0, 0.02, 0.05)
KEPT_MIN: Final = 0.995
"""The share of encoded pictures that the recording has to show."""
UNREAD_MAX: Final = 0.02
"""The share of decoded pictures whose moment may be illegible: coarse, or damaged by what was lost before."""
TAKEN_S_MAX: Final = 150
"""A camera that has not taken its pictures by then has failed, however busy the machine is."""
STEADY_S: Final = 5
"""How long a camera sends over a line that loses nothing before and after what is measured."""
SHORT, LONG = 240, 1200
"""How many pictures are taken over each line."""


async def recorded(data: Path, for_ms: int, found: Found) -> None:
    """One loss after the other; `for_ms` tells a quick run from one by hand."""
    is_short = for_ms < 10_000
    pictures, losses = (SHORT, LOSSES[-1:]) if is_short else (LONG, LOSSES)
    found.injected = f"a camera's line to its recorder loses {', '.join(f'{one:.0%}' for one in losses)}"
    found.headings = ("line", "taken", "decoded", "share", "unread", "packets told as lost")
    for loss in losses:
        await _one(data / f"loss-{loss:.0%}".rstrip("%"), loss, pictures, found)


async def _one(data: Path, loss: float, pictures: int, found: Found) -> None:
    name = f"loss_{loss:.0%}".rstrip("%")
    async with rig.stand(data, house_records=True) as placed:
        camera = await placed.begin("publish", afar=True)
        async with asyncio.timeout(rig.WAIT_S):
            while not _is_begun(placed.shelf):  # noqa: ASYNC110 - the shelf has no event
                await asyncio.sleep(0.05)
        await asyncio.sleep(STEADY_S)
        await placed.fate(Fate(loss=loss), "far")
        since = len(camera.stamps)
        begun_ms = senses.running_ms()
        async with asyncio.timeout(TAKEN_S_MAX):
            while len(camera.stamps) < since + pictures:  # noqa: ASYNC110 - the camera has no event
                await asyncio.sleep(0.05)
        until = len(camera.stamps)
        took_ms = senses.running_ms() - begun_ms
        # What was lost at the end is asked for once more, and comes.
        await placed.fate(Fate(), "far")
        await asyncio.sleep(STEADY_S)
    kept = await asyncio.to_thread(_kept, placed.shelf, camera.stamps[since:until])
    found.figures |= {
        f"{name}_taken": kept.taken, f"{name}_decoded": kept.decoded, f"{name}_share": round(kept.share, 4),
        f"{name}_unread": kept.unread, f"{name}_told_as_lost": kept.lost,
        f"{name}_seconds": round(took_ms / 1000, 1),
    }  # fmt: skip
    told = (str(kept.taken), str(kept.decoded), f"{kept.share:.4f}", str(kept.unread), str(kept.lost))
    found.rows.append((name, *told))
    found.expect(kept.taken >= pictures / 2, f"{name}: half of the pictures at least can be told apart")
    found.expect(kept.share >= KEPT_MIN, f"{name}: {KEPT_MIN:.1%} of the pictures are in the recording")
    found.expect(kept.unread <= UNREAD_MAX * kept.taken, f"{name}: nearly all of them are undamaged")


def _is_begun(shelf: Path) -> bool:
    return shelf.is_dir() and any(one.stat().st_size > 0 for one in shelf.glob("*.mkv*"))


class Kept(Struct, frozen=True):
    """Pictures between the first and the last that can be told apart: taken, decoded, without a moment.

    `lost` is how many packets the recorder says never came.
    """

    taken: int
    decoded: int
    unread: int
    lost: int

    @property
    def share(self) -> float:
        """Decoded ones of those taken."""
        return self.decoded / self.taken if self.taken else 0.0


def _kept(shelf: Path, wanted: list[int]) -> Kept:
    """What the decoded pictures of all segments show of those that were taken."""
    shown: list[int | None] = []
    for path in sorted(shelf.glob("*.mkv")):
        opened: Any = av.open(str(path))
        with opened as container:
            for frame in container.decode(video=0):
                plane = frame.planes[0]
                row = bytes(memoryview(plane)[8 * plane.line_size : 9 * plane.line_size])
                shown.append(read_stamp(row) if frame.width == WIDTH else None)
    places = {stamp: at for at, stamp in enumerate(shown) if stamp is not None}
    told = [(number, places[stamp]) for number, stamp in enumerate(wanted) if stamp in places]
    lines = (json.loads(line) for line in (shelf / LIST).read_text().splitlines())
    lost = sum(gap["count"] for line in lines for gap in line["content"]["gaps"] if gap["cause"] == "lost")
    if not told:
        return Kept(len(wanted), 0, 0, lost)
    (first, begun), (last, ended) = told[0], told[-1]
    unread = sum(one is None for one in shown[begun : ended + 1])
    return Kept(last - first + 1, ended - begun + 1, unread, lost)
