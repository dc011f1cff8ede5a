"""What a coordinator tells a main venue of the bids that it receives (SPEC 23.3), on the line between them.

Before the deadline that is the notice alone: no form here can hold how many bids there are until then.
"""

from typing import Final

from msgspec import Struct

from protocol.seal.handing_in import Announced
from protocol.words import Hash, Id, KeyText, Millis

TENDER_TOLD: Final = "tender_told"
"""A main venue's node to the coordinator (`TenderAsk`), answered by `TenderTold`."""


class TenderAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """How does the tender of a session stand? `key` is the one that the agent's page has proved."""

    session: Id
    key: KeyText


class HandedBid(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid that had been handed in at the deadline; `key` and `receipt` are digests."""

    at: Millis
    bid: Id
    container: Hash
    envelope: Id
    key: Hash
    lot: Id
    receipt: Hash


class TenderTold(Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator's clock, where bids are handed in, the notice; what had come, from the deadline on."""

    at: Millis
    address: str
    announced: Announced | None
    received: tuple[HandedBid, ...] | None
