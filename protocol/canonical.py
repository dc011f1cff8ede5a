"""The one byte form: the RFC 8785 subset of JSON that is hashed, signed and stored.

ASCII keys in sorted order, no white space, strings in UTF-8, integers with |n| < 2^53,
true, false, null, arrays, objects; bytes as padded base64 (RFC 4648 4). Refused: floats,
duplicate keys, unknown fields, lone surrogates, deeper nesting than the limit, and any
text that is not the very bytes its own re-encoding gives.

In this subset msgspec's ``order="sorted"`` equals ``JSON.stringify`` over sorted keys and
RFC 8785 (checked against an oracle in the tests); outside it they differ.

Most forms leave no room for anything outside the subset: every number in them is a bounded integer, every
key a field's name, and they nest no deeper than they are written. For those (`is_closed`) it is enough that
the bytes are of the form and are those of its value; only what is read without a form is walked through.
"""

import functools
import hashlib
from typing import Any, Final, TypeVar

import msgspec
from msgspec import inspect

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
    form: Any = as_type
    try:
        value: T = _decoder(form).decode(raw)
        if not is_closed(form):
            _inspect(value if form is object else msgspec.json.decode(raw), 0)
        again = _encoder.encode(value)
    except (msgspec.MsgspecError, TypeError, UnicodeError, OverflowError, RecursionError) as error:
        raise NotCanonical(str(error)) from error
    if again != bytes(raw):
        raise NotCanonical("not the canonical bytes of its own value")
    return value


@functools.cache
def is_closed(as_type: Any) -> bool:
    """Whether no value of a type is outside the subset, so that what is read as it needs no walk."""
    return _depth(inspect.type_info(as_type), ()) <= limits.NESTING_DEPTH_MAX


def is_of(value: Any, raw: bytes) -> bool:
    """Whether canonical bytes, known to be such, are those of a value."""
    return _encoder.encode(value) == raw


def encode_known(value: Any) -> bytes:
    """Canonical bytes of a value that was read from such: it has been looked through already."""
    return _encoder.encode(value)


def sha256(raw: bytes) -> bytes:
    """SHA-256 of bytes, 32 bytes."""
    return hashlib.sha256(raw).digest()


@functools.lru_cache
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


@functools.cache
def _decoder(as_type: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(as_type)


_OPEN: Final = limits.NESTING_DEPTH_MAX + 1
"""As deep as no form may nest: told of one that leaves something open."""


def _depth(form: inspect.Type, within: tuple[type, ...]) -> int:
    """How deep a type nests; `_OPEN` where it has numbers without bounds, free keys, or itself within it."""
    match form:
        case inspect.NoneType() | inspect.BoolType() | inspect.StrType() | inspect.BytesType():
            return 0
        case inspect.IntType(ge=int() as least, le=int() as most):
            return 0 if least >= -limits.INTEGER_MAX and most <= limits.INTEGER_MAX else _OPEN
        case inspect.LiteralType(values=values):
            plain = all(not isinstance(one, int) or abs(one) <= limits.INTEGER_MAX for one in values)
            return 0 if plain else _OPEN
        case inspect.UnionType(types=inner):
            return max(_depth(one, within) for one in inner)
        case inspect.TupleType(item_types=inner):
            return 1 + max((_depth(one, within) for one in inner), default=0)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return 1 + _depth(item, within)
        case inspect.StructType(cls=cls, fields=fields, forbid_unknown_fields=True) if cls not in within:
            keys = all(one.encode_name.isascii() for one in fields)
            deepest = max((_depth(one.type, (*within, cls)) for one in fields), default=0)
            return 1 + deepest if keys else _OPEN
    return _OPEN


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
