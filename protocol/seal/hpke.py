"""HPKE (RFC 9180), base mode, the receiver's side; the Diffie–Hellman step is left to the key's holder.

`cryptography` opens only with a private key in this process; a token or an HSM answers nothing but
the agreement itself. So the key schedule stands here and the agreement comes in as data. Sealing
needs no private key and is `cryptography`'s. Knows DHKEM(P-256) and DHKEM(X25519), HKDF-SHA256 and
the three AEADs of the RFC's own vectors.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

P256: Final = 0x0010
X25519: Final = 0x0020
AES_128_GCM: Final = 1
AES_256_GCM: Final = 2
CHACHA20_POLY1305: Final = 3

_HKDF_SHA256: Final = 1
_VERSION: Final = b"HPKE-v1"
_BASE_MODE: Final = b"\0"
_HASH_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = {AES_128_GCM: 16, AES_256_GCM: 32, CHACHA20_POLY1305: 32}


@dataclass(frozen=True)
class Opened:
    """What both sides share for one encapsulated key: the AEAD, its key and base nonce."""

    aead: int
    key: bytes
    base_nonce: bytes

    def open(self, ciphertext: bytes, associated_data: bytes = b"", number: int = 0) -> bytes:
        """The plaintext of the message of that number under this key.

        Raises:
          InvalidTag: it was not sealed so.
        """
        nonce = int.from_bytes(self.base_nonce, "big") ^ number
        cipher = ChaCha20Poly1305(self.key) if self.aead == CHACHA20_POLY1305 else AESGCM(self.key)
        return cipher.decrypt(nonce.to_bytes(_NONCE_BYTES, "big"), ciphertext, associated_data)


def schedule(kem: int, aead: int, agreed: bytes, encapsulated: bytes, public: bytes, info: bytes) -> Opened:
    """The key schedule of base mode (RFC 9180, 4.1 and 5.1).

    Args:
      kem: `P256` or `X25519`.
      aead: one of the three.
      agreed: what the Diffie–Hellman step gave, 32 bytes; for P-256 the x-coordinate.
      encapsulated: the sender's ephemeral public key as it came, checked to be on the curve.
      public: the receiver's, in the same form.
      info: what both sides know.
    """
    kem_id = b"KEM" + kem.to_bytes(2, "big")
    prk = _extract(kem_id, b"", b"eae_prk", agreed)
    shared = _expand(kem_id, prk, b"shared_secret", encapsulated + public, _HASH_BYTES)
    suite = b"HPKE" + b"".join(one.to_bytes(2, "big") for one in (kem, _HKDF_SHA256, aead))
    context = (
        _BASE_MODE + _extract(suite, b"", b"psk_id_hash", b"") + _extract(suite, b"", b"info_hash", info)
    )
    secret = _extract(suite, shared, b"secret", b"")
    return Opened(
        aead,
        _expand(suite, secret, b"key", context, _KEY_BYTES[aead]),
        _expand(suite, secret, b"base_nonce", context, _NONCE_BYTES),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    made = hmac.HMAC(salt or bytes(_HASH_BYTES), hashes.SHA256())
    made.update(_VERSION + suite + label + material)
    return made.finalize()


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + _VERSION + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labelled).derive(prk)
