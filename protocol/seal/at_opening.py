"""What is asked over HTTP at an opening: ciphertext by venues and custodians, keys by bidders (SPEC 28.9).

Forms and paths alone. A bidder is known by the key that sealed its bid: it vouches for the key that signs the
bidder's acts, and the identity node says so on. Nothing here opens anything.
"""

from typing import Final

from msgspec import Struct

from protocol import canonical
from protocol.seal.releasing import Mark
from protocol.seal.suite import SigningKey, Suite
from protocol.words import Id, KeyText

HEADERS: Final = "/opening/api/headers"
"""On the nodes' listener: the headers of the bids that were received."""
CONTAINER: Final = "/opening/api/container"
"""On the nodes' listener: one received bid, whole."""
STANDS: Final = "/bids/api/opening"
"""On the pages' listener, as everything of a bidder's: how an opening stands."""
ATTEST: Final = "/bids/api/attest"
ACT: Final = "/bids/api/act"


class AskStage(Struct, frozen=True, forbid_unknown_fields=True):
    """Which opening is meant."""

    session: Id
    lot: Id
    envelope: Id


class AskContainer(Struct, frozen=True, forbid_unknown_fields=True):
    """Which bid of an opening is meant."""

    session: Id
    lot: Id
    envelope: Id
    bid: Id


class SealedHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid's header as it stands in the container, and the mark that it belongs to."""

    mark: Mark
    raw: bytes


class Headers(Struct, frozen=True, forbid_unknown_fields=True):
    """The headers of an opening's bids, in the record's order."""

    bids: tuple[SealedHeader, ...]


class BidStands(Struct, frozen=True, forbid_unknown_fields=True):
    """How a received bid stands: whether its bidder has released."""

    bid: Id
    bidder: Id
    mark: bytes
    released: bool


class Stands(Struct, frozen=True, forbid_unknown_fields=True):
    """How an opening stands, for its bidders.

    `at` is the coordinator's clock (ms), by which the window ends at `until`; 0 before the bids were
    received. `reached` says whether that list stands under its milestone: only then a release is taken.
    `to` are the venues' keys, in the order in which a release has its boxes.
    """

    at: int
    bids: tuple[BidStands, ...]
    envelope: Id
    lot: Id
    phase: str
    reached: bool
    round: int
    session: Id
    suite: str
    to: tuple[bytes, ...]
    until: int


class AskKey(Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder's own word for the key that signs its acts: `sig` is by the key that sealed its bid."""

    session: Id
    lot: Id
    envelope: Id
    bid: Id
    key: KeyText
    sig: bytes


def ask_key(suite: Suite, session: Id, mark: Mark, key: KeyText, own: SigningKey) -> AskKey:
    """Vouch for a key, by the key that sealed the bid."""
    of = mark.bid
    return AskKey(session, of.lot, of.envelope, of.bid, key, suite.sign(own, _key_signed(session, mark, key)))


def vouched(suite: Suite, asked: AskKey, mark: Mark) -> bool:
    """Whether whoever sealed this bid has vouched for the key."""
    return suite.verify(mark.public, _key_signed(asked.session, mark, asked.key), asked.sig)


def _key_signed(session: Id, mark: Mark, key: KeyText) -> bytes:
    of = mark.bid
    return canonical.tag("bidder-key/v1") + canonical.encode([session, of.lot, of.envelope, of.bid, key])
