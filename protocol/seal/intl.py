"""The international suite, `intl-1`: AES-256-GCM, SHA-2, ECDSA on P-256, HPKE, all by `cryptography`.

Sealed bytes are Cobblestone-256, done natively. Signatures' nonces, salts and ephemeral keys are
the library's own randomness: an act of sealing is never replayed. Sources: FIPS 186-5, RFC 9180,
c2sp.org/chunked-encryption, SPEC 18.
"""

from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives import hpke as sending
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.utils import Buffer

from protocol import canonical, limits
from protocol.seal import framing, hpke
from protocol.seal.framing import Form, Stream
from protocol.seal.refused import SealRefused
from protocol.seal.sm4 import Aead
from protocol.seal.suite import AgreeingKey, Digest, OpeningKey, SigningKey, SuiteName

FORM: Final = Form("AEAD_AES_256_GCM", AESGCM, 32, hashes.SHA512())
"""Sealed bytes of this suite; `cryptography` makes the same ones faster as Cobblestone-256."""

SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""How the one form of a P-256 public key begins."""

_SPKI_BYTES: Final = 91
_POINT_BYTES: Final = 65
_SCALAR_BYTES: Final = 32
_ORDER: Final = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
_ECDSA: Final = ec.ECDSA(hashes.SHA256())


class PrivateKey:
    """A P-256 private key in this process."""

    def __init__(self, der: bytes) -> None:
        """Read PKCS #8, DER.

        Raises:
          SealRefused: `KeyRefused` for anything else.
        """
        try:
            key = serialization.load_der_private_key(der, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SealRefused("KeyRefused", why="no private key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise SealRefused("KeyRefused", why="no P-256 private key")
        self._key = key
        self.public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, DER."""
        return self._key.sign(message, _ECDSA)

    def agree(self, point: bytes) -> bytes:
        """The x-coordinate agreed with a point."""
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return self._key.exchange(ec.ECDH(), peer)


class Intl:
    """`intl-1`; see `protocol.seal.suite.Suite`."""

    name: SuiteName = "intl-1"
    number = 1
    key_bytes = 32

    _hpke = sending.Suite(sending.KEM.P256, sending.KDF.HKDF_SHA256, sending.AEAD.AES_256_GCM)

    def hash(self, data: bytes) -> bytes:
        """SHA-256."""
        return canonical.sha256(data)

    def hashing(self) -> Digest:
        """SHA-256."""
        return hashes.Hash(hashes.SHA256())

    def derive(self, material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        """HKDF-SHA256."""
        return HKDF(hashes.SHA256(), length, salt, info).derive(material)

    def aead(self, key: bytes) -> Aead:
        """AES-256-GCM."""
        if len(key) != self.key_bytes:
            raise SealRefused("KeyRefused", why=f"{len(key)} bytes for AES-256")
        return AESGCM(key)

    def digest(self, public: bytes, message: bytes) -> bytes:  # noqa: ARG002
        """SHA-256; the signer's key does not go into it."""
        return canonical.sha256(message)

    def sign(self, key: SigningKey, message: bytes) -> bytes:
        """ECDSA with SHA-256."""
        _read(key.public)
        return key.sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether it is the key's."""
        try:
            _read(public).verify(signature, message, _ECDSA)
        except (SealRefused, InvalidSignature):
            return False
        return True

    def wrap(self, public: bytes, info: bytes, secret: bytes) -> bytes:
        """An HPKE box."""
        if not 1 <= len(secret) <= limits.BOX_SECRET_BYTES_MAX:
            raise SealRefused("BoxRefused", why=f"a secret of {len(secret)} bytes")
        return bytes([self.number]) + self._hpke.encrypt(secret, _read(public), self._info(info))

    def unwrap(self, key: OpeningKey, info: bytes, box: bytes) -> bytes:
        """The secret of an HPKE box."""
        _read(key.public)
        if not isinstance(key, AgreeingKey):
            raise SealRefused("KeyRefused", why="a key that cannot agree")
        if box[:1] != bytes([self.number]):
            raise SealRefused("SuiteMixed", suite=self.name)
        encapsulated, ciphertext = box[1 : 1 + _POINT_BYTES], box[1 + _POINT_BYTES :]
        if not self.is_public(SPKI + encapsulated):
            raise SealRefused("BoxRefused", why="no point of the curve")
        public = key.public[len(SPKI) :]
        shared = hpke.schedule(
            hpke.P256, hpke.AES_256_GCM, key.agree(encapsulated), encapsulated, public, self._info(info)
        )
        try:
            return shared.open(ciphertext)
        except InvalidTag:
            raise SealRefused("BoxRefused", why="another key, info or box") from None

    def encrypt(self, key: bytes, context: bytes, plaintext: bytes) -> bytes:
        """Sealed bytes of a message in memory."""
        return framing.through(self.sealing(key, context), plaintext)

    def decrypt(self, key: bytes, context: bytes, ciphertext: bytes) -> bytes:
        """The message."""
        return framing.through(self.opening(key, context), ciphertext)

    def sealing(self, key: bytes, context: bytes) -> Stream:
        """Cobblestone-256, the salt made by the library."""
        return _Native(Cobblestone256Encryptor, key, context)

    def opening(self, key: bytes, context: bytes) -> Stream:
        """Cobblestone-256."""
        return _Native(Cobblestone256Decryptor, key, context)

    def private_key(self, der: bytes) -> PrivateKey:
        """A P-256 private key."""
        return PrivateKey(der)

    def private_der(self, scalar: bytes) -> bytes:
        """PKCS #8 of a scalar between 1 and n − 1."""
        number = int.from_bytes(scalar, "big")
        if len(scalar) != _SCALAR_BYTES or not 1 <= number < _ORDER:
            raise SealRefused("KeyRefused", why="not between 1 and n − 1")
        return ec.derive_private_key(number, ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def is_public(self, public: bytes) -> bool:
        """Whether it is a P-256 key in its one form."""
        try:
            _read(public)
        except SealRefused:
            return False
        return True

    def _info(self, info: bytes) -> bytes:
        return canonical.tag(f"box/v1/{self.name}") + info


class _Native:
    """Cobblestone-256 as a stream of ours: the same refusals."""

    def __init__(
        self, kind: type[Cobblestone256Encryptor] | type[Cobblestone256Decryptor], key: bytes, context: bytes
    ) -> None:
        if len(key) != FORM.key_bytes:
            raise SealRefused("KeyRefused", why=f"{len(key)} bytes for {FORM.aead}")
        self._stream = kind(key, context)

    def update_into(self, data: Buffer, buf: Buffer) -> int:
        """See `framing.Stream`."""
        try:
            return self._stream.update_into(data, buf)
        except InvalidTag:
            raise SealRefused("SealBroken", part="chunk") from None

    def finish(self) -> bytes:
        """See `framing.Stream`."""
        try:
            return self._stream.finalize()
        except InvalidTag:
            raise SealRefused("SealBroken", part="end") from None


def _read(public: bytes) -> ec.EllipticCurvePublicKey:
    """The library's key of a public key in its one form."""
    if public[: len(SPKI)] != SPKI:
        raise SealRefused("SuiteMixed", suite=Intl.name)
    if len(public) != _SPKI_BYTES or public[len(SPKI)] != 4:
        raise SealRefused("KeyRefused", why="not an uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public[len(SPKI) :])
    except ValueError:
        raise SealRefused("KeyRefused", why="a point that is not on the curve") from None
