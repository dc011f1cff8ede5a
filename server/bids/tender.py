"""A tender that bids are received for, as it stands in memory: its places, its blocks, its tickets (SPEC 23).

Knows no store and no clock: `Receiving` makes durable what it decides with this, and puts it here afterwards.
Every look-up is by key, whatever has come in, so that an answer costs the same for none as for many.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from protocol.refusals import Refusal, refuse
from protocol.seal import handing_in
from protocol.seal.handing_in import Announced, Offered
from protocol.seal.releasing import Mark
from protocol.words import Hash, Id
from server.bids.places import Place
from server.bids.reserve import Reserve


class Received(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid as it was when the deadline came; `receipt` is the receipt's digest, `key` a pseudonym."""

    bid: Id
    container: Hash
    envelope: Id
    key: Hash
    lot: Id
    receipt: Hash


class Handed(Struct, frozen=True):
    """A frozen bid for its opening: by whom, to the byte, and its header's bytes as they were sent."""

    received: Received
    bidder: Id
    mark: Mark
    header: bytes


class Frozen(Struct, frozen=True, forbid_unknown_fields=True):
    """What a deadline froze, in order of bid, lot, envelope."""

    received: Annotated[tuple[Received, ...], Meta(max_length=handing_in.PLACES_MAX)]


def bidders(frozen: Sequence[Received]) -> dict[bytes, str]:
    """A bidder's name in the record, by the pseudonym of its key: the first of the ids of its bids.

    An id belongs to one key (SPEC 23.2), so that no two bidders have one name, in whatever envelope.

    >>> bidders([])
    {}
    """
    found: dict[bytes, str] = {}
    for one in frozen:
        found[one.key] = min(one.bid, found.get(one.key, one.bid))
    return found


class Tender:
    """One tender. `lock` is held by whoever changes it, from its decision until that is durable."""

    def __init__(
        self,
        announced: Announced,
        reserve: Reserve,
        places: Sequence[Place | None],
        frozen: tuple[Received, ...] | None,
    ) -> None:
        """Take what is kept of it."""
        self.announced = announced
        self.reserve = reserve
        self.frozen = frozen
        self.lock = asyncio.Lock()
        self.writing: Counter[int] = Counter()
        """Blocks that are being written; whoever holds them, they are not given to anybody else."""
        self._places = list(places)
        self._unused = {number for number, one in enumerate(places) if one is None}
        self._free = set(range(reserve.blocks))
        self._at: dict[tuple[bytes, str, str], int] = {}
        self._ticket_keys: dict[bytes, bytes] = {}
        self._bid_keys: dict[str, bytes] = {}
        self._tickets = frozenset(announced.notice.tickets)
        for number, place in enumerate(places):
            if place is not None:
                self._known(number, place)

    @property
    def session(self) -> str:
        """Which session it is for."""
        return self.announced.notice.session

    def place(self, number: int) -> Place:
        """A place that is used."""
        found = self._places[number]
        assert found is not None
        return found

    def used(self) -> Iterator[tuple[int, Place]]:
        """Every place that is used; for the start and after the deadline."""
        return ((number, one) for number, one in enumerate(self._places) if one is not None)

    def number_of(self, key: bytes, lot: str, envelope: str) -> int | None:
        """Which place a key has for a lot and envelope."""
        return self._at.get((key, lot, envelope))

    def admits(self, ticket: bytes, found: Offered) -> Refusal | None:
        """Why a container does not come in by this ticket's digest; None where it does."""
        if ticket not in self._tickets or self._ticket_keys.get(ticket, found.key) != found.key:
            return refuse("TicketRefused")
        of = found.header.bid
        number = self.number_of(found.key, of.lot, of.envelope)
        if number is not None and self.place(number).ticket != ticket:
            return refuse("TicketRefused")
        if self._bid_keys.get(of.bid, found.key) != found.key:
            return refuse("BidIdTaken", bid=of.bid)
        return None

    def unused(self, chance: bytes) -> int | None:
        """A place that nobody uses, by random bytes; None where there is none."""
        waiting = sorted(self._unused)
        return waiting[int.from_bytes(chance, "big") % len(waiting)] if waiting else None

    def blocks(self, count: int, chance: bytes) -> tuple[int, ...] | None:
        """So many blocks that nobody needs, by random bytes; None where there are not."""
        found = sorted(self._free - set(self.writing))
        if len(found) < count:
            return None
        start = int.from_bytes(chance, "big") % len(found)
        return tuple((found[start:] + found[:start])[:count])

    def is_late(self, now: int) -> bool:
        """Whether the deadline has come, or has been frozen."""
        return self.frozen is not None or now >= self.announced.notice.deadline

    def untimely(self, now: int) -> Refusal | None:
        """Why nothing can be changed at this moment of our clock; None where it can."""
        notice = self.announced.notice
        if self.is_late(now):
            return refuse("BidsClosed", deadline=notice.deadline)
        return refuse("BidsNotYet", opens=notice.opens_at) if now < notice.opens_at else None

    def put(self, number: int, place: Place) -> tuple[bytes, ...]:
        """A place stands so now, durably; the tokens of what it gave up."""
        before = self._places[number]
        held = before.stored if before is not None else ()
        for one in held:
            self._free |= set(one.all_blocks)
        self._known(number, place)
        kept = {one.token for one in place.stored}
        return tuple(one.token for one in held if one.token not in kept)

    def _known(self, number: int, place: Place) -> None:
        self._places[number] = place
        self._unused.discard(number)
        self._at[place.key, place.lot, place.envelope] = number
        self._ticket_keys[place.ticket] = place.key
        for one in place.stored:
            self._free -= set(one.all_blocks)
            self._bid_keys[one.bid] = place.key
