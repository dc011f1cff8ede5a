"""What a suite can do, and what it asks of whoever holds a private key (SPEC 18).

Six calls: sign, verify, wrap, unwrap, aead, hash; over them encrypt and decrypt of sealed bytes.
A private key may lie in this process, in a token (PKCS #11), a USB key (SKF, GM/T 0016) or an HSM
(SDF, GM/T 0018): an adapter has the one or two methods of `SigningKey` and `OpeningKey` and nothing
more. Public keys are SubjectPublicKeyInfo in DER, signatures DER; see SPEC 18.1.
"""

from typing import Literal, Protocol, runtime_checkable

from cryptography.utils import Buffer

from protocol.seal.framing import Stream
from protocol.seal.sm4 import Aead

SuiteName = Literal["intl-1", "gm-1"]


class SigningKey(Protocol):
    """Signs, wherever its private half lies."""

    @property
    def public(self) -> bytes:
        """The public half: SubjectPublicKeyInfo, DER."""

    def sign(self, message: bytes) -> bytes:
        """A signature over the message, DER. A device that takes digests only is given `Suite.digest`."""


@runtime_checkable
class AgreeingKey(Protocol):
    """Opens boxes of `intl-1`: CKM_ECDH1_DERIVE of a token."""

    @property
    def public(self) -> bytes:
        """The public half: SubjectPublicKeyInfo, DER."""

    def agree(self, point: bytes) -> bytes:
        """The x-coordinate, 32 bytes, agreed with a point: 65 bytes, checked to be on the curve."""


@runtime_checkable
class DecryptingKey(Protocol):
    """Opens boxes of `gm-1`: SDF_InternalDecrypt_ECC, SKF's ECC decryption."""

    @property
    def public(self) -> bytes:
        """The public half: SubjectPublicKeyInfo, DER."""

    def decrypt(self, ciphertext: bytes) -> bytes | None:
        """What was encrypted for this key (DER, GM/T 0009); None where it was not, or was changed."""


OpeningKey = AgreeingKey | DecryptingKey
"""Opens boxes, wherever its private half lies."""


class _International(SigningKey, AgreeingKey, Protocol):
    """Both of `intl-1`."""


class _National(SigningKey, DecryptingKey, Protocol):
    """Both of `gm-1`."""


SoftwareKey = _International | _National
"""A key whose private half lies in this process; it signs and opens."""


class Digest(Protocol):
    """The suite's hash of what goes by."""

    def update(self, data: Buffer) -> None:
        """More of the message."""

    def finalize(self) -> bytes:
        """The digest, 32 bytes; nothing more goes in."""


class Suite(Protocol):
    """One suite. Everything that is refused raises `SealRefused` with a stable code, but `verify`."""

    name: SuiteName
    number: int
    key_bytes: int
    """How long the keys of `aead`, `encrypt` and `decrypt` are."""

    def hash(self, data: bytes) -> bytes:
        """The digest, 32 bytes."""

    def hashing(self) -> Digest:
        """The same of what does not lie in memory, or is large."""

    def derive(self, material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        """HKDF (RFC 5869) with the suite's hash."""

    def aead(self, key: bytes) -> Aead:
        """The AEAD under one key; nonces of 12 bytes, tags of 16."""

    def digest(self, public: bytes, message: bytes) -> bytes:
        """What is signed in the end, 32 bytes; with SM2 the signer's key goes into it."""

    def sign(self, key: SigningKey, message: bytes) -> bytes:
        """A signature over the message, DER."""

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is the key's; any malformation, and a key of another suite, is False."""

    def wrap(self, public: bytes, info: bytes, secret: bytes) -> bytes:
        """A box that only the key's holder opens, and only with the same `info` (SPEC 18.3)."""

    def unwrap(self, key: OpeningKey, info: bytes, box: bytes) -> bytes:
        """The secret of a box."""

    def encrypt(self, key: bytes, context: bytes, plaintext: bytes) -> bytes:
        """Sealed bytes of a message that is in memory (SPEC 18.2)."""

    def decrypt(self, key: bytes, context: bytes, ciphertext: bytes) -> bytes:
        """The message; nothing is given of one that is not whole and unchanged."""

    def sealing(self, key: bytes, context: bytes) -> Stream:
        """The same as a stream."""

    def opening(self, key: bytes, context: bytes) -> Stream:
        """The same as a stream: nothing it gives is used until it has finished."""

    def private_key(self, der: bytes) -> SoftwareKey:
        """A private key of this suite from PKCS #8, DER."""

    def private_der(self, scalar: bytes) -> bytes:
        """The PKCS #8 form of the private key that 32 bytes of entropy are; some few are refused."""

    def is_public(self, public: bytes) -> bool:
        """Whether the bytes are a public key of this suite, in its one form."""
