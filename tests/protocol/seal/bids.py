"""A small sealed bid for tests: its files, its custodians, its keys, its container."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.seal import container, dealing, framing, payload, sealing, suites
from protocol.seal.container import Header
from protocol.seal.dealing import Bid, Custodian, Group
from protocol.seal.payload import File, Listing
from protocol.seal.suite import SoftwareKey, Suite

FILES = {
    "商务标/投标函.pdf": b"%PDF a letter",
    "商务标/空.txt": b"",
    "报价.xlsx": bytes(range(256)) * 40,
    "技术标/施工组织设计.pdf": b"plan " * 10_000,
}


def key_of(suite: Suite, number: int) -> SoftwareKey:
    return suite.private_key(suite.private_der(number.to_bytes(32, "big")))


def secret(number: int) -> bytes:
    return bytes([number]) * 32


@dataclass
class SealedBid:
    """One bid, sealed, and everything that a test may want to know of it."""

    suite: Suite
    header: Header
    keys: Mapping[str, bytes]
    raw: bytes
    custodians: Sequence[SoftwareKey]
    bidder: SoftwareKey

    @property
    def key(self) -> bytes:
        return dealing.bid_key(self.suite, self.header.bid, self.keys)

    @property
    def starts(self) -> tuple[int, int]:
        """Where the sealed bytes begin and end."""
        start = 12 + int.from_bytes(self.raw[8:12], "big")
        return start, start + self.header.sealed_bytes


def listing_of(suite: Suite, files: Mapping[str, bytes]) -> Listing:
    return Listing((), tuple(File(suite.hash(data), name, len(data)) for name, data in files.items()))


def seal(name: str, bid: str = "b-1", files: Mapping[str, bytes] | None = None, first: int = 1) -> SealedBid:
    """A bid of two groups, three custodians (any two) and the tenderee."""
    files = FILES if files is None else files
    suite = suites.get(name)
    custodians = [key_of(suite, number) for number in (11, 12, 13, 14)]
    bidder = key_of(suite, 20)
    centres = tuple(Custodian(f"c-{at}", key.public) for at, key in enumerate(custodians[:3], 1))
    groups = (Group("tenderee", (Custodian("t-1", custodians[3].public),), 1), Group("centres", centres, 2))
    keys = {"centres": secret(first), "tenderee": secret(first + 1), dealing.BIDDER: secret(first + 2)}
    listing = listing_of(suite, files)
    of = Bid(bid, "e-1", "l-1", "p-1", suite.name)
    header, key = sealing.prepare(suite, of, groups, keys, [bidder.public], listing)
    writer = container.Writer(header, key)
    raw = bytearray(writer.begin())
    for part in (payload.head(listing), *files.values()):
        for at in range(0, len(part), 70_000):
            piece = part[at : at + 70_000]
            raw += writer.update(piece, bytearray(framing.room(len(piece))))
    raw += writer.finish(bidder)
    return SealedBid(suite, header, keys, bytes(raw), custodians, bidder)


def inspect(raw: bytes, step: int = 100_000) -> container.Inspected:
    reader = container.Reader()
    for at in range(0, len(raw), step):
        reader.feed(memoryview(raw)[at : at + step])
    return reader.close()


def unseal(suite: Suite, key: bytes, raw: bytes, step: int = 100_000) -> dict[str, bytes]:
    """The files of a container; every piece is known to be right when this returns."""
    opening = sealing.Opening(suite, key)
    found: dict[int, bytearray] = {}
    for at in range(0, len(raw), step):
        for piece in opening.feed(memoryview(raw)[at : at + step]):
            found.setdefault(piece.file, bytearray()).extend(piece.data)
    for piece in opening.close()[0]:
        found.setdefault(piece.file, bytearray()).extend(piece.data)
    assert opening.listing is not None
    return {one.name: bytes(found[at]) for at, one in enumerate(opening.listing.files)}
