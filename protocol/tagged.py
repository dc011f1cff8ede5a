"""Keys and signatures as text: the algorithm in front, then its bytes, `ed25519:<base64>`.

Owns the one way in which such bytes are written. Must not know what is signed, or whether it holds.
"""

import binascii
from typing import Final

ED25519: Final = "ed25519:"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


_LAST: Final = {1: "AQgw", 2: "AEIMQUYcgkosw048"}
"""What the last character before the padding may be, by bytes left over of three: its idle bits are zero."""


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
    return raw if len(raw) == size and given[size % 3 - 4] in _LAST[size % 3] else b""
