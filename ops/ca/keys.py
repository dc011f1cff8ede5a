"""The keys of demonstration authorities and of those they certify: RSA, ECDSA and SM2 behind one face.

Owns making, reading and writing private keys (PKCS #8, PEM), and signing with each as the trust list names
it. Demonstration only: a recognised CA's key never leaves its device.
"""

from typing import Final, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ops import senses
from ops.trouble import Trouble
from protocol.seal import sm2
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import AlgorithmName

Kind = Literal["rsa", "ecdsa", "sm2"]
KINDS: Final[tuple[Kind, ...]] = ("rsa", "ecdsa", "sm2")

ALGORITHM: Final[dict[Kind, AlgorithmName]] = {
    "rsa": "rsa-sha256",
    "ecdsa": "ecdsa-p256-sha256",
    "sm2": "sm2-sm3",
}
"""How each kind signs here."""

RSA_BITS: Final = 3_072
PERSON_RSA_BITS: Final = 2_048
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | sm2.PrivateKey


class Key:
    """A private key of one of the kinds; `spki` is its public half, DER."""

    def __init__(self, kind: Kind, der: bytes) -> None:
        """Read a private key from PKCS #8, DER.

        Raises:
          ValueError: it is none of this kind.
        """
        self.kind: Kind = kind
        self.der = der
        self._private: PrivateKey
        if kind == "sm2":
            self._private = sm2.PrivateKey(der)
            self.spki = self._private.public
            return
        private = serialization.load_der_private_key(der, password=None)
        wanted = rsa.RSAPrivateKey if kind == "rsa" else ec.EllipticCurvePrivateKey
        if not isinstance(private, wanted):
            raise ValueError(f"no {kind} key")  # noqa: TRY004 - of bytes that are wrong
        assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        self._private = private
        self.spki = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def identifier(self) -> bytes:
        """The AlgorithmIdentifier of its signatures, DER."""
        return algorithms.IDENTIFIERS[ALGORITHM[self.kind]][0]

    def sign(self, message: bytes) -> bytes:
        """Its signature over a message, as it stands in a certificate."""
        private = self._private
        if isinstance(private, sm2.PrivateKey):
            return private.sign(message)
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return private.sign(message, ec.ECDSA(hashes.SHA256()))

    def pem(self) -> bytes:
        """The private key, PKCS #8, PEM, not encrypted."""
        return certificate.pem(self.der, "PRIVATE KEY")


def make(kind: Kind, bits: int = RSA_BITS) -> Key:
    """A new key; `bits` is an RSA modulus's length."""
    if kind == "sm2":
        return Key(kind, _new_sm2())
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
        rsa.generate_private_key(65_537, bits) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    )
    return Key(
        kind,
        private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def read(kind: Kind, raw: bytes, name: str) -> Key:
    """A key from its PEM; `name` is for the sentences.

    Raises:
      Trouble: it cannot be read.
    """
    ders = certificate.blocks(raw, "PRIVATE KEY")
    try:
        if isinstance(ders, tuple) and len(ders) == 1:
            return Key(kind, ders[0])
    except ValueError:
        pass
    raise Trouble(
        f"{name} 不是可读的私钥。请恢复该文件,或移开整个文件夹重新建立。",
        f"{name} is no private key that can be read. Restore it, or move the folder away and make a new one.",
    )


def _new_sm2() -> bytes:
    dice = senses.Dice()
    while True:
        try:
            return sm2.private_der(dice.bytes32())
        except sm2.NotSm2:  # one in 2^32: other bytes are asked for
            continue
