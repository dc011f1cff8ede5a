"""What a page asks over its socket about documents: leave to read, and its own notebook (SPEC 14).

Owns only whose page it is: nothing is asked of the reading room before the page has proved the key of its
seat. Must not know documents.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from protocol.reading import Notebook, NotebookKept, Reading, ReadingWanted
from protocol.refusals import Refusal, refuse
from protocol.words import Role
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated


class ReadingRoom(Protocol):
    """What is needed of the reading room."""

    async def leave(self, session: str, seat: str, role: Role, key: str) -> Reading | Refusal:
        """Leave to read."""

    def notebook(self, session: str, seat: str) -> Notebook:
        """A seat's notebook."""

    async def keep_notebook(self, book: Notebook) -> NotebookKept | Refusal:
        """Keep a seat's notebook."""


class ReadingDesk(Struct, frozen=True):
    """The messages of `/desk` that are about documents; `standing` says who speaks on a page."""

    room: ReadingRoom
    standing: Callable[[Page], Seated | None]

    async def reading(self, page: Page, asked: ReadingWanted) -> Reading | Refusal:
        """Leave to read at the page's own seat."""
        seated = self._own(page, asked.session, asked.seat)
        if isinstance(seated, Refusal):
            return seated
        return await self.room.leave(seated.session, seated.seat, seated.role, seated.key)

    async def notebook_get(self, page: Page, asked: ReadingWanted) -> Notebook | Refusal:
        """The notebook of the page's own seat."""
        seated = self._own(page, asked.session, asked.seat)
        return seated if isinstance(seated, Refusal) else self.room.notebook(seated.session, seated.seat)

    async def notebook_put(self, page: Page, book: Notebook) -> NotebookKept | Refusal:
        """Keep the notebook of the page's own seat.

        Raises:
          NotDurable: the disk does not take it.
        """
        seated = self._own(page, book.session, book.seat)
        return seated if isinstance(seated, Refusal) else await self.room.keep_notebook(book)

    def _own(self, page: Page, session: str, seat: str) -> Seated | Refusal:
        seated = self.standing(page)
        if seated is None or (seated.session, seated.seat) != (session, seat):
            return refuse("NotSignedIn")
        return seated
