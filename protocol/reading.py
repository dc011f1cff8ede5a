"""What travels about documents between a page and its own node (SPEC 14); it goes up no line.

Owns forms only. Sizes and places on a page are whole hundredths of a point, from its upper left corner.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.words import Id, Millis

Shelf = Literal["tender", "blind", "evidence", "bid"]
"""招标文件 · 暗标 · anonymised 客观分核验表 · whatever names a bidder or a price."""

Folder = Literal["none", "preparing", "ready", "damaged"]
"""How a session's documents stand at a venue."""

Page = Annotated[int, Meta(ge=1, le=limits.PAGES_PER_DOCUMENT_MAX)]
"""A page of a document, from 1."""

StagePart = Annotated[str, Meta(max_length=limits.ID_CHARS_MAX)]
"""A lot or an envelope, empty for the whole session."""

Title = Annotated[str, Meta(min_length=1, max_length=200)]
_NoteText = Annotated[str, Meta(min_length=1, max_length=limits.TEXT_CHARS_MAX)]


class Answering(Struct, frozen=True, forbid_unknown_fields=True):
    """The page on which a document's answer to a criterion begins."""

    criterion: Id
    page: Page


class DocumentNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A document that a seat may read; `code` is its bid's neutral code, empty where it is of no bid."""

    document: str
    shelf: Shelf
    lot: str
    envelope: str
    code: str
    title: str
    answers: tuple[Answering, ...]


class ShelfNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A shelf that a seat may not read yet, and the phase from which it may."""

    shelf: Shelf
    lot: str
    envelope: str
    phase: str


class ReadingWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A page asks for leave to read at its own seat."""

    session: Id
    seat: Id


class Reading(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Leave to read: a token for HTTP, good until `expires_at` (the node's clock, ms), and what may be read.

    `digest` is the SHA-256 of the venue's catalogue in hexadecimal, empty where there is none.
    """

    token: str
    expires_at: int
    folder: Folder
    digest: str
    documents: tuple[DocumentNote, ...]
    closed: tuple[ShelfNote, ...]


class PageSize(Struct, frozen=True, forbid_unknown_fields=True):
    """A page's size as it is shown, turned as its document says."""

    width: int
    height: int


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """A document's pages."""

    document: str
    pages: tuple[PageSize, ...]


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    """Text that stands in one line on a page, and the box around it."""

    text: str
    x: int
    y: int
    width: int
    height: int


class Found(Struct, frozen=True, forbid_unknown_fields=True):
    """A found text's part within one run: characters from `start` up to `end`."""

    run: int
    start: int
    end: int


class PageText(Struct, frozen=True, forbid_unknown_fields=True):
    """A page's text layer, in reading order; `found` are the places of what was asked for."""

    document: str
    page: int
    runs: tuple[Run, ...]
    found: tuple[Found, ...]


class Hit(Struct, frozen=True, forbid_unknown_fields=True):
    """A text that was found, with what stands around it."""

    document: str
    page: int
    before: str
    found: str
    after: str


class Hits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a search found; `partial` where a bound ended it, `unread` where pages cannot be read."""

    hits: tuple[Hit, ...]
    partial: bool
    unread: int


class Bookmark(Struct, frozen=True, forbid_unknown_fields=True):
    """A page that somebody wants to find again."""

    document: Id
    page: Page


class PageNote(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody has written on a page, for themselves."""

    document: Id
    page: Page
    text: _NoteText


class Notebook(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat's bookmarks and notes; its revision only rises."""

    session: Id
    seat: Id
    revision: Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)]
    bookmarks: Annotated[tuple[Bookmark, ...], Meta(max_length=2_000)] = ()
    notes: Annotated[tuple[PageNote, ...], Meta(max_length=2_000)] = ()


class NotebookKept(Struct, frozen=True, forbid_unknown_fields=True):
    """The notebook lies on the venue's disk as of its clock."""

    revision: int
    at: Millis
