"""`kill -9` of media workers and of the node beside one, while a seat is filmed, watched and recorded.

A member's camera is sent to the worker of its own venue, which keeps it and hands it on to the coordinator's,
where a supervisor of another province watches. Control never waits for pictures; viewers are back soon; the
record has every segment that lies on the venue's shelf, and what is missing between them.
Source: SPEC 30.6, 31; DESIGN 1.8.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

from ops import senses
from ops.backing import Size
from ops.faults.found import Found
from ops.faults.ground import Ground, Laying, laid
from ops.faults.media_lines import Sent, Watched
from ops.faults.notes import Notes
from ops.installation import COORDINATOR, LOOPBACK
from ops.media_workers import MEDIA
from ops.people import agent
from ops.people.play import Play
from ops.play.judging import judge
from protocol import entry, media
from protocol.events_live import SegmentRecorded
from sub_venue.journal.replica import read_copy

SEAT: Final = "M5"
VENUE: Final = "hangzhou"
"""Who is filmed, and where."""
WATCHER: Final = "supervisor-nanjing"
ELSEWHERE: Final = "nanjing"
"""Who watches, and where."""
SESSION: Final = "filmed"
SEGMENT_MS: Final = 2_000
BACK_MS_MAX: Final = 3_000
"""How long a viewer may be without pictures after a worker was killed."""
STEADY_MS: Final = 4_000
"""How long everything goes on between two kills."""
WAIT_S: Final = 60.0
SEAM_MS: Final = 500
"""More than what lies between two segments of an undisturbed recording."""
ASK_MS: Final = 200
"""How often the agent asks for something that goes up to the coordinator and back, as a control message."""


class Line(Struct, frozen=True):
    """One line of a source's list, as far as it is looked at here."""

    content: msgspec.Raw
    file: str


async def killed(data: Path, _for_ms: int, found: Found) -> None:
    """The venue's worker, the coordinator's, and the venue's node are killed one after the other."""
    found.injected = f"kill -9 of {MEDIA}{VENUE}, {MEDIA}{COORDINATOR} and {VENUE} while {SEAT} is filmed"
    bounds = {f"{MEDIA}{VENUE}": {"segment_ms": SEGMENT_MS}}
    async with laid(
        data, Laying(rules="4", size=Size(cosigners=True, media_workers=1), bounds=bounds)
    ) as ground:
        people = ground.seat(SESSION, Notes())
        async with people.open():
            await people.prepare(booked=False, check_in=False)
            await _filmed(ground, people, found)


async def _filmed(ground: Ground, people: Play, found: Found) -> None:
    control = _Control(people)
    asking = asyncio.create_task(control.run())
    try:
        async with _lines(ground) as (sent, watched):
            await watched.until_moving(WAIT_S)
            found.figures["first_frame_ms"] = watched.first_ms
            await _until(lambda: _recorded(ground) >= 1, "the first segment is in the record")
            await asyncio.sleep(STEADY_MS / 1000)
            found.figures["control_calm_max_ms"] = control.worst()
            for part, name in ((f"{MEDIA}{VENUE}", "venue_worker"), (f"{MEDIA}{COORDINATOR}", "house_worker"),
                               (VENUE, "venue_node")):  # fmt: skip
                await _shoot(ground, part, name, watched, control, found)
            found.figures["frames_sent"] = sent.frames
        await _until(
            lambda: _is_closed(ground) and _recorded(ground) == len(_kept(ground)),
            "every segment on the shelf is in the record",
        )
        _look(ground, found)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _shoot(
    ground: Ground, part: str, name: str, watched: Watched, control: "_Control", found: Found
) -> None:
    """Kill a part, and see how long the viewer was without pictures and control messages took."""
    control.worst()
    watched.longest_ms = 0
    os.kill(ground.stack.pid(part), signal.SIGKILL)
    await asyncio.sleep(STEADY_MS / 1000)
    await watched.until_moving(WAIT_S)
    found.figures[f"{name}_picture_gap_ms"] = gap_ms = watched.longest_ms
    found.figures[f"{name}_control_max_ms"] = control.worst()
    found.expect(gap_ms <= BACK_MS_MAX, f"after {part} was killed pictures were back within {BACK_MS_MAX} ms")
    await ground.stack.wait_ready(part)
    await ground.lines_up()


