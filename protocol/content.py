"""The nouns that the forms of several acts share, and what every content is.

`commands` lists the forms; those of rules version 3 stand in `commands_draw`, `commands_review`
and `commands_turns`.
"""

from typing import Annotated

from msgspec import Meta, Struct

from protocol.words import Hash, Id, KeyText, MemberKind, SeatRole, VenueRole


class Content(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a command; subclasses are named as the command's type is."""


class VenueRef(Struct, frozen=True, forbid_unknown_fields=True):
    """A venue of the session: its province (GB/T 2260 letters or a name), role and node key."""

    venue: Id
    province: Id
    role: VenueRole
    node_key: KeyText


class SeatRef(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat: who sits there is hidden (`person`), what sits there is public."""

    seat: Id
    role: SeatRole
    venue: Id
    kind: MemberKind
    reserve: bool
    person: Hash


class BidRef(Struct, frozen=True, forbid_unknown_fields=True):
    """An opened bid: a neutral code for pages, and hidden name, price and quantities."""

    bidder: Id
    code: Annotated[str, Meta(min_length=1, max_length=16)]
    name: Hash
    price: Hash
    quantities: Hash


class RejectedBid(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid rejected in preliminary review, with the ground's code (条例 51)."""

    bidder: Id
    ground: Id
