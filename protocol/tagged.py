"""Keys and signatures as text: the algorithm in front, then its bytes, `ed25519:<base64>`.

Owns the one way in which such bytes are written. Must not know what is signed, or whether it holds.
"""

import binascii
from typing import Final

ED25519: Final = "ed25519:"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def written(raw: bytes) -> str:
    """The text of an Ed25519 key or signature."""
    return ED25519 + binascii.b2a_base64(raw, newline=False).decode()


def read(text: str, size: int) -> bytes:
    """The bytes of an Ed25519 key or signature; none where the text is not the one way to write so many."""
    if not text.startswith(ED25519):
        return b""
    given = text[len(ED25519) :]
    try:
        raw = binascii.a2b_base64(given, strict_mode=True)
    except ValueError:
        return b""
    if len(raw) != size or binascii.b2a_base64(raw, newline=False).decode() != given:
        return b""
    return raw
