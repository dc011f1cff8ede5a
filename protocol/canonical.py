"""The one byte form: the RFC 8785 subset of JSON that is hashed, signed and stored.

ASCII keys in sorted order, no white space, strings in UTF-8, integers with |n| < 2^53,
true, false, null, arrays, objects; bytes as padded base64 (RFC 4648 4). Refused: floats,
duplicate keys, unknown fields, lone surrogates, deeper nesting than the limit, and any
text that is not the very bytes its own re-encoding gives.

In this subset msgspec's ``order="sorted"`` equals ``JSON.stringify`` over sorted keys and
RFC 8785 (checked against an oracle in the tests); outside it they differ.
"""

import hashlib
from typing import Any, TypeVar

import msgspec

from protocol import limits

T = TypeVar("T")

_encoder = msgspec.json.Encoder(order="sorted")


class NotCanonical(ValueError):
    """The value or the bytes are outside the canonical form; the text says where."""


def encode(value: Any) -> bytes:
    """Canonical bytes of a value.

    Args:
      value: a frozen struct, mapping, sequence, string, bytes, integer, bool or None.

    Raises:
      NotCanonical: for floats, integers beyond 2^53, non-ASCII keys, lone surrogates.
    """
    try:
        _inspect(msgspec.to_builtins(value), 0)
        raw = _encoder.encode(value)
    except (msgspec.MsgspecError, TypeError, UnicodeError, OverflowError) as error:
        raise NotCanonical(str(error)) from error
    return raw


def decode(raw: bytes, as_type: type[T], bytes_max: int = limits.ENTRY_BYTES_MAX) -> T:
    """Read canonical bytes as `as_type`; anything but the one byte form is refused.

    Args:
      raw: the bytes as received.
      as_type: a struct type (with unknown fields forbidden) or a builtin type.
      bytes_max: largest length accepted, bytes.

    Raises:
      NotCanonical: too long, not JSON, wrong shape, or not the form `encode` gives.
    """
    if len(raw) > bytes_max:
        raise NotCanonical(f"{len(raw)} bytes, at most {bytes_max}")
    try:
        plain = msgspec.json.decode(raw)
        _inspect(plain, 0)
        value = plain if as_type is object else msgspec.json.decode(raw, type=as_type)
        again = _encoder.encode(value)
    except (msgspec.MsgspecError, TypeError, UnicodeError, OverflowError, RecursionError) as error:
        raise NotCanonical(str(error)) from error
    if again != bytes(raw):
        raise NotCanonical("not the canonical bytes of its own value")
    return value


def is_of(value: Any, raw: bytes) -> bool:
    """Whether canonical bytes, known to be such, are those of a value."""
    return _encoder.encode(value) == raw


def sha256(raw: bytes) -> bytes:
    """SHA-256 of bytes, 32 bytes."""
    return hashlib.sha256(raw).digest()


def tag(domain: str) -> bytes:
    """The fixed-length prefix that keeps one use of a hash apart from every other.

    32 bytes: SHA-256 of ``tongchang/<domain>``.

    >>> tag("hidden/v1/plan").hex()[:16]
    'db9a95d630ac9641'
    """
    return sha256(b"tongchang/" + domain.encode("ascii"))


def tagged_digest(domain: str, value: Any) -> bytes:
    """SHA-256 of the domain's tag and the canonical value, 32 bytes."""
    return sha256(tag(domain) + encode(value))


def _inspect(value: Any, depth: int) -> None:
    """Walk a decoded value; raise `NotCanonical` at the first thing outside the subset."""
    if value is None or value is True or value is False:
        return
    if isinstance(value, str):
        return
    if isinstance(value, int):
        if not -limits.INTEGER_MAX <= value <= limits.INTEGER_MAX:
            raise NotCanonical(f"integer {value} is beyond 2^53")
        return
    if isinstance(value, float):
        raise NotCanonical("a number with a fraction or an exponent")
    if depth >= limits.NESTING_DEPTH_MAX:
        raise NotCanonical(f"nested deeper than {limits.NESTING_DEPTH_MAX}")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"key {key!r} is not ASCII")
            _inspect(item, depth + 1)
        return
    for item in value:
        _inspect(item, depth + 1)
