"""A place: what one key has handed in for one lot and envelope, and the row that it is kept in (SPEC 23.2).

Rows are of one length, sealed under a key of the installation and bound to where they stand, so that whoever
copies the store sees neither which places are used nor by whom. Pure: bytes in, bytes out.
"""

from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from protocol import canonical
from protocol.seal.handing_in import SignedReceipt

ROW_BYTES: Final = 32_768
RECEIPTS_MAX: Final = 16
"""So many receipts of one place are kept; a bidder has them all."""
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_PLAIN_BYTES: Final = ROW_BYTES - _NONCE_BYTES - _TAG_BYTES


class Stored(Struct, frozen=True):
    """A container in the reserve: its digest and id, its lengths, which blocks hold what.

    `frame` is the block of header and trailer; `blocks` has for each segment its block. `kept` has one byte
    for each segment, 1 where it is durable.
    """

    digest: bytes
    bid: str
    header_bytes: int
    trailer_bytes: int
    sealed_bytes: int
    frame: int
    blocks: tuple[int, ...]
    kept: bytes
    token: bytes

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of segments that are not there yet."""
        return tuple(number for number, one in enumerate(self.kept) if not one)

    @property
    def all_blocks(self) -> tuple[int, ...]:
        """Every block that it holds."""
        return (self.frame, *self.blocks)


class Place(Struct, frozen=True):
    """What a key has in a lot and envelope: what counts, what is coming in, and its receipts, newest last."""

    key: bytes
    public: bytes
    ticket: bytes
    lot: str
    envelope: str
    current: Stored | None = None
    coming: Stored | None = None
    receipts: tuple[SignedReceipt, ...] = ()

    @property
    def stored(self) -> tuple[Stored, ...]:
        """What it holds of the reserve."""
        return tuple(one for one in (self.current, self.coming) if one is not None)


def seal(key: bytes, nonce: bytes, session: str, number: int, place: Place | None) -> bytes:
    """The row of a place, `ROW_BYTES` long; None is a place that nobody uses."""
    raw = msgspec.msgpack.encode(place)
    assert len(raw) <= _PLAIN_BYTES - _LENGTH_BYTES, "a place has bounds"
    plain = (len(raw).to_bytes(_LENGTH_BYTES, "big") + raw).ljust(_PLAIN_BYTES, b"\0")
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(session, number))


def unseal(key: bytes, session: str, number: int, row: bytes) -> Place | None:
    """A place from its row.

    Raises:
      ValueError: it was changed, moved, or sealed under another key.
    """
    try:
        plain = AESGCM(key).decrypt(row[:_NONCE_BYTES], row[_NONCE_BYTES:], _bound(session, number))
    except InvalidTag as error:
        raise ValueError(f"row {number} of a tender's places does not open under this key") from error
    size = int.from_bytes(plain[:_LENGTH_BYTES], "big")
    return msgspec.msgpack.decode(plain[_LENGTH_BYTES : _LENGTH_BYTES + size], type=Place | None)


def _bound(session: str, number: int) -> bytes:
    return canonical.tag("bid-place/v1") + canonical.encode([session, number])
