"""Sealed bytes: C2SP chunked-encryption v1 over any hash and AEAD (SPEC 18.2).

A message of any length in chunks of 16 KiB, streamed both ways with one chunk of memory. The key
derivation commits to key and context; a chunk cannot be cut, moved, doubled, added or left out
unnoticed, since each has its own nonce and only the last is short. What an opening gives before
`finish` is authentic but may be the beginning of something longer: nothing is used until it is done.

The salt comes from the caller. Source: c2sp.org/chunked-encryption.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.utils import Buffer

from protocol.seal.refused import SealRefused
from protocol.seal.sm4 import Aead

CHUNK_BYTES: Final = 16_384
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
SALT_BYTES: Final = 24
COMMITMENT_BYTES: Final = 32
PREFIX_BYTES: Final = SALT_BYTES + COMMITMENT_BYTES
NONCE_BYTES: Final = 12
CHUNKS_MAX: Final = 2**38

_LABEL: Final = b"c2sp.org/chunked-encryption@v1+"


class Stream(Protocol):
    """Bytes going through a seal, one way or the other."""

    def update_into(self, data: Buffer, buf: Buffer) -> int:
        """Take more bytes; what became ready stands at the buffer's start, its length is the answer.

        The buffer has at least `room(length of data)` bytes and does not overlap the data.
        """

    def finish(self) -> bytes:
        """The last bytes, once there are no more; the stream is used up."""


@dataclass(frozen=True)
class Form:
    """One instantiation: the AEAD's IANA name, its implementation, its key's length, the KDF's hash."""

    aead: str
    cipher: Callable[[bytes], Aead]
    key_bytes: int
    kdf: HashAlgorithm

    def derive(self, key: bytes, context: bytes, salt: bytes) -> tuple[bytes, bytes, bytes]:
        """AEAD key, base nonce, commitment.

        Raises:
          SealRefused: `KeyRefused` for an input key of another length.
        """
        if len(key) != self.key_bytes:
            raise SealRefused(
                "KeyRefused", why=f"{len(key)} bytes for {self.aead}, which takes {self.key_bytes}"
            )
        assert len(salt) == SALT_BYTES
        length = self.key_bytes + NONCE_BYTES + COMMITMENT_BYTES
        info = _LABEL + self.aead.encode("ascii") + b"\0" + salt + context
        made = HKDFExpand(self.kdf, length, info).derive(bytes(key))
        end = self.key_bytes + NONCE_BYTES
        return made[: self.key_bytes], made[self.key_bytes : end], made[end:]

    def sealing(self, key: bytes, context: bytes, salt: bytes) -> "Sealing":
        """A stream from plaintext to sealed bytes; the salt is 24 bytes never used with this key before."""
        return Sealing(self, key, context, salt)

    def opening(self, key: bytes, context: bytes) -> "Opening":
        """A stream from sealed bytes to plaintext."""
        return Opening(self, key, context)


class Sealing:
    """Plaintext in, sealed bytes out."""

    def __init__(self, form: Form, key: bytes, context: bytes, salt: bytes) -> None:
        """Derive the keys; see `Form.sealing`."""
        aead_key, base_nonce, commitment = form.derive(key, context, salt)
        self._ready = salt + commitment
        self._chunks = _Chunks(form.cipher(aead_key), base_nonce)
        self._pending = bytearray()

    def update_into(self, data: Buffer, buf: Buffer) -> int:
        """See `Stream`."""
        out = memoryview(buf)
        at = len(self._ready)
        out[:at] = self._ready
        self._ready = b""
        for chunk in _whole(self._pending, memoryview(data), CHUNK_BYTES):
            at += self._chunks.seal(chunk, out[at : at + SEALED_CHUNK_BYTES])
        return at

    def finish(self) -> bytes:
        """See `Stream`: at least the last chunk, which may be empty of plaintext."""
        out = bytearray(len(self._pending) + TAG_BYTES)
        self._chunks.seal(self._pending, memoryview(out))
        return self._ready + bytes(out)


