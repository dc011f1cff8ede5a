"""The book of those who watch at one place: which alerts they have seen, and what they hand over (SPEC 10.8).

Owns forms only. It lies at the node of the place and goes up no line; it is no part of a session's record.
"""

from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits
from protocol.words import Id, Millis

WATCH_BOOK = "watch_book"
ALERT_SEEN = "alert_seen"
HAND_OVER = "hand_over"

AlertId = Annotated[str, Meta(min_length=1, max_length=limits.ALERT_ID_CHARS_MAX)]
_Note = Annotated[str, Meta(max_length=limits.TEXT_CHARS_MAX)]
_Text = Annotated[str, Meta(min_length=1, max_length=limits.TEXT_CHARS_MAX)]


class BookWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A page asks for the book of a session at its own place."""

    session: Id


class AlertSeen(Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever sits at the page has seen an alert, the one that began at `since`; `note` may be empty."""

    session: Id
    alert: AlertId
    since: Millis
    note: _Note = ""


class HandOver(Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever leaves tells whoever comes next."""

    session: Id
    text: _Text


class Seen(Struct, frozen=True, forbid_unknown_fields=True):
    """An alert that was seen: by which seat, when by the node's clock (ms), and what they noted."""

    alert: str
    since: int
    by: str
    at: int
    note: str


class HandedOver(Struct, frozen=True, forbid_unknown_fields=True):
    """A hand-over note: by which seat, when by the node's clock (ms)."""

    by: str
    at: int
    text: str


class WatchBook(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole book of a session at one place, in the order in which it was written."""

    session: str
    seen: tuple[Seen, ...] = ()
    turns: tuple[HandedOver, ...] = ()
