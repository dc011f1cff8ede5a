"""SM4-GCM (GM/T 0002, RFC 8998): libgcrypt where the machine has it, else `cryptography`.

Both give the same bytes and have the methods of `cryptography`'s AEADs. Keys are 16 bytes, nonces
12, tags 16. `cryptography` has SM4 in GCM as a cipher only, without a one-shot form.
"""

from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.utils import Buffer

from protocol.seal.native import libgcrypt
from protocol.seal.refused import SealRefused

KEY_BYTES: Final = 16
TAG_BYTES: Final = 16


class Aead(Protocol):
    """An AEAD under one key, as `cryptography` shapes them; a false tag raises `InvalidTag`."""

    def encrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """The plaintext."""

    def encrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """Ciphertext and tag into a buffer of exactly that length."""

    def decrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """The plaintext into a buffer of exactly that length."""


class OpensslGcm:
    """SM4-GCM through `cryptography`."""

    def __init__(self, key: bytes) -> None:
        """The key is 16 bytes."""
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        made = Cipher(self._algorithm, GCM(nonce)).encryptor()
        if associated_data:
            made.authenticate_additional_data(associated_data)
        return made.update(data) + made.finalize() + made.tag

    def decrypt(self, nonce: bytes, data: Buffer, associated_data: bytes | None) -> bytes:
        """The plaintext.

        Raises:
          InvalidTag: the key, the nonce, the data or what goes with it is another.
        """
        sealed = memoryview(data)
        if sealed.nbytes < TAG_BYTES:
            raise InvalidTag
        found = Cipher(self._algorithm, GCM(nonce, bytes(sealed[-TAG_BYTES:]))).decryptor()
        if associated_data:
            found.authenticate_additional_data(associated_data)
        return found.update(sealed[:-TAG_BYTES]) + found.finalize()

    def encrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """The same into a buffer of exactly that length."""
        made = self.encrypt(nonce, data, associated_data)
        memoryview(buf)[:] = made
        return len(made)

    def decrypt_into(self, nonce: bytes, data: Buffer, associated_data: bytes | None, buf: Buffer) -> int:
        """The same into a buffer of exactly that length; nothing is written where the tag is false."""
        found = self.decrypt(nonce, data, associated_data)
        memoryview(buf)[:] = found
        return len(found)


def gcm(key: bytes) -> Aead:
    """SM4-GCM under a key, by the fastest implementation that this machine has.

    Raises:
      SealRefused: `KeyRefused` for a key of another length than 16 bytes.
    """
    if len(key) != KEY_BYTES:
        raise SealRefused("KeyRefused", why=f"{len(key)} bytes for SM4")
    return libgcrypt.gcm(bytes(key)) or OpensslGcm(bytes(key))