class Opening:
    """Sealed bytes in, plaintext out; raises `SealRefused("SealBroken")` at the first that is not right."""

    def __init__(self, form: Form, key: bytes, context: bytes) -> None:
        """Wait for salt and commitment; a key of a wrong length is refused at once."""
        form.derive(key, context, bytes(SALT_BYTES))
        self._form, self._key, self._context = form, bytes(key), bytes(context)
        self._chunks: _Chunks | None = None
        self._pending = bytearray()

    def update_into(self, data: Buffer, buf: Buffer) -> int:
        """See `Stream`."""
        rest = memoryview(data)
        if self._chunks is None:
            wanted = PREFIX_BYTES - len(self._pending)
            self._pending += rest[:wanted]
            rest = rest[wanted:]
            if len(self._pending) < PREFIX_BYTES:
                return 0
            self._chunks = self._begun(bytes(self._pending))
            self._pending.clear()
        out = memoryview(buf)
        at = 0
        for chunk in _whole(self._pending, rest, SEALED_CHUNK_BYTES):
            at += self._chunks.open(chunk, out[at : at + CHUNK_BYTES])
        return at

    def finish(self) -> bytes:
        """See `Stream`: the last chunk, without which the message was cut."""
        if self._chunks is None:
            raise SealRefused("SealBroken", part="prefix")
        if len(self._pending) < TAG_BYTES:
            raise SealRefused("SealBroken", part="end")
        out = bytearray(len(self._pending) - TAG_BYTES)
        self._chunks.open(self._pending, memoryview(out))
        return bytes(out)

    def _begun(self, prefix: bytes) -> "_Chunks":
        salt, commitment = prefix[:SALT_BYTES], prefix[SALT_BYTES:]
        aead_key, base_nonce, expected = self._form.derive(self._key, self._context, salt)
        if not hmac.compare_digest(commitment, expected):
            raise SealRefused("SealBroken", part="commitment")
        return _Chunks(self._form.cipher(aead_key), base_nonce)


class _Chunks:
    """The chunks of one message under its key, each with the nonce of its number."""

    def __init__(self, aead: Aead, base_nonce: bytes) -> None:
        self._aead = aead
        self._base = int.from_bytes(base_nonce, "big")
        self._next = 0

    def seal(self, chunk: Buffer, out: memoryview) -> int:
        return self._aead.encrypt_into(self._nonce(), chunk, None, out)

    def open(self, chunk: Buffer, out: memoryview) -> int:
        number = self._next
        try:
            return self._aead.decrypt_into(self._nonce(), chunk, None, out)
        except InvalidTag:
            raise SealRefused("SealBroken", part=f"chunk {number}") from None

    def _nonce(self) -> bytes:
        assert self._next < CHUNKS_MAX
        nonce = (self._base ^ self._next).to_bytes(NONCE_BYTES, "big")
        self._next += 1
        return nonce


def room(length: int) -> int:
    """How large a buffer must be for what `length` more bytes may make ready, either way."""
    return PREFIX_BYTES + (length // CHUNK_BYTES + 1) * SEALED_CHUNK_BYTES


def sealed_length(length: int) -> int:
    """How long the sealed bytes of so many are."""
    return PREFIX_BYTES + length + (length // CHUNK_BYTES + 1) * TAG_BYTES


def through(stream: Stream, data: Buffer) -> bytes:
    """All of a message that is in memory."""
    out = bytearray(room(memoryview(data).nbytes))
    count = stream.update_into(data, out)
    return bytes(out[:count]) + stream.finish()


def _whole(pending: bytearray, data: memoryview, size: int) -> Iterator[Buffer]:
    """Pieces of exactly `size` from what was pending and what is new; the rest is left pending."""
    at = 0
    if pending:
        at = min(size - len(pending), len(data))
        pending += data[:at]
        if len(pending) < size:
            return
        yield bytes(pending)
        pending.clear()
    while len(data) - at >= size:
        yield data[at : at + size]
        at += size
    pending += data[at:]
