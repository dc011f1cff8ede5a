"""A private key on paper (密钥纸质备份): letters that a person copies and a program reads again (SPEC 25).

Four lines of sixteen letters, each with its number and a check of its own, so that a slip of the pen is
found in its line; the whole has a digest that also covers the public key, so that what is read back is the
key that was written or nothing. Letters are Crockford's thirty-two, without I, L, O and U; whoever types
may use small letters, O for 0, I and L for 1, and spaces and hyphens as they like.

The letters are the key: whoever reads the paper has it. Sources: Crockford's Base 32; NIST SP 800-57-1.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from protocol import canonical
from protocol.seal import suites
from protocol.seal.refused import SealRefused
from protocol.seal.suite import SoftwareKey, Suite

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LINES: Final = 4
LINE_CHARS: Final = 16
CHECK_CHARS: Final = 2
VERSION: Final = 1
SCALAR_BYTES: Final = 32

_BITS = 5
_DIGEST_BYTES: Final = 6
_BODY_BYTES: Final = LINES * LINE_CHARS * _BITS // 8
_READ_AS: Final = str.maketrans("OIL", "011", " -\t")


class Read(Struct, frozen=True):
    """A key as read from paper."""

    suite: Suite
    key: SoftwareKey
    scalar: bytes


def lines(suite: Suite, scalar: bytes) -> tuple[str, ...]:
    """A private key as lines to be printed or written down.

    Args:
      suite: the key's.
      scalar: the key, 32 bytes (`Suite.private_der`).

    Raises:
      SealRefused: `KeyRefused` for bytes that are no key of the suite.
    """
    body = bytes([VERSION, suite.number]) + scalar + _digest(suite, scalar)
    assert len(body) == _BODY_BYTES
    chars = _letters(int.from_bytes(body), LINES * LINE_CHARS)
    found = []
    for number in range(1, LINES + 1):
        part = chars[(number - 1) * LINE_CHARS : number * LINE_CHARS]
        groups = "-".join(part[at : at + 4] for at in range(0, LINE_CHARS, 4))
        found.append(f"{number}  {groups}  {_check(number, part)}")
    return tuple(found)


def read(typed: Sequence[str]) -> Read:
    """The key of lines as a person types them; empty lines do not count.

    Raises:
      SealRefused: `PaperRefused` names the line in which something is wrong, or `0` where the lines hold each
        by itself and not together.
    """
    given = [one.upper().translate(_READ_AS) for one in typed if one.strip()]
    if len(given) != LINES:
        raise SealRefused("PaperRefused", line=min(len(given), LINES) + 1)
    chars = ""
    for number, line in enumerate(given, 1):
        part, check = line[1 : 1 + LINE_CHARS], line[1 + LINE_CHARS :]
        if line[:1] != str(number) or len(part) != LINE_CHARS or set(part) - set(LETTERS):
            raise SealRefused("PaperRefused", line=number)
        if check != _check(number, part):
            raise SealRefused("PaperRefused", line=number)
        chars += part
    value = sum(LETTERS.index(one) << (_BITS * at) for at, one in enumerate(reversed(chars)))
    body = value.to_bytes(_BODY_BYTES)
    version, number, scalar = body[0], body[1], body[2 : 2 + SCALAR_BYTES]
    try:
        suite = suites.numbered(number)
        digest = _digest(suite, scalar)
    except SealRefused as error:
        raise SealRefused("PaperRefused", line=0) from error
    if version != VERSION or body[2 + SCALAR_BYTES :] != digest:
        raise SealRefused("PaperRefused", line=0)
    return Read(suite, suite.private_key(suite.private_der(scalar)), scalar)


def _digest(suite: Suite, scalar: bytes) -> bytes:
    """Over the public key as well: a machine that computes another one has not read this key."""
    public = suite.private_key(suite.private_der(scalar)).public
    return suite.hash(canonical.tag("paper-key/v1") + bytes([suite.number]) + scalar + public)[:_DIGEST_BYTES]


def _check(number: int, part: str) -> str:
    found = canonical.sha256(canonical.tag("paper-line/v1") + f"{number}{part}".encode())
    return _letters(int.from_bytes(found[:2]) % len(LETTERS) ** CHECK_CHARS, CHECK_CHARS)


def _letters(value: int, count: int) -> str:
    return "".join(LETTERS[value >> (_BITS * at) & 31] for at in reversed(range(count)))
