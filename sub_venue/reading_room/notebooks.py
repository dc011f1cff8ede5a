"""Notebooks: a seat's bookmarks and notes, for itself alone, on the venue's disk under the seat's key.

Owns one file for each seat, written whole and fsynced before the page is told. They lie and move as drafts do
(decision 7), and go with the session's keys. Nothing here is sent up the line. Source: SPEC 14.4.
"""

import asyncio
import shutil
from pathlib import Path

import msgspec

from protocol import canonical, limits
from protocol.reading import Notebook, NotebookKept
from protocol.refusals import Refusal, refuse
from sub_venue.journal.disk import Disk, make_folder, replace_file
from sub_venue.keys import SealBroken, SeatKeys
from sub_venue.senses import Senses

Place = tuple[str, str]
"""Session and seat."""

_PURPOSE = "notebook"


class Notebooks:
    """The notebooks of all seats at this node."""

    def __init__(self, folder: Path, disk: Disk, keys: SeatKeys, senses: Senses) -> None:
        """Keep notebooks in a folder, which is made for its owner alone."""
        self._folder = folder
        self._disk = disk
        self._keys = keys
        self._senses = senses
        self._known: dict[Place, Notebook] = {}
        self._locks: dict[Place, asyncio.Lock] = {}

    async def put(self, book: Notebook) -> NotebookKept | Refusal:
        """Keep a notebook; on disk when this returns.

        Refuses `TooLarge`, and `OutOfOrder` for a revision that is not above the kept one, which then
        stands as JSON in the refusal's `notebook`. The very notebook that is kept already is kept again
        without harm.

        Raises:
          NotDurable: the disk does not take it.
        """
        raw = msgspec.json.encode(book)
        if len(raw) > limits.NOTEBOOK_BYTES_MAX:
            return refuse("TooLarge", size=len(raw), limit=limits.NOTEBOOK_BYTES_MAX)
        place = (book.session, book.seat)
        async with self._locks.setdefault(place, asyncio.Lock()):
            before = self.get(*place)
            if book.revision <= before.revision and book != before:
                newer = msgspec.json.encode(before).decode()
                return refuse("OutOfOrder", given=book.revision, last=before.revision, notebook=newer)
            if book != before:
                await self._disk.do(lambda: self._write(place, raw))
                self._known[place] = book
            return NotebookKept(book.revision, self._senses.now_ms())

    def get(self, session: str, seat: str) -> Notebook:
        """The kept notebook of a seat; one of revision 0, empty, where there is none."""
        place = (session, seat)
        if place not in self._known:
            try:
                raw = self._keys.open(session, seat, _PURPOSE, self._path(place).read_bytes())
                self._known[place] = msgspec.json.decode(raw, type=Notebook)
            except (FileNotFoundError, SealBroken):
                return Notebook(session, seat, 0)
        return self._known[place]

    async def remove(self, session: str) -> None:
        """Remove every notebook of a session; twice is the same as once."""
        for place in [place for place in self._known if place[0] == session]:
            del self._known[place]
        folder = self._folder / session
        await self._disk.do(lambda: shutil.rmtree(folder, ignore_errors=True))

    def _write(self, place: Place, raw: bytes) -> None:
        session, seat = place
        path = self._path(place)
        make_folder(self._folder)
        make_folder(path.parent)
        replace_file(path, self._keys.seal(session, seat, _PURPOSE, raw))

    def _path(self, place: Place) -> Path:
        name = canonical.tagged_digest("notebook-file/v1", list(place)).hex()
        return self._folder / place[0] / f"{name[:32]}.notebook"
