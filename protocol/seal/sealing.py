"""Sealing and opening one whole bid: keys, dealings, container and payload put together (SPEC 21, 22).

The bidder's program makes a header and its key with `prepare`, then passes its files through
`container.Writer`; whoever has put the keys together passes the container through `Opening` and gets
the list and the files' pieces. Makes no randomness and reads no file.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from protocol.seal import container, dealing, framing, payload
from protocol.seal.container import Header, Inspected
from protocol.seal.dealing import Bid, Group
from protocol.seal.framing import Stream
from protocol.seal.payload import Listing, Piece
from protocol.seal.refused import SealRefused
from protocol.seal.suite import Suite, SuiteName
from protocol.words import Id

STEP_BYTES: Final = 1_048_576
"""How many bytes are handed to `Opening.feed` or to a writer at once, at most."""


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """What the tender document says of sealing: for which lot and envelope, and for whom (SPEC 22.3)."""

    envelope: Id
    groups: tuple[Group, ...]
    lot: Id
    project: Id
    suite: SuiteName
    v: Literal[1] = 1


def prepare(
    suite: Suite,
    bid: Bid,
    groups: Sequence[Group],
    keys: Mapping[Id, bytes],
    locks: Sequence[bytes],
    listing: Listing,
) -> tuple[Header, bytes]:
    """A bid's header and the key that it is sealed under.

    Args:
      suite: the bid's.
      bid: which bid it is.
      groups: the custodians' groups, as the tender document names them.
      keys: group → its key, and `dealing.BIDDER` → the bidder's own: 32 bytes of a shell's entropy each.
      locks: the bidder's own public keys that its key is boxed to; may be none.
      listing: what will be sealed.

    Raises:
      SealRefused: what `dealing.deal`, `container.lock` and `payload.head` refuse.
    """
    assert set(keys) == {dealing.BIDDER, *(group.group for group in groups)}, "one key of each"
    payload.head(listing)
    header = Header(
        bid=bid,
        bidder_commitment=dealing.key_commitment(suite, bid, dealing.BIDDER, keys[dealing.BIDDER]),
        groups=tuple(
            dealing.deal(suite, bid, group, keys[group.group])
            for group in sorted(groups, key=lambda one: one.group)
        ),
        locks=tuple(container.lock(suite, bid, public, keys[dealing.BIDDER]) for public in locks),
        sealed_bytes=framing.sealed_length(payload.length(listing)),
    )
    return header, dealing.bid_key(suite, bid, keys)


class Opening:
    """A container on its way back to files, under the bid's key."""

    def __init__(self, suite: Suite, key: bytes, *, compared: bool = False) -> None:
        """Open under a key that fits one container; `compared` as for `container.Reader`.

        Raises:
          SealRefused: `KeyRefused` for a key of another length.
        """
        suite.opening(key, b"")
        self._suite, self._key = suite, key
        self._container = container.Reader(compared=compared)
        self._payload = payload.Reader(suite)
        self._stream: Stream | None = None
        self._buffer = bytearray(framing.room(STEP_BYTES))

    @property
    def listing(self) -> Listing | None:
        """The list, once it has come out: before the first piece."""
        return self._payload.listing

    def feed(self, data: memoryview) -> list[Piece]:
        """More of the container, at most `STEP_BYTES`; the files' pieces, good until the next call.

        Raises:
          SealRefused: `SealBroken` where the key is another's or something was changed; `SuiteMixed`;
            what `payload.Reader` refuses.
        """
        sealed = self._container.feed(data)
        header = self._container.header
        if header is None or not sealed:
            return []
        if self._stream is None:
            if header.bid.suite != self._suite.name:
                raise SealRefused("SuiteMixed", suite=self._suite.name)
            bound = container.context(self._suite, header, self._container.digest)
            self._stream = self._suite.opening(self._key, bound)
        count = self._stream.update_into(sealed, self._buffer)
        return self._payload.feed(memoryview(self._buffer)[:count])

    def close(self) -> tuple[list[Piece], Inspected]:
        """The last pieces, once there is no more; only now the bid is known to be whole.

        Raises:
          SealRefused: `ContainerBroken` names what is damaged; `SealBroken` where the end is missing.
        """
        inspected = self._container.close()
        if self._stream is None or not inspected.whole:
            raise SealRefused("ContainerBroken", part=", ".join(inspected.damaged) or "empty")
        pieces = self._payload.feed(memoryview(self._stream.finish()))
        self._payload.close()
        return pieces, inspected
