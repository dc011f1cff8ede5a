"""A tender, its agent, and bidders who hand in: what every test of receiving bids needs."""

import functools
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol import canonical
from protocol.limits import SEGMENT_BYTES
from protocol.refusals import Refusal
from protocol.seal import container, dealing, framing, handing_in, payload, sealing, signing, suites
from protocol.seal.dealing import Bid, Custodian, Group
from protocol.seal.handing_in import Announced, Begin, Begun, Notice, Part, SegmentKept, SignedReceipt
from protocol.seal.payload import File, Listing
from protocol.seal.sealing import Policy
from server.bids.keeping import Around
from server.bids.receiving import Receiving
from server.sessions.signer import Signer
from tests.protocol.seal.bids import key_of, secret

SESSION = "s-1"
OPENS, DEADLINE = 1_000, 100_000
MEGABYTE = 1_048_576
AGENT = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
HOUSE = Signer(Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32))
TICKETS = tuple(handing_in.ticket(bytes([number]) * 16) for number in range(64))


class Clock:
    """Senses whose clock a test sets, and whose dice are counted."""

    def __init__(self, now: int = OPENS) -> None:
        self.now = now
        self.cast = 0

    def now_ms(self) -> int:
        return self.now

    def secret(self, size: int) -> bytes:
        self.cast += 1
        return canonical.sha256(self.cast.to_bytes(8, "big"))[:size]


@functools.cache
def policy(name: str = "intl-1", lot: str = "l-1", threshold: int = 2) -> Policy:
    suite = suites.get(name)
    members = tuple(Custodian(f"c-{at}", key_of(suite, 10 + at).public) for at in (1, 2, 3))
    return Policy("e-1", (Group("centres", members, threshold),), lot, "p-1", suite.name)


def announced(name: str = "intl-1", **changed: Any) -> Announced:
    suite = suites.get(name)
    policies = (policy(name), policy(name, "l-2"))
    parts = tuple(Part(one.envelope, one.lot, handing_in.policy_digest(suite, one)) for one in policies)
    notice = Notice(
        32 * MEGABYTE, DEADLINE, OPENS, parts, "p-1", 64 * MEGABYTE, SESSION, suite.name,
        tuple(handing_in.ticket_digest(SESSION, one) for one in TICKETS), 1,
    )  # fmt: skip
    return signed(replace(notice, **changed), policies)


def signed(notice: Notice, policies: tuple[Policy, ...]) -> Announced:
    key = signing.public_text(AGENT)
    return Announced(key, notice, policies, signing.sign(AGENT, handing_in.notice_bytes(notice)))


class Sent:
    """A sealed bid as a program hands it in."""

    def __init__(self, raw: bytes, ticket: str) -> None:
        size = int.from_bytes(raw[8:12], "big")
        tail = int.from_bytes(raw[-12:-8], "big")
        self.raw, self.ticket = raw, ticket
        self.header = raw[12 : 12 + size]
        self.trailer = raw[-12 - tail : -12]
        self.sealed = raw[12 + size : -12 - tail]
        self.offered = handing_in.offered(self.header, self.trailer)

    @property
    def begin(self) -> Begin:
        return Begin(self.header, SESSION, self.ticket, self.trailer)

    def segment(self, number: int) -> bytes:
        return self.sealed[number * SEGMENT_BYTES : (number + 1) * SEGMENT_BYTES]


@functools.cache
def bid(
    number: int = 0, name: str = "intl-1", size: int = 9 * MEGABYTE, first: int = 1, of: Policy | None = None,
    bid_id: str = "",
) -> Sent:  # fmt: skip
    """Bidder `number`'s bid; another `first` is another version of it."""
    suite = suites.get(name)
    under = of or policy(name)
    data = bytes([first]) * size
    listing = Listing((), (File(suite.hash(data), "bid.bin", size),))
    own = key_of(suite, 100 + number)
    which = Bid(bid_id or f"b-{number}", under.envelope, under.lot, under.project, under.suite)
    keys = {"centres": secret(first), dealing.BIDDER: secret(first + 1)}
    header, key = sealing.prepare(suite, which, under.groups, keys, [own.public], listing)
    writer = container.Writer(header, key)
    raw = bytearray(writer.begin())
    for piece in (payload.head(listing), data):
        raw += writer.update(piece, bytearray(framing.room(len(piece))))
    return Sent(bytes(raw + writer.finish(own)), TICKETS[number])


class Room:
    """A room for bids in a folder, which may be started again."""

    def __init__(self, folder: Path, name: str = "intl-1") -> None:
        self.folder = folder
        self.name = name
        self.clock = Clock()
        self.receiving = self._made()

    def _made(self) -> Receiving:
        agent = signing.public_text(AGENT)
        return Receiving(Around(self.folder, HOUSE, self.clock, lambda key: key == agent, 0))

    async def killed(self) -> None:
        """Start again from what is on the disk."""
        await self.receiving.stop()
        self.receiving = self._made()

    async def open(self, **changed: Any) -> None:
        assert await self.receiving.announce(announced(self.name, **changed)) is None

    async def hand_in(self, sent: Sent) -> SignedReceipt:
        receipt = await self.receiving.begin(sent.begin)
        assert isinstance(receipt, Begun), receipt
        done = receipt.receipt
        for number in receipt.missing:
            kept = await self.receiving.put(receipt.token, number, sent.segment(number))
            assert isinstance(kept, SegmentKept), kept
            done = kept.receipt
        assert done is not None
        return done

    async def refused(self, sent: Sent) -> str:
        found = await self.receiving.begin(sent.begin)
        assert isinstance(found, Refusal), found
        return found.code
