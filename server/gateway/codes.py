"""One-time codes as people see them, and as they are kept: slow-hashed with a salt, never in clear.

A code is ten letters and digits without look-alikes, 49 bits, shown in two groups. With scrypt
(RFC 7914) at these parameters one guess costs about ten milliseconds and 4 MiB, so that a stolen
database does not give the codes away within their lifetime.
"""

import hashlib
import hmac

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS = 10
SALT_BYTES = 16
CODE_ENTROPY_BYTES = 16
_COST, _BLOCK, _PARALLEL = 2**12, 8, 1


def make(entropy: bytes) -> str:
    """A code from at least `CODE_ENTROPY_BYTES` random bytes.

    >>> make(bytes(16))
    '22222-22222'
    """
    number = int.from_bytes(entropy, "big")
    letters = []
    for _ in range(CODE_CHARS):
        number, one = divmod(number, len(LETTERS))
        letters.append(LETTERS[one])
    half = CODE_CHARS // 2
    return "".join(letters[:half]) + "-" + "".join(letters[half:])


def plain(typed: str) -> str:
    """A code as typed, without case, spaces and hyphens.

    >>> plain(" k7qm3-xwdpa ")
    'K7QM3XWDPA'
    """
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def hashed(salt: bytes, code: str) -> bytes:
    """What is kept of a code, 32 bytes; takes about ten milliseconds."""
    return hashlib.scrypt(plain(code).encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=32)


def matches(salt: bytes, kept: bytes, typed: str) -> bool:
    """Whether what was typed is the code that was kept; the time taken does not tell."""
    return hmac.compare_digest(hashed(salt, typed), kept)
