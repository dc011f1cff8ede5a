"""Kinds of keys under a note (签名种类): what each signs, how long it is, whether a signature holds.

Owns the bytes on which signer and verifier have to agree. Must not know names of keys as text, notes, or
where a private key lies.

Source: C2SP signed-note (Ed25519) and tlog-cosignature (cosignature/v1). The SM2 kind is our own, under the
type byte that C2SP leaves for such (SPEC 20.2).
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from protocol.seal import sm2

ED25519: Final = b"\x01"
"""Ed25519 over the text. A log's."""

COSIGNATURE: Final = b"\x04"
"""Ed25519 over a time and the text, `cosignature/v1`. A cosigner's."""

SM2_COSIGNATURE: Final = b"\xfftongchang/sm2-cosignature/v1\x00"
"""SM2 with SM3 over a time, the signer's name and the text. A log's or a cosigner's line beside another."""

PUBLIC_BYTES: Final = {ED25519: 32, COSIGNATURE: 32, SM2_COSIGNATURE: sm2.POINT_BYTES}
"""Every kind that is known here, and how long its public key is."""

SIGNATURE_BYTES: Final = 64
"""Of every kind: Ed25519's, and SM2's r and s, 32 bytes each."""


def is_public(kind: bytes, public: bytes) -> bool:
    """Whether the bytes are a public key of the kind."""
    if len(public) != PUBLIC_BYTES[kind]:
        return False
    if kind != SM2_COSIGNATURE:
        return True
    try:
        sm2.public_of(public)
    except sm2.NotSm2:
        return False
    return True


def message(kind: bytes, name: str, text: str, time_s: int) -> bytes:
    """The bytes that a key of the kind, called `name`, signs for a note's text; only ED25519 has no time."""
    if kind == COSIGNATURE:
        return f"cosignature/v1\ntime {time_s}\n{text}".encode()
    if kind == SM2_COSIGNATURE:
        # The name is signed, too: cosignature/v1 leaves it out, and so must never share a key.
        return f"tongchang/sm2-cosignature/v1\ntime {time_s}\nname {name}\n{text}".encode()
    return text.encode()


def holds(kind: bytes, public: bytes, signed: bytes, raw: bytes) -> bool:
    """Whether 64 bytes are the key's signature over a message."""
    if len(raw) != SIGNATURE_BYTES:
        return False
    if kind == SM2_COSIGNATURE:
        half = sm2.SCALAR_BYTES
        der = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
        return sm2.verify(sm2.public_of(public), signed, der)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def sm2_sign(private: sm2.PrivateKey, signed: bytes) -> bytes:
    """An SM2 signature as r and s, 64 bytes."""
    r, s = decode_dss_signature(private.sign(signed))
    return r.to_bytes(sm2.SCALAR_BYTES) + s.to_bytes(sm2.SCALAR_BYTES)
