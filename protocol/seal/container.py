"""A sealed bid as one file: header, sealed bytes, trailer (SPEC 22).

A writer and a reader without I/O: bytes go through them, a few megabytes at most are held. The reader
needs no key and names what is damaged; it hands on the sealed bytes, which a stream of the suite opens
under the bid's key. Knows the frame; what is inside is `protocol.seal.payload`'s, the bid's key
`protocol.seal.dealing`'s.
"""

import hmac
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from cryptography.utils import Buffer
from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.limits import BID_LOCKS_MAX, CONTAINER_HEADER_BYTES_MAX, SEALED_BYTES_MAX, SEGMENT_BYTES
from protocol.seal import dealing, framing, suites
from protocol.seal.dealing import Bid, Dealing
from protocol.seal.refused import SealRefused
from protocol.seal.suite import Digest, OpeningKey, SigningKey, Suite
from protocol.words import Hash

MAGIC: Final = b"TCBID\r\n\x01"
END: Final = b"TCEND\r\n\x01"

_LENGTH_BYTES: Final = 4
_SEALED_BYTES_MIN: Final = framing.sealed_length(0)


class Lock(Struct, frozen=True, forbid_unknown_fields=True):
    """The bidder's own key, boxed to a key of the bidder."""

    box: bytes
    public: bytes


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before the sealed bytes, for anybody to read."""

    bid: Bid
    bidder_commitment: Hash
    groups: Annotated[tuple[Dealing, ...], Meta(min_length=1, max_length=limits.BID_GROUPS_MAX)]
    locks: Annotated[tuple[Lock, ...], Meta(max_length=BID_LOCKS_MAX)]
    sealed_bytes: Annotated[int, Meta(ge=_SEALED_BYTES_MIN, le=SEALED_BYTES_MAX)]
    segment_bytes: Literal[4_194_304] = 4_194_304
    v: Literal[1] = 1


class Seal(Struct, frozen=True, forbid_unknown_fields=True):
    """What the bidder signs: the header and every segment of the sealed bytes."""

    header_digest: Hash
    public: bytes
    segments: tuple[Hash, ...]
    v: Literal[1] = 1


class Trailer(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands behind the sealed bytes."""

    seal: Seal
    sig: bytes


