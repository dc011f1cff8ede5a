"""The reading room: leave to read, pages, search, notebooks, each judged by the table at every call.

Owns the order: the token first, then the seat's standing in the record, then the allow-table, then the bound
on one seat's jobs, and only then the renderer. Answers are structs, bytes or refusals; HTTP is `routes`', the
sockets are the seats'. A node without documents is none the worse.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct

from protocol.reading import (
    About,
    DocumentNote,
    Hit,
    Hits,
    Notebook,
    NotebookKept,
    PageText,
    Reading,
    ShelfNote,
)
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.words import Role
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk
from sub_venue.keys import SeatKeys
from sub_venue.reading_room import finding, permission
from sub_venue.reading_room.catalogue import Catalogue, Catalogues, Listed
from sub_venue.reading_room.jobs import Source
from sub_venue.reading_room.notebooks import Notebooks
from sub_venue.reading_room.renderer import Renderer
from sub_venue.reading_room.shown import SCALES, Asker, Shown
from sub_venue.reading_room.tokens import Reader, Tokens
from sub_venue.senses import Senses

T = TypeVar("T")


class Rooms(Struct, frozen=True):
    """What the reading room works with."""

    settings: Settings
    disk: Disk
    keys: SeatKeys
    copies: Copies
    senses: Senses


class _Admitted(Struct, frozen=True):
    """A reader whose standing has been seen, and what lies there for the session."""

    reader: Reader
    state: State
    catalogue: Catalogue


class Wanted(Struct, frozen=True):
    """What a search looks for, and where: in one document, in one bid's, or in all that may be read."""

    find: str
    document: str = ""
    code: str = ""


