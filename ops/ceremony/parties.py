"""Who takes part in a rehearsal: keys of people, services and venues, and dummy bids sealed for them.

Everything is derived from a seed and names, so that a run can be repeated; nothing here is of any use in a
real tender.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.senses import Dice
from protocol.commands_ceremony import KeyGroup, Keyholder, ReceivedBid
from protocol.seal import container, dealing, framing, payload, releasing, sealing, signing, suites
from protocol.seal.container import Header
from protocol.seal.dealing import Bid, Custodian, Group
from protocol.seal.payload import File, Listing
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import Mark
from protocol.seal.suite import SoftwareKey, Suite

PROJECT: Final = "rehearsal"
LOT: Final = "01"
ENVELOPE: Final = "1"
CENTRES: Final = "centres"
TENDEREE: Final = "tenderee"
VENUES: Final = ("hefei", "nanjing", "shanghai")
"""The main venue first."""

_TRIES_MAX = 8


@dataclass(frozen=True)
class SealedBid:
    """A dummy bid: its container, what an entry says of it, and its bidder's keys."""

    bid: str
    bidder: str
    raw: bytes
    header: Header
    digest: bytes
    mark: Mark
    own: bytes
    signer: SoftwareKey
    listing: bytes

    @property
    def received(self) -> ReceivedBid:
        """What `ReceiveBids` says of it."""
        return ReceivedBid(self.bid, self.bidder, releasing.mark_digest(self.mark))

    @property
    def header_raw(self) -> bytes:
        """The header's bytes, as they stand in the container."""
        return self.raw[12 : 12 + int.from_bytes(self.raw[8:12], "big")]


class Parties:
    """Keys and bids of one rehearsal: `threshold` of `custodians` centres, and the tenderee's group."""

    def __init__(self, suite: str = "gm-1", custodians: int = 5, threshold: int = 3, seed: str = "1") -> None:
        """Derive everything from `seed`."""
        self.suite: Suite = suites.get(suite)
        self.threshold = threshold
        self.centres = tuple(f"centre-{number}" for number in range(1, custodians + 1))
        self.holders: Mapping[str, str] = {**dict.fromkeys(self.centres, CENTRES), "tenderee-key": TENDEREE}
        self._dice = Dice(seed)

    def author(self, name: str) -> Ed25519PrivateKey:
        """The key that signs somebody's acts."""
        return Ed25519PrivateKey.from_private_bytes(self._dice.bytes32("author", name))

    def author_text(self, name: str) -> str:
        """The public half, as an entry has it."""
        return signing.public_text(self.author(name))

    def key(self, name: str, purpose: str = "suite") -> SoftwareKey:
        """A key of the suite for somebody: a custodian, a bidder, a venue's opening."""
        return self.suite.private_key(self.key_der(name, purpose))

    def key_der(self, name: str, purpose: str = "suite") -> bytes:
        """Its PKCS #8."""
        for number in range(_TRIES_MAX):
            try:
                return self.suite.private_der(self._dice.bytes32(purpose, name, str(number)))
            except SealRefused:
                continue
        raise AssertionError("no key in so many draws")

    def random(self, *purpose: str) -> bytes:
        """32 bytes for a purpose."""
        return self._dice.bytes32(*purpose)

    @cached_property
    def groups(self) -> tuple[KeyGroup, ...]:
        """As `AppointCustodians` names them."""
        by_group: dict[str, list[Keyholder]] = {}
        for name, group in self.holders.items():
            one = Keyholder(name, self.author_text(name), self.key(name).public)
            by_group.setdefault(group, []).append(one)
        least = {CENTRES: self.threshold, TENDEREE: 1}
        return tuple(KeyGroup(name, tuple(by_group[name]), least[name]) for name in sorted(by_group))

    @property
    def sealed_for(self) -> tuple[Group, ...]:
        """As a bidder's program takes them from the sealing policy."""
        return tuple(
            Group(one.group, tuple(Custodian(m.custodian, m.public) for m in one.members), one.threshold)
            for one in self.groups
        )

    def seal(
        self, number: int, files: Mapping[str, bytes] | None = None, envelope: str = ENVELOPE
    ) -> SealedBid:
        """A dummy bid, sealed as a bidder's program does."""
        name = f"bid-{number:03d}"
        own = name if envelope == ENVELOPE else f"{name} {envelope}"
        files = files or {"投标函.txt": f"演练投标 {number}, rehearsal".encode() * 40}
        suite, bid = self.suite, Bid(name, envelope, LOT, PROJECT, self.suite.name)
        keys = {group: self._number(own, group) for group in (CENTRES, TENDEREE, dealing.BIDDER)}
        signer = self.key(f"bidder-{number:03d}")
        listing = Listing((), tuple(File(suite.hash(data), one, len(data)) for one, data in files.items()))
        header, key = sealing.prepare(suite, bid, self.sealed_for, keys, (), listing)
        raw = written(container.Writer(header, key), signer, (payload.head(listing), *files.values()))
        reader = container.Reader()
        reader.feed(memoryview(raw))
        seen = reader.close()
        assert seen.whole, seen.damaged
        assert seen.seal is not None
        return SealedBid(
            name, f"bidder-{number:03d}", raw, header, seen.header_digest,
            releasing.mark_of(header, seen.header_digest, seen.seal), keys[dealing.BIDDER], signer,
            releasing.listing_digest(listing),
        )  # fmt: skip

    def release(self, session: str, bid: SealedBid, to: Sequence[bytes]) -> releasing.BidRelease:
        """A bidder's release of its own key."""
        unlocking = container.release(self.suite, bid.header, bid.digest, bid.own, to)
        return releasing.release_bid(self.suite, session, bid.mark, unlocking, bid.signer)

    def _number(self, *purpose: str) -> bytes:
        """A group's key: a number below the order; the first byte zero makes it one."""
        return b"\0" + self._dice.bytes32("group", *purpose)[1:]


def written(writer: container.Writer, signer: SoftwareKey, parts: Sequence[bytes]) -> bytes:
    """A container's bytes, of what it holds in parts."""
    raw = bytearray(writer.begin())
    for part in parts:
        for at in range(0, len(part), sealing.STEP_BYTES):
            piece = part[at : at + sealing.STEP_BYTES]
            raw += writer.update(piece, bytearray(framing.room(len(piece))))
    return bytes(raw + writer.finish(signer))