class Inspected(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be said of a container without a key.

    `damaged`: `header`, `trailer`, `end`, and `segment N` from 0; empty where all is whole. `header` and
    `seal` are None where they cannot be read. `signed`: whether the signature holds.
    """

    header: Header | None
    header_digest: bytes
    seal: Seal | None
    damaged: tuple[str, ...]
    signed: bool

    @property
    def whole(self) -> bool:
        """Whether nothing is damaged and the signature holds."""
        return not self.damaged and self.signed


def lock(suite: Suite, bid: Bid, public: bytes, key: bytes) -> Lock:
    """The bidder's own key for one of its keys."""
    return Lock(suite.wrap(public, _lock_info(bid), key), public)


def unlock(suite: Suite, header: Header, key: OpeningKey) -> bytes:
    """The bidder's own key from the lock that this key opens.

    Raises:
      SealRefused: `KeyRefused` where no lock is for this key; `BoxRefused` where its box does not open or
        holds another key than the header commits to.
    """
    for one in header.locks:
        if one.public == key.public:
            found = suite.unwrap(key, _lock_info(header.bid), one.box)
            _committed(suite, header, found)
            return found
    raise SealRefused("KeyRefused", why="no lock for this key")


def context(suite: Suite, header: Header, digest: bytes) -> bytes:
    """What the sealed bytes are bound to, 96 bytes."""
    of_bid = suite.hash(canonical.tag("bid/v1") + canonical.encode(header.bid))
    return canonical.tag("container/v1") + of_bid + digest


def header_digest(suite: Suite, raw: bytes) -> bytes:
    """The digest of a header's bytes, 32 bytes."""
    return suite.hash(canonical.tag("header/v1") + raw)


class Unlocking(Struct, frozen=True, forbid_unknown_fields=True):
    """The bidder's own key, boxed for each that it is released to (解密, SPEC 22.3)."""

    bid: Bid
    boxes: Annotated[tuple[Lock, ...], Meta(min_length=1, max_length=limits.RELEASES_MAX)]
    header_digest: Hash
    v: Literal[1] = 1


def release(suite: Suite, header: Header, digest: bytes, key: bytes, to: Sequence[bytes]) -> Unlocking:
    """Box the bidder's own key for public keys.

    Raises:
      SealRefused: `BoxRefused` for a key that the header does not commit to; `KeyRefused`, `SuiteMixed` for a
        public key that is none of the suite's.
    """
    _committed(suite, header, key)
    boxes = tuple(Lock(suite.wrap(public, _release_info(header.bid, digest), key), public) for public in to)
    return Unlocking(header.bid, boxes, digest)


def released(suite: Suite, header: Header, digest: bytes, unlocking: Unlocking, key: OpeningKey) -> bytes:
    """The bidder's own key, by the holder of a key that it was released to.

    Raises:
      SealRefused: `BoxRefused` where it is of another bid or header, or not the key committed to;
        `KeyRefused` where no box is for this key.
    """
    if (unlocking.bid, unlocking.header_digest) != (header.bid, digest):
        raise SealRefused("BoxRefused", why="another bid or header")
    for one in unlocking.boxes:
        if one.public == key.public:
            found = suite.unwrap(key, _release_info(header.bid, digest), one.box)
            _committed(suite, header, found)
            return found
    raise SealRefused("KeyRefused", why="not released to this key")


class Writer:
    """Makes a container: `begin`, then `update` for the payload's bytes, then `finish`."""

    def __init__(self, header: Header, key: bytes) -> None:
        """Seal under the bid's key; the header says how many sealed bytes there will be.

        Raises:
          SealRefused: for a header that a reader would refuse, or a key of another length.
        """
        self.header = header
        self._suite = suites.get(header.bid.suite)
        self._raw = canonical.encode(header)
        read_header(self._raw)
        self._digest = header_digest(self._suite, self._raw)
        self._stream = self._suite.sealing(key, context(self._suite, header, self._digest))
        self._segments = _Segments(self._suite)
        self._left = header.sealed_bytes

    def begin(self) -> bytes:
        """What stands before the sealed bytes."""
        return MAGIC + len(self._raw).to_bytes(_LENGTH_BYTES, "big") + self._raw

    def update(self, data: Buffer, buf: bytearray) -> memoryview:
        """More of the payload; what is to be written lies in the buffer, of `framing.room` bytes."""
        return self._passed(memoryview(buf)[: self._stream.update_into(data, buf)])

    def finish(self, key: SigningKey) -> bytes:
        """The last sealed bytes and the trailer, signed by the bidder."""
        last = bytes(self._passed(memoryview(self._stream.finish())))
        assert self._left == 0, "the header foretells the sealed bytes"
        seal = Seal(self._digest, key.public, self._segments.close())
        trailer = Trailer(seal, self._suite.sign(key, signed_bytes(seal)))
        raw = canonical.encode(trailer)
        return last + raw + len(raw).to_bytes(_LENGTH_BYTES, "big") + END

    def _passed(self, data: memoryview) -> memoryview:
        self._left -= len(data)
        self._segments.add(data)
        return data


class Reader:
    """Takes a container as it comes, hands on its sealed bytes, and says in the end what is damaged."""

    def __init__(self, *, compared: bool = False) -> None:
        """Wait for the header.

        `compared`: this very container was read through and found whole before, so that its segments need
        not be hashed again. Only for whoever opens the seal as it reads: each chunk of it has its tag.
        """
        self._compared = compared
        self._pending = bytearray()
        self._suite: Suite | None = None
        self._segments: _Segments | None = None
        self._left = 0
        self._lost = False
        self.header: Header | None = None
        self.digest = b""

    def feed(self, data: memoryview) -> memoryview:
        """More bytes; the sealed bytes among them, in the same memory. `header` is there before the first.

        After a header that cannot be read nothing can be found any more, and nothing is handed on.
        """
        if self._segments is None and not self._lost:
            data = self._headed(data)
        if self._segments is None:
            return data[:0]
        sealed, data = data[: self._left], data[self._left :]
        self._left -= len(sealed)
        if not self._compared:
            self._segments.add(sealed)
        # One byte more than the longest trailer shows that there is too much.
        room = CONTAINER_HEADER_BYTES_MAX + _LENGTH_BYTES + len(END) + 1 - len(self._pending)
        self._pending += data[: max(room, 0)]
        return sealed

    def close(self) -> Inspected:
        """There is no more: what is whole and what is damaged."""
        if self.header is None or self._suite is None or self._segments is None:
            return Inspected(None, b"", None, ("header",), signed=False)
        found = self._segments.close()
        count = -(-self.header.sealed_bytes // SEGMENT_BYTES)
        if self._left:
            # The file was cut: what is missing is damaged, and so is the trailer.
            whole = (self.header.sealed_bytes - self._left) // SEGMENT_BYTES
            missing = tuple(f"segment {number}" for number in range(whole, count))
            return Inspected(self.header, self.digest, None, (*missing, "trailer", "end"), signed=False)
        trailer, damaged = self._trailed()
        if trailer is None:
            return Inspected(self.header, self.digest, None, damaged, signed=False)
        seal = trailer.seal
        if not hmac.compare_digest(seal.header_digest, self.digest):
            damaged = ("header", *damaged)
        if len(seal.segments) != count:
            return Inspected(self.header, self.digest, seal, (*damaged, "trailer"), signed=False)
        damaged += tuple(
            f"segment {number}"
            for number, (one, other) in enumerate(zip(found, seal.segments, strict=not self._compared))
            if one != other
        )
        signed = self._suite.verify(seal.public, signed_bytes(seal), trailer.sig)
        return Inspected(self.header, self.digest, seal, damaged if signed else (*damaged, "trailer"), signed)

    def _headed(self, data: memoryview) -> memoryview:
        """Read magic and header; what is left of the data."""
        start = len(MAGIC) + _LENGTH_BYTES
        at = 0
        for size in (start, None):
            if size is None:
                length = int.from_bytes(self._pending[len(MAGIC) : start], "big")
                self._lost = self._pending[: len(MAGIC)] != MAGIC or length > CONTAINER_HEADER_BYTES_MAX
                size = start + length  # noqa: PLW2901
            if self._lost:
                return data[:0]
            taken = data[at : at + size - len(self._pending)]
            self._pending += taken
            at += len(taken)
            if len(self._pending) < size:
                return data[:0]
        raw = bytes(self._pending[start:])
        self._pending.clear()
        try:
            self.header = read_header(raw)
        except SealRefused:
            self._lost = True
            return data[:0]
        self._suite = suites.get(self.header.bid.suite)
        self.digest = header_digest(self._suite, raw)
        self._segments = _Segments(self._suite)
        self._left = self.header.sealed_bytes
        return data[at:]

    def _trailed(self) -> tuple[Trailer | None, tuple[str, ...]]:
        """The trailer, and which of trailer and end are damaged."""
        tail = bytes(self._pending)
        behind = _LENGTH_BYTES + len(END)
        if not tail.endswith(END):
            return None, ("trailer", "end")
        length = int.from_bytes(tail[-behind : -len(END)], "big")
        if length > CONTAINER_HEADER_BYTES_MAX or len(tail) != length + behind:
            return None, ("trailer",)
        try:
            return canonical.decode(tail[:length], Trailer, CONTAINER_HEADER_BYTES_MAX), ()
        except canonical.NotCanonical:
            return None, ("trailer",)


def read_header(raw: bytes) -> Header:
    """A header from its bytes.

    Raises:
      SealRefused: `ContainerBroken` for anything but a canonical header with groups in order, each once;
        `SuiteUnknown` for a suite that is not known.
    """
    try:
        header = canonical.decode(raw, Header, CONTAINER_HEADER_BYTES_MAX)
    except canonical.NotCanonical as error:
        raise SealRefused("ContainerBroken", part="header") from error
    suites.get(header.bid.suite)
    names = [one.group for one in header.groups]
    if names != sorted(set(names)):
        raise SealRefused("ContainerBroken", part="header")
    return header


def signed_bytes(seal: Seal) -> bytes:
    """What the bidder's signature is over."""
    return canonical.tag("container-seal/v1") + canonical.encode(seal)


def segment_digest(suite: Suite, number: int, data: Buffer) -> bytes:
    """The digest of one segment, 32 bytes."""
    digest = _segment(suite, number)
    digest.update(data)
    return digest.finalize()


class _Segments:
    """The digests of segments as their bytes go by; nothing of them is held."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._digests: list[bytes] = []
        self._digest, self._left = _segment(suite, 0), SEGMENT_BYTES

    def add(self, data: memoryview) -> None:
        while data:
            taken = data[: self._left]
            self._digest.update(taken)
            self._left -= len(taken)
            data = data[len(taken) :]
            if not self._left:
                self._end()

    def close(self) -> tuple[bytes, ...]:
        if self._left < SEGMENT_BYTES:
            self._end()
        return tuple(self._digests)

    def _end(self) -> None:
        self._digests.append(self._digest.finalize())
        self._digest, self._left = _segment(self._suite, len(self._digests)), SEGMENT_BYTES


def _segment(suite: Suite, number: int) -> Digest:
    """The digest of a segment, before its first byte."""
    digest = suite.hashing()
    digest.update(canonical.tag("segment/v1") + number.to_bytes(8, "big"))
    return digest


def _committed(suite: Suite, header: Header, key: bytes) -> None:
    """Refuse a key that is not the bidder's of this header."""
    if dealing.key_commitment(suite, header.bid, dealing.BIDDER, key) != header.bidder_commitment:
        raise SealRefused("BoxRefused", why="another key than the header commits to")


def _release_info(bid: Bid, digest: bytes) -> bytes:
    return canonical.encode([bid, digest, "release"])


def _lock_info(bid: Bid) -> bytes:
    return canonical.encode([bid, dealing.BIDDER])