def _look(ground: Ground, found: Found) -> None:
    """What the record holds of the recording, and what lies on the shelf."""
    entries = _entries(ground)
    events = [
        event for raw in entries for event in entry.decode(raw).events if isinstance(event, SegmentRecorded)
    ]
    root = _shelf(ground)
    verdicts = {one.verdict for one in judge(entries, root)}
    found.figures["segments"] = len(events)
    found.figures["missing_ms"] = sum(event.missing_ms for event in events)
    found.expect(
        events and verdicts == {"held"}, "every segment of the record lies on the venue's shelf as it was"
    )
    numbers = [event.number for event in events]
    found.expect(numbers == list(range(1, len(numbers) + 1)), "no segment is told twice or left out")
    gaps = [event.missing_ms for event in events if event.number > 1 and event.missing_ms > SEAM_MS]
    found.figures["gap_told_ms"] = max(gaps, default=0)
    found.expect(gaps, "what the kill of the recording worker cost stands in the record")
    lines = [msgspec.json.decode(line, type=Line).content for line in _kept(ground)]
    acts = [entry.decode(raw).command for raw in entries]
    told = [msgspec.json.encode(act.content) for act in acts if act.type == "RecordSegment"]
    found.expect(len(told) == len(lines), "as many acts as lines on the shelf")


class _Control:
    """The agent asks for codes again and again: up to the coordinator and back through its own node."""

    def __init__(self, people: Play) -> None:
        self._people = people
        self._worst_ms = 0
        self._since_ms = 0

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._since_ms = senses.running_ms()
            await agent.issue_codes(self._people.agent, (WATCHER,))
            self._worst_ms = max(self._worst_ms, senses.running_ms() - self._since_ms)
            await asyncio.sleep(ASK_MS / 1000)

    def worst(self) -> int:
        """The longest of all since this was last asked, ms."""
        worst, self._worst_ms = self._worst_ms, 0
        return worst


@contextlib.asynccontextmanager
async def _lines(ground: Ground) -> AsyncIterator[tuple[Sent, Watched]]:
    """A seat's camera and somebody who watches it, both through their own nodes as pages do."""
    async with aiohttp.ClientSession() as http:
        sent = Sent(http, _url(ground, VENUE, "here"), _secret(ground, VENUE, "here", SEAT), SESSION, SEAT)
        watched = Watched(
            http,
            _url(ground, ELSEWHERE, "house"),
            _secret(ground, ELSEWHERE, "house", WATCHER),
            SESSION,
            SEAT,
        )
        tasks = [asyncio.create_task(one.keep()) for one in (sent, watched)]
        try:
            yield sent, watched
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _url(ground: Ground, node: str, place: str) -> str:
    return f"http://{LOOPBACK}:{ground.installation.node(node).port}/media/{place}/{SESSION}"


def _secret(ground: Ground, node: str, place: str, seat: str) -> str:
    secret = (ground.installation.data / "media" / node / "secret").read_text().strip()
    return media.page_secret(secret, place, SESSION, seat)  # type: ignore[arg-type]


def _shelf(ground: Ground) -> Path:
    return ground.installation.config(VENUE).parent / "recordings" / SESSION


def _kept(ground: Ground) -> list[bytes]:
    """The whole lines of the source's list."""
    path = _shelf(ground) / f"{VENUE}.camera.{SEAT}" / "segments.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def _is_closed(ground: Ground) -> bool:
    """Whether no segment is being written any more."""
    return not list(_shelf(ground).glob("*/*.part"))


def _entries(ground: Ground) -> tuple[bytes, ...]:
    path = ground.installation.config("hefei").parent / "sessions" / f"{SESSION}.copy"
    return tuple(read_copy(path)[0])


def _recorded(ground: Ground) -> int:
    """How many segments the main venue's copy of the record holds."""
    return sum(
        isinstance(event, SegmentRecorded) for raw in _entries(ground) for event in entry.decode(raw).events
    )


async def _until(condition: object, what: str) -> None:
    until = senses.running_ms() + int(WAIT_S * 1000)
    while not condition():  # type: ignore[operator]
        assert senses.running_ms() < until, f"not in time: {what}"
        await asyncio.sleep(0.2)
