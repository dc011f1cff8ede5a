"""DER, as much of it as it takes to find a key, a signature and what was signed (X.690 8, 10).

Owns reading and writing of tag, length and content; knows no certificate. Lengths are definite and in
their shortest form, nothing may follow, tags are one byte: everything else is refused. What is inside a
certificate is read by `cryptography`; these few functions are for what it hides (the bytes of a key of a
curve that it does not know) or does not make (a certificate signed with SM2).
"""

from typing import Final

from msgspec import Struct

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT: Final = 0x06
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30


class NotDer(ValueError):
    """The bytes are not the DER that was looked for."""


class Element(Struct, frozen=True):
    """One tag with its content; `raw` is the whole of it, header included."""

    tag: int
    content: bytes
    raw: bytes


def elements(raw: bytes) -> tuple[Element, ...]:
    """Everything that stands one after the other in the bytes.

    Raises:
      NotDer: it is not DER to the last byte.
    """
    found = []
    at = 0
    while at < len(raw):
        element = _first(raw, at)
        found.append(element)
        at += len(element.raw)
    return tuple(found)


def only(raw: bytes, tag: int) -> Element:
    """The one element that the bytes are.

    Raises:
      NotDer: it is another, or something follows it.
    """
    element = _first(raw, 0)
    if element.tag != tag or len(element.raw) != len(raw):
        raise NotDer(f"expected {tag:#04x} and nothing else")
    return element


def within(raw: bytes, tag: int = SEQUENCE) -> tuple[Element, ...]:
    """What is inside the one element that the bytes are.

    Raises:
      NotDer: as `only`, or the content is not DER.
    """
    return elements(only(raw, tag).content)


def encode(tag: int, content: bytes) -> bytes:
    """An element of a tag and its content.

    >>> encode(0x04, b"ab").hex()
    '04026162'
    """
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def bits(raw: bytes) -> bytes:
    """The whole bytes of a BIT STRING that leaves no bit unused.

    Raises:
      NotDer: it is none, or ends within a byte.
    """
    content = only(raw, BIT_STRING).content
    if not content or content[0] != 0:
        raise NotDer("a bit string that ends within a byte")
    return content[1:]


def _first(raw: bytes, at: int) -> Element:
    if at + 2 > len(raw):
        raise NotDer("cut off in a header")
    tag, length, start = raw[at], raw[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise NotDer("a tag of several bytes")
    if length >= 0x80:
        size = length & 0x7F
        if size == 0 or size > 4 or start + size > len(raw):
            raise NotDer("a length that is indefinite, too large or cut off")
        length = int.from_bytes(raw[start : start + size], "big")
        if raw[start] == 0 or length < 0x80:
            raise NotDer("a length that is not in its shortest form")
        start += size
    end = start + length
    if end > len(raw):
        raise NotDer("cut off in its content")
    return Element(tag, raw[start:end], raw[at:end])
