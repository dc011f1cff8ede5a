"""SM2 (GM/T 0003, GB/T 32918): keys, signatures with SM3, public-key encryption.

A public key is its SubjectPublicKeyInfo in DER, 91 bytes, uncompressed point, curve by name
(1.2.156.10197.1.301); any other form is refused, so that a key has one byte form. A signature is
DER `SEQUENCE {r, s}` over e = SM3(Z ‖ message), Z naming the signer (GM/T 0009: the identity is
`1234567812345678` unless agreed otherwise). A ciphertext is DER `SEQUENCE {x, y, C3, C2}` (GM/T
0009). Makes no key: a private key is read, or made of 32 bytes that a shell's senses gave.
The arithmetic is libcrypto's; what a device (SDF, SKF) signs is `message_digest`.
"""

from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives import hashes

from protocol.seal.native import libcrypto

IDENTITY: Final = b"1234567812345678"
"""The signer's identity where none was agreed (GM/T 0009-2012, 10)."""

P: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
GENERATOR: Final = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
"""The recommended curve (GM/T 0003.5-2012, 2)."""

PUBLIC_BYTES: Final = 91
POINT_BYTES: Final = 65
SCALAR_BYTES: Final = 32
DIGEST_BYTES: Final = 32

SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""How the one form of a public key begins."""

_PKCS8: Final = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
_PKCS8_POINT: Final = bytes.fromhex("a144034200")
_PKCS8_ALONE: Final = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")


class NotSm2(ValueError):
    """The bytes are no SM2 key of the one form that is read here."""


class PrivateKey:
    """A private key in this process; a device's key has the same methods and never shows its scalar."""

    def __init__(self, der: bytes) -> None:
        """Read a private key: PKCS #8 or SEC 1, DER, on the curve of SM2.

        Raises:
          NotSm2: it is no private key, or one of another curve.
        """
        key = libcrypto.private_key(der)
        public = libcrypto.public_bytes(key) if key else b""
        if key is None or not public.startswith(SPKI) or len(public) != PUBLIC_BYTES:
            raise NotSm2("no SM2 private key")
        self._key = key
        self.public = public

    def sign(self, message: bytes, identity: bytes = IDENTITY) -> bytes:
        """A signature over the message, DER."""
        made = libcrypto.sign(self._key, message_digest(self.public, message, identity))
        assert made is not None, "libcrypto signs with a key it has read"
        return made

    def decrypt(self, ciphertext: bytes) -> bytes | None:
        """What was encrypted for this key; None where it was not, or was changed."""
        return libcrypto.decrypt(self._key, ciphertext)


def private_der(scalar: bytes) -> bytes:
    """The PKCS #8 form, DER, of a private key made of 32 bytes that a shell gave.

    Raises:
      NotSm2: the number is not between 1 and n − 2 (GM/T 0003.1-2012, 6.1): ask for other bytes.
    """
    if len(scalar) != SCALAR_BYTES or not 1 <= int.from_bytes(scalar, "big") <= N - 2:
        raise NotSm2("not between 1 and n − 2")
    public = PrivateKey(_PKCS8_ALONE + scalar).public
    return _PKCS8 + scalar + _PKCS8_POINT + point(public)


def public_of(point_: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an uncompressed point, 65 bytes beginning with 04.

    Raises:
      NotSm2: another length or form, or not on the curve.
    """
    return checked(SPKI + point_)


def point(public: bytes) -> bytes:
    """The uncompressed point of a public key, 65 bytes."""
    return checked(public)[len(SPKI) :]


def checked(public: bytes) -> bytes:
    """The public key itself, once it is known to be one.

    Raises:
      NotSm2: another algorithm, curve or form, or a point that is not on the curve.
    """
    _handle(bytes(public))
    return bytes(public)


def is_public(public: bytes) -> bool:
    """Whether the bytes are an SM2 public key of the one form."""
    try:
        _handle(bytes(public))
    except NotSm2:
        return False
    return True


def verify(public: bytes, message: bytes, signature: bytes, identity: bytes = IDENTITY) -> bool:
    """Whether a DER signature over the message is the key's; any malformation is False."""
    return is_public(public) and verify_digest(public, message_digest(public, message, identity), signature)


def verify_digest(public: bytes, digest: bytes, signature: bytes) -> bool:
    """The same for e itself, 32 bytes: what a device was asked to sign."""
    if not is_public(public) or len(digest) != DIGEST_BYTES:
        return False
    return libcrypto.verify(_handle(bytes(public)), digest, bytes(signature))


def encrypt(public: bytes, plaintext: bytes) -> bytes:
    """The plaintext, not empty, for the holder of a public key; DER (GM/T 0009-2012, 7.2).

    Raises:
      NotSm2: no SM2 public key.
    """
    made = libcrypto.encrypt(_handle(bytes(public)), plaintext)
    assert made is not None, "libcrypto encrypts for a key it has read"
    return made


def message_digest(public: bytes, message: bytes, identity: bytes = IDENTITY) -> bytes:
    """What is signed, e = SM3(Z ‖ message), 32 bytes (GM/T 0003.2-2012, 6.1)."""
    return sm3(signer_digest(public, identity) + message)


def signer_digest(public: bytes, identity: bytes = IDENTITY) -> bytes:
    """Z, 32 bytes: SM3 over the identity, the curve and the public key (GM/T 0003.2-2012, 5.5)."""
    curve = b"".join(one.to_bytes(SCALAR_BYTES, "big") for one in (A, B, *GENERATOR))
    bits = len(identity) * 8
    return sm3(bits.to_bytes(2, "big") + identity + curve + public[-POINT_BYTES + 1 :])


def sm3(data: bytes) -> bytes:
    """SM3 of bytes, 32 bytes (GM/T 0004)."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


@lru_cache(maxsize=256)
def _handle(public: bytes) -> libcrypto.Key:
    """The library's key; reading one takes longer than a signature, and the same few come again."""
    key = libcrypto.public_key(public) if public.startswith(SPKI) and len(public) == PUBLIC_BYTES else None
    if key is None or public[len(SPKI)] != 4:
        raise NotSm2("no SM2 public key of the uncompressed form on the named curve")
    return key
