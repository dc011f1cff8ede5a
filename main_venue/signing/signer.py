"""Whose key signs (签名密钥): in memory, in a file, in a token; one interface for all of them.

Owns the interface and the keys behind it that this house knows. A key is used through `sign` alone, so that
one that never leaves its device serves as well. Must not know what is signed, nor whether a certificate
counts: that is judged by the trust list. RSA and ECDSA sign the PDF (PAdES), SM2 beside it (`detached`).
Sources: SPEC 18.1, 24.2, 29.2; PKCS #11 by `sub_venue.tokens`.
"""

from typing import Final, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from protocol.refusals import Refusal
from protocol.seal import sm2
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import AlgorithmName, NotAllowed
from protocol.seal.trust.certificate import Certificate
from sub_venue.tokens import TokenKey


class NotUsable(ValueError):
    """The key or the certificate cannot be used to sign a report; the text says why."""


class Signer(Protocol):
    """A person's certificate and the use of its key."""

    @property
    def own(self) -> Certificate:
        """The certificate."""

    @property
    def others(self) -> tuple[Certificate, ...]:
        """Those between it and its root."""

    @property
    def algorithm(self) -> AlgorithmName:
        """How it signs."""

    def sign(self, message: bytes) -> bytes:
        """A signature over the message, as it stands in a certificate (ECDSA and SM2 in DER)."""


class HeldKey:
    """A private key in this process: PKCS #8, DER or PEM, read from a file or made by a test."""

    def __init__(self, key: bytes, certificates: bytes) -> None:
        """Take a key, and the file of its certificate with those between behind it.

        Raises:
          NotUsable: one of them cannot be read, or the certificate is another key's.
        """
        self.own, self.others = _chain(certificates)
        blocks = certificate.blocks(key, "PRIVATE KEY")
        if isinstance(blocks, Refusal) or len(blocks) != 1:
            raise NotUsable("no private key (PKCS #8, not encrypted)")
        self._private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | sm2.PrivateKey
        self.algorithm = _algorithm(self.own)
        if self.algorithm == "sm2-sm3":
            self._private, spki = _sm2(blocks[0])
        else:
            self._private, spki = _other(blocks[0])
        if spki != self.own.spki:
            raise NotUsable("the certificate is another key's")

    def sign(self, message: bytes) -> bytes:
        """As `Signer.sign`."""
        private = self._private
        if isinstance(private, sm2.PrivateKey):
            return private.sign(message)
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        digest = hashes.SHA384() if self.algorithm == "ecdsa-p384-sha384" else hashes.SHA256()
        return private.sign(message, ec.ECDSA(digest))


class TokenSigner:
    """A key that lies in a token behind PKCS #11; P-256, as `sub_venue.tokens` opens it."""

    algorithm: Final[AlgorithmName] = "ecdsa-p256-sha256"

    def __init__(self, key: TokenKey, certificates: bytes) -> None:
        """Take an open token's key, and the file of its certificate with those between behind it.

        Raises:
          NotUsable: the certificate cannot be read, or is another key's.
        """
        self.own, self.others = _chain(certificates)
        if key.public != self.own.spki:
            raise NotUsable("the certificate is another key's")
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """As `Signer.sign`; the token makes it.

        Raises:
          TokenFault: the token is gone, or failed.
        """
        return self._key.sign(message)


def _chain(raw: bytes) -> tuple[Certificate, tuple[Certificate, ...]]:
    found = certificate.read_file(raw)
    if isinstance(found, Refusal):
        raise NotUsable(f"no certificate: {found.detail}")
    return found[0], found[1:]


def _algorithm(own: Certificate) -> AlgorithmName:
    key = algorithms.key_of(own.spki)
    if isinstance(key, NotAllowed):
        raise NotUsable(f"a key that does not count: {key.found}")
    by_kind: dict[str, AlgorithmName] = {
        "rsa": "rsa-sha256", "p256": "ecdsa-p256-sha256", "p384": "ecdsa-p384-sha384", "sm2": "sm2-sm3",
    }  # fmt: skip
    return by_kind[key.kind]


def _sm2(raw: bytes) -> tuple[sm2.PrivateKey, bytes]:
    try:
        private = sm2.PrivateKey(raw)
    except sm2.NotSm2 as error:
        raise NotUsable("no private key of SM2") from error
    return private, private.public


def _other(raw: bytes) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, bytes]:
    try:
        private = serialization.load_der_private_key(raw, password=None)
    except (ValueError, TypeError) as error:
        raise NotUsable("a private key that cannot be read") from error
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise NotUsable("a private key of neither RSA nor ECDSA")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private, private.public_key().public_bytes(serialization.Encoding.DER, form)
