"""Drafts: a seat's unsealed work, on the venue's disk at every save, under the seat's key.

Owns one file for each seat and stage, written whole and fsynced before the page is told; its name tells
nothing. A draft's revision only rises: a lower one is turned away and the newer draft handed back, so that
an old tab cannot undo what a newer one saved. Destroying a session's keys makes its drafts unreadable; the
files are removed as well. Must not know rules. Source: DESIGN 7; 12号令 13 (an expert scores alone).
"""

import asyncio
import shutil
from pathlib import Path

import msgspec

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.wire import Draft, DraftKept
from protocol.words import Stage
from sub_venue.journal.disk import Disk, make_folder, replace_file
from sub_venue.keys import SealBroken, SeatKeys
from sub_venue.senses import Senses

Place = tuple[str, str, Stage]
"""Session, seat and stage."""


class Drafts:
    """The drafts of all seats at this node."""

    def __init__(self, folder: Path, disk: Disk, keys: SeatKeys, senses: Senses) -> None:
        """Keep drafts in a folder, which is made for its owner alone."""
        self._folder = folder
        self._disk = disk
        self._keys = keys
        self._senses = senses
        self._known: dict[Place, Draft] = {}
        self._locks: dict[Place, asyncio.Lock] = {}
        make_folder(folder)

    async def put(self, draft: Draft) -> DraftKept | Refusal:
        """Keep a draft; on disk when this returns.

        Refuses `TooLarge`, and `OutOfOrder` for a revision that is not above the kept one, which then stands
        as JSON in the refusal's `draft`. The very draft that is kept already is kept again without harm.

        Raises:
          NotDurable: the disk does not take it.
        """
        raw = msgspec.json.encode(draft)
        if len(raw) > limits.DRAFT_BYTES_MAX:
            return refuse("TooLarge", size=len(raw), limit=limits.DRAFT_BYTES_MAX)
        place = (draft.session, draft.seat, draft.stage)
        async with self._locks.setdefault(place, asyncio.Lock()):
            before = self._get(place)
            if draft.revision <= before.revision and draft != before:
                newer = msgspec.json.encode(before).decode()
                return refuse("OutOfOrder", given=draft.revision, last=before.revision, draft=newer)
            if draft != before:
                await self._disk.do(lambda: self._write(place, raw))
                self._known[place] = draft
            return DraftKept(draft.revision, self._senses.now_ms())

    def get(self, session: str, seat: str, stage: Stage) -> Draft:
        """The kept draft of a seat and stage; one of revision 0, empty, where there is none."""
        return self._get((session, seat, stage))

    async def remove(self, session: str) -> None:
        """Remove every draft of a session; twice is the same as once."""
        for place in [place for place in self._known if place[0] == session]:
            del self._known[place]
        folder = self._folder / session
        await self._disk.do(lambda: shutil.rmtree(folder, ignore_errors=True))

    def _get(self, place: Place) -> Draft:
        session, seat, stage = place
        if place not in self._known:
            try:
                raw = self._keys.open(session, seat, _purpose(place), self._path(place).read_bytes())
                self._known[place] = msgspec.json.decode(raw, type=Draft)
            except (FileNotFoundError, SealBroken):
                return Draft(session, seat, stage, 0, {})
        return self._known[place]

    def _write(self, place: Place, raw: bytes) -> None:
        session, seat, _ = place
        path = self._path(place)
        make_folder(path.parent)
        replace_file(path, self._keys.seal(session, seat, _purpose(place), raw))

    def _path(self, place: Place) -> Path:
        name = canonical.tagged_digest("draft-file/v1", list(place)).hex()
        return self._folder / place[0] / f"{name[:32]}.draft"


def _purpose(place: Place) -> str:
    stage = place[2]
    return f"draft {stage.lot}/{stage.envelope}/{stage.round}"