class Room:
    """The reading room of one node."""

    def __init__(self, rooms: Rooms, renderer: Renderer | None = None) -> None:
        """Open; no process is started before a page is asked for."""
        settings, senses = rooms.settings, rooms.senses
        bounds = settings.bounds
        self._by = rooms
        self.catalogues = Catalogues(settings.documents)
        self._renderer = renderer or Renderer(bounds, senses.running_ms)
        self._shown = Shown(self._renderer, bounds, senses.now_ms)
        self._tokens = Tokens(
            bounds.reading_token_ms, bounds.reading_tokens_per_seat_max, senses.running_ms, senses.secret
        )
        self._notebooks = Notebooks(settings.data_dir / "notebooks", rooms.disk, rooms.keys, senses)
        self._under_way: Counter[tuple[str, str]] = Counter()

    # --- over the socket ------------------------------------------------------------------

    async def leave(self, session: str, seat: str, role: Role, key: str) -> Reading | Refusal:
        """Leave to read for a seat that has proved its key, and what it may read now."""
        state = self._by.copies.state(session)
        reader = Reader(session, seat, role, key)
        if state is None:
            return refuse("UnknownSession", session=session)
        shelved = self.catalogues.get(session)
        found: tuple[DocumentNote, ...] = ()
        closed: tuple[ShelfNote, ...] = ()
        if shelved.catalogue is not None and permission.stands(state, reader):
            found = permission.notes(permission.readable(state, role, shelved.catalogue))
            closed = permission.closed(state, role, shelved.catalogue)
        lifetime_ms = self._by.settings.bounds.reading_token_ms
        return Reading(
            token=self._tokens.issue(reader), expires_at=self._by.senses.now_ms() + lifetime_ms,
            folder=shelved.folder, digest=shelved.digest, documents=found, closed=closed,
        )  # fmt: skip

    def notebook(self, session: str, seat: str) -> Notebook:
        """A seat's notebook."""
        return self._notebooks.get(session, seat)

    async def keep_notebook(self, book: Notebook) -> NotebookKept | Refusal:
        """Keep a seat's notebook; see `Notebooks.put`."""
        state = self._by.copies.state(book.session)
        if state is None or state.phase == "ARCHIVED":
            return refuse("UnknownSession", session=book.session)
        return await self._notebooks.put(book)

    # --- over HTTP ------------------------------------------------------------------------

    async def about(self, token: str, session: str, seat: str, document: str) -> About | Refusal:
        """A document's pages."""
        found = self._may(token, session, seat, document)
        if isinstance(found, Refusal):
            return found
        source = self._source(session, found[1])
        sizes = await self._in_turn(found[0], lambda: self._shown.sizes(source))
        return sizes if isinstance(sizes, Refusal) else About(document, sizes)

    async def picture(
        self, token: str, session: str, seat: str, document: str, page: int, scale: str
    ) -> bytes | Refusal:
        """A page's picture with the reader's own watermark."""
        if scale not in SCALES:
            return refuse("Malformed", why="scale")
        found = self._may(token, session, seat, document)
        if isinstance(found, Refusal):
            return found
        source = self._source(session, found[1])
        asker = self._asker(found[0])
        return await self._in_turn(found[0], lambda: self._shown.picture(source, page, scale, asker))

    async def text(
        self, token: str, session: str, seat: str, document: str, page: int, find: str
    ) -> PageText | Refusal:
        """A page's text layer, and where a text stands in it."""
        found = self._may(token, session, seat, document)
        if isinstance(found, Refusal):
            return found
        source = self._source(session, found[1])
        runs = await self._in_turn(found[0], lambda: self._shown.text(source, page))
        if isinstance(runs, Refusal):
            return runs
        folded = finding.fold(runs) if find else None
        marks = () if folded is None else tuple(
            mark
            for place in finding.places(folded, finding.folded(find))
            for mark in finding.marks(folded, place)
        )  # fmt: skip
        return PageText(document, page, runs, marks)

    async def search(self, token: str, session: str, seat: str, wanted: Wanted) -> Hits | Refusal:
        """Where a text stands in the documents that this seat may read, in the catalogue's order."""
        admitted = self._admit(token, session, seat)
        if isinstance(admitted, Refusal):
            return admitted
        text = finding.folded(wanted.find)
        if not text:
            return Hits((), partial=False, unread=0)
        chosen = [
            one
            for one in permission.readable(admitted.state, admitted.reader.role, admitted.catalogue)
            if wanted.document in ("", one.document) and wanted.code in ("", one.code)
        ]
        return await self._search(admitted, chosen, text)

    async def forget(self, session: str) -> None:
        """A session is archived: nobody reads in it here any more, and its notebooks go."""
        self._tokens.forget(session)
        self._shown.forget()
        await self._notebooks.remove(session)

    async def stop(self) -> None:
        """End the drawing process."""
        await self._renderer.stop()

    # --- who, what, how much --------------------------------------------------------------

    def _admit(self, token: str, session: str, seat: str) -> _Admitted | Refusal:
        """Whose token it is, if it is of this session and seat and the key still speaks for it."""
        reader = self._tokens.reader(token)
        if reader is None:
            return refuse("ReadingEnded")
        if (reader.session, reader.seat) != (session, seat):
            return refuse("NotSignedIn")
        state = self._by.copies.state(session)
        if state is None or not permission.stands(state, reader):
            return refuse("NotSignedIn")
        catalogue = self.catalogues.get(session).catalogue
        return refuse("UnknownDocument") if catalogue is None else _Admitted(reader, state, catalogue)

    def _may(self, token: str, session: str, seat: str, document: str) -> tuple[_Admitted, Listed] | Refusal:
        admitted = self._admit(token, session, seat)
        if isinstance(admitted, Refusal):
            return admitted
        listed = next((one for one in admitted.catalogue.documents if one.document == document), None)
        if listed is None:
            return refuse("UnknownDocument")
        fault = permission.judged(admitted.state, admitted.reader.role, listed)
        return (admitted, listed) if fault is None else fault

    def _source(self, session: str, listed: Listed) -> Source:
        return Source(str(self.catalogues.path(session, listed)), listed.sha256)

    def _asker(self, admitted: _Admitted) -> Asker:
        settings = self._by.settings
        return Asker(
            admitted.reader.session, admitted.reader.seat, settings.zh or settings.node,
            admitted.state.demonstration,
        )  # fmt: skip

    async def _in_turn(self, admitted: _Admitted, work: Callable[[], Awaitable[T | Refusal]]) -> T | Refusal:
        """Do some work for a seat that has not too much under way already."""
        place = (admitted.reader.session, admitted.reader.seat)
        if self._under_way[place] >= self._by.settings.bounds.reading_jobs_per_seat_max:
            return refuse("TooBusy")
        self._under_way[place] += 1
        try:
            return await work()
        finally:
            self._under_way[place] -= 1
            if not self._under_way[place]:
                del self._under_way[place]

    async def _search(self, admitted: _Admitted, chosen: list[Listed], text: str) -> Hits | Refusal:
        bounds = self._by.settings.bounds
        hits: list[Hit] = []
        unread = looked = 0
        for one in chosen:
            source = self._source(admitted.reader.session, one)
            sizes = await self._in_turn(admitted, lambda source=source: self._shown.sizes(source))  # type: ignore[misc]
            if isinstance(sizes, Refusal):
                if sizes.code in ("TooBusy", "ReaderRestarting", "Stopping"):
                    return sizes
                unread += 1
                continue
            for page in range(1, len(sizes) + 1):
                if looked >= bounds.reading_search_pages_max or len(hits) >= bounds.reading_hits_max:
                    return Hits(tuple(hits), partial=True, unread=unread)
                looked += 1
                runs = await self._in_turn(
                    admitted,
                    lambda source=source, page=page: self._shown.text(source, page),  # type: ignore[misc]
                )
                if isinstance(runs, Refusal):
                    if runs.code in ("TooBusy", "ReaderRestarting", "Stopping"):
                        return runs
                    unread += 1
                    continue
                folded = finding.fold(runs)
                hits.extend(
                    Hit(one.document, page, *finding.around(folded, runs, place))
                    for place in finding.places(folded, text)
                )
        return Hits(tuple(hits[: bounds.reading_hits_max]), partial=False, unread=unread)
