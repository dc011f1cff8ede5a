"""The national suite, `gm-1` (国密): SM4-GCM, SM3, SM2.

Not certified (未经密评): libcrypto and libgcrypt are software that no Chinese authority has
tested as a cryptographic module. An installation that needs that keeps its keys in a certified
device (SDF, SKF) behind `SigningKey` and `DecryptingKey`, which ask for nothing but SM2 itself.
Sources: GM/T 0002, 0003, 0004, 0009; RFC 8998; c2sp.org/chunked-encryption; SPEC 18.
"""

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol import canonical, limits
from protocol.seal import framing, sm2, sm4
from protocol.seal.framing import SALT_BYTES, Form, Stream
from protocol.seal.native import libcrypto, libgcrypt
from protocol.seal.refused import SealRefused
from protocol.seal.sm4 import Aead
from protocol.seal.suite import DecryptingKey, Digest, OpeningKey, SigningKey, SuiteName

FORM: Final = Form("AEAD_SM4_GCM", sm4.gcm, sm4.KEY_BYTES, hashes.SM3())
"""Sealed bytes of this suite."""


class Gm:
    """`gm-1`; see `protocol.seal.suite.Suite`."""

    name: SuiteName = "gm-1"
    number = 2
    key_bytes = sm4.KEY_BYTES

    def hash(self, data: bytes) -> bytes:
        """SM3."""
        return sm2.sm3(data)

    def hashing(self) -> Digest:
        """SM3, by the faster of the libraries that are here."""
        return libgcrypt.sm3() or hashes.Hash(hashes.SM3())

    def derive(self, material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        """HKDF-SM3."""
        return HKDF(hashes.SM3(), length, salt, info).derive(material)

    def aead(self, key: bytes) -> Aead:
        """SM4-GCM."""
        return sm4.gcm(key)

    def digest(self, public: bytes, message: bytes) -> bytes:
        """SM3(Z ‖ message)."""
        return sm2.message_digest(_checked(public), message)

    def sign(self, key: SigningKey, message: bytes) -> bytes:
        """SM2 with SM3."""
        _checked(key.public)
        return key.sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether it is the key's."""
        return sm2.verify(public, message, signature)

    def wrap(self, public: bytes, info: bytes, secret: bytes) -> bytes:
        """A digital envelope (数字信封)."""
        if not 1 <= len(secret) <= limits.BOX_SECRET_BYTES_MAX:
            raise SealRefused("BoxRefused", why=f"a secret of {len(secret)} bytes")
        key = libcrypto.random_bytes(self.key_bytes)
        locked = sm2.encrypt(_checked(public), key)
        head = bytes([self.number]) + len(locked).to_bytes(2, "big")
        return head + locked + self.encrypt(key, self._info(info), secret)

    def unwrap(self, key: OpeningKey, info: bytes, box: bytes) -> bytes:
        """The secret of an envelope."""
        _checked(key.public)
        if not isinstance(key, DecryptingKey):
            raise SealRefused("KeyRefused", why="a key that cannot decrypt")
        if box[:1] != bytes([self.number]):
            raise SealRefused("SuiteMixed", suite=self.name)
        end = 3 + int.from_bytes(box[1:3], "big")
        content = key.decrypt(box[3:end]) if len(box) >= end else None
        if content is None or len(content) != self.key_bytes:
            raise SealRefused("BoxRefused", why="another key or box")
        try:
            return self.decrypt(content, self._info(info), box[end:])
        except SealRefused:
            raise SealRefused("BoxRefused", why="another key, info or box") from None

    def encrypt(self, key: bytes, context: bytes, plaintext: bytes) -> bytes:
        """Sealed bytes of a message in memory."""
        return framing.through(self.sealing(key, context), plaintext)

    def decrypt(self, key: bytes, context: bytes, ciphertext: bytes) -> bytes:
        """The message."""
        return framing.through(self.opening(key, context), ciphertext)

    def sealing(self, key: bytes, context: bytes) -> Stream:
        """The same as a stream, the salt made by the library."""
        return FORM.sealing(key, context, libcrypto.random_bytes(SALT_BYTES))

    def opening(self, key: bytes, context: bytes) -> Stream:
        """The same as a stream."""
        return FORM.opening(key, context)

    def private_key(self, der: bytes) -> sm2.PrivateKey:
        """An SM2 private key."""
        try:
            return sm2.PrivateKey(der)
        except sm2.NotSm2 as error:
            raise SealRefused("KeyRefused", why=error) from error

    def private_der(self, scalar: bytes) -> bytes:
        """PKCS #8 of a scalar between 1 and n − 2."""
        try:
            return sm2.private_der(scalar)
        except sm2.NotSm2 as error:
            raise SealRefused("KeyRefused", why=error) from error

    def is_public(self, public: bytes) -> bool:
        """Whether it is an SM2 key in its one form."""
        return sm2.is_public(public)

    def _info(self, info: bytes) -> bytes:
        return canonical.tag(f"box/v1/{self.name}") + info


def _checked(public: bytes) -> bytes:
    if public[: len(sm2.SPKI)] != sm2.SPKI:
        raise SealRefused("SuiteMixed", suite=Gm.name)
    try:
        return sm2.checked(public)
    except sm2.NotSm2 as error:
        raise SealRefused("KeyRefused", why=error) from error
