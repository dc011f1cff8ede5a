"""The book of a place's supervisors: alerts that were seen, and notes for whoever comes next (SPEC 10.8).

Owns one file for each session, written whole and fsynced before a page is told, under a key of the session's
that goes when it is archived. Only ever added to: what was noted is not taken back. Must not know rules.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.watch_book import AlertSeen, BookWanted, HandedOver, HandOver, Seen, WatchBook
from sub_venue.journal.disk import Disk, make_folder, replace_file
from sub_venue.keys import SealBroken, SeatKeys
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated
from sub_venue.senses import Senses

ROLE: Final = "supervisor"
_SEAT: Final = "supervisors"
"""Under whose key a book lies: no seat is called so, all of a place's supervisors read it."""
_PURPOSE: Final = "watch-book"
_ENDING: Final = ".book"


class WatchBooks:
    """The books of all sessions at this node."""

    def __init__(self, folder: Path, disk: Disk, keys: SeatKeys, senses: Senses) -> None:
        """Keep books in a folder, which is made for its owner alone."""
        self._folder = folder
        self._disk = disk
        self._keys = keys
        self._senses = senses
        self._known: dict[str, WatchBook] = {}
        self._turn = asyncio.Lock()

    def get(self, session: str) -> WatchBook:
        """The book of a session; an empty one where there is none."""
        if session not in self._known:
            try:
                raw = self._keys.open(session, _SEAT, _PURPOSE, self._path(session).read_bytes())
            except (FileNotFoundError, SealBroken):
                return WatchBook(session)
            self._known[session] = msgspec.json.decode(raw, type=WatchBook)
        return self._known[session]

    async def seen(self, told: AlertSeen, by: str) -> WatchBook | Refusal:
        """Note that a seat has seen an alert; the same again of the same seat changes nothing.

        Refuses `AnswersFull` past the limit.

        Raises:
          NotDurable: the disk does not take it.
        """
        async with self._turn:
            book = self.get(told.session)
            same = (told.alert, told.since, by, told.note)
            if any((one.alert, one.since, one.by, one.note) == same for one in book.seen):
                return book
            if len(book.seen) >= limits.WATCH_SEEN_MAX:
                return refuse("AnswersFull", limit=limits.WATCH_SEEN_MAX)
            one = Seen(told.alert, told.since, by, self._senses.now_ms(), told.note)
            return await self._keep(replace(book, seen=(*book.seen, one)))

    async def hand_over(self, session: str, by: str, text: str) -> WatchBook | Refusal:
        """Add a note for whoever comes next; the very last one again changes nothing.

        Refuses `AnswersFull` past the limit.

        Raises:
          NotDurable: the disk does not take it.
        """
        async with self._turn:
            book = self.get(session)
            if book.turns and (book.turns[-1].by, book.turns[-1].text) == (by, text):
                return book
            if len(book.turns) >= limits.WATCH_TURNS_MAX:
                return refuse("AnswersFull", limit=limits.WATCH_TURNS_MAX)
            one = HandedOver(by, self._senses.now_ms(), text)
            return await self._keep(replace(book, turns=(*book.turns, one)))

    async def remove(self, session: str) -> None:
        """Remove the book of a session; twice is the same as once."""
        async with self._turn:
            self._known.pop(session, None)
            await self._disk.do(lambda: shutil.rmtree(self._path(session).parent, ignore_errors=True))

    async def _keep(self, book: WatchBook) -> WatchBook:
        raw = msgspec.json.encode(book)
        await self._disk.do(lambda: self._write(book.session, raw))
        self._known[book.session] = book
        return book

    def _write(self, session: str, raw: bytes) -> None:
        path = self._path(session)
        make_folder(self._folder)
        make_folder(path.parent)
        replace_file(path, self._keys.seal(session, _SEAT, _PURPOSE, raw))

    def _path(self, session: str) -> Path:
        return self._folder / session / f"{_SEAT}{_ENDING}"


class WatchDesk:
    """The messages of `/desk` about the book: for supervisors of this place, while the session goes on."""

    def __init__(
        self,
        books: WatchBooks,
        standing: Callable[[Page], Seated | None],
        state: Callable[[str], State | None],
    ) -> None:
        """Serve these books; `standing` says who speaks on a page, `state` how a session stands."""
        self._books = books
        self._standing = standing
        self._state = state

    async def book(self, page: Page, asked: BookWanted) -> WatchBook | Refusal:
        """The book as it is now."""
        seated = self._supervisor(page, asked.session)
        return seated if isinstance(seated, Refusal) else self._books.get(seated.session)

    async def seen(self, page: Page, told: AlertSeen) -> WatchBook | Refusal:
        """Note that the page's seat has seen an alert."""
        seated = self._writing(page, told.session)
        if isinstance(seated, Refusal):
            return seated
        return await self._books.seen(told, seated.seat)

    async def hand_over(self, page: Page, told: HandOver) -> WatchBook | Refusal:
        """Add a note for whoever comes next."""
        seated = self._writing(page, told.session)
        if isinstance(seated, Refusal):
            return seated
        return await self._books.hand_over(seated.session, seated.seat, told.text)

    def _supervisor(self, page: Page, session: str) -> Seated | Refusal:
        seated = self._standing(page)
        if seated is None or seated.session != session:
            return refuse("NotSignedIn")
        if seated.role != ROLE:
            return refuse("NotAllowed", role=seated.role, type="WatchBook", allowed=ROLE)
        return seated

    def _writing(self, page: Page, session: str) -> Seated | Refusal:
        seated = self._supervisor(page, session)
        state = self._state(session)
        if not isinstance(seated, Refusal) and state is not None and state.phase == "ARCHIVED":
            # Its keys are gone: a new one would outlive the session.
            return refuse("WrongPhase", phase=state.phase, type="WatchBook", wanted="-")
        return seated
