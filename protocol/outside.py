"""The messages between the coordinator and people outside any venue: the bidder's page (SPEC 10.3).

Plain JSON of these structs over HTTP; `news` and `unseated` (`protocol.wire`) are its server-sent events.
Owns no transport.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol.hidden import Disclosure
from protocol.views import Line
from protocol.views_bidder import BidderView
from protocol.wire import CodeText
from protocol.words import Hash, Id, KeyText

BIDDER_SIGN_IN = "/bidder/api/sign_in"
BIDDER_SIGN_OUT = "/bidder/api/sign_out"
BIDDER_SEATED = "/bidder/api/seated"
BIDDER_EVENTS = "/bidder/api/events"
BIDDER_CLOCK = "/bidder/api/clock"
BIDDER_BIND = "/bidder/api/bind"
BIDDER_ACT = "/bidder/api/act"
BIDDER_WAYS = "/bidder/api/ways"
BIDDER_HERE = "/bidder/api/here"
BIDDER_HEAD = "/bidder/api/head"
BIDDER_VOICES = "/bidder/api/"
"""What a desk asks its node by an event's name (`voices`, `entering`), a bidder's page asks by POST here."""


class BidderSignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder offers its one-time code; what it gets for it is a cookie (SPEC 10.3)."""

    session: Id
    bidder: Id
    code: CodeText


class BidderKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A key that a bidder's page has made, to be vouched for."""

    key: KeyText


class BidderSeated(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose page the cookie makes this, and until when (ms, the coordinator's clock)."""

    session: str
    bidder: str
    until: int


class ClockNote(Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator's clock, ms."""

    at: int


class BidEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The entry that a bid stands in, as canonical text, and what opens the digests of this bid in it."""

    lot: str
    envelope: str
    seq: int
    entry: str
    disclosures: tuple[Disclosure, ...]


class Inclusion(Struct, frozen=True, forbid_unknown_fields=True):
    """That an entry is in the tree of the view's `as_of`: the RFC 6962 path from its leaf."""

    seq: int
    proof: tuple[Hash, ...]


class BidderNews(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's view as of now, the lines from `since` on, and what its receipts are made of.

    `entries` come with the news that bring their line; `proofs` are for every entry of the bidder's, each
    time anew for the size and root of the view.
    """

    view: BidderView
    since: int
    lines: tuple[Line, ...]
    entries: tuple[BidEntry, ...]
    proofs: tuple[Inclusion, ...]


class BidReceipt(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's receipt (回执): its bid's entry, and the proof that the record of `size` entries holds it.

    A file of canonical JSON; anybody can check it without a network (SPEC 10.3).
    """

    receipt: Literal[1]
    session: Id
    bidder: Id
    lot: Id
    envelope: Id
    seq: Annotated[int, Meta(ge=0)]
    entry: str
    disclosures: tuple[Disclosure, ...]
    leaf: Hash
    size: Annotated[int, Meta(ge=1)]
    root: Hash
    proof: tuple[Hash, ...]
