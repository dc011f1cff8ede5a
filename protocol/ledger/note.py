"""Signed notes (签名短笺): a text and lines of signatures under it, told apart by name and key id.

Owns: keys as text (vkeys), opening and signing a note, and merging lines. What each kind of key signs is
`protocol.ledger.kinds`. Must not know: what a text says (a checkpoint is `protocol.ledger.checkpoint`), which
keys are to be trusted, where a private key lies: a `Signer` is handed in by the shell that owns it, and time
comes as data.

Source: C2SP signed-note and tlog-cosignature (5ba5ee8, 2026-07); SM2 lines are our own (SPEC 20.2).
Where the specification leaves a choice, Go's golang.org/x/mod/sumdb/note is followed, or the stricter way.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol import limits
from protocol.ledger import kinds
from protocol.ledger.kinds import COSIGNATURE, ED25519, PUBLIC_BYTES, SM2_COSIGNATURE
from protocol.seal import sm2

_TIME_BYTES: Final = 8
_KEY_ID_BYTES: Final = 4
TIME_S_MAX: Final = 2**63 - 1
"""Latest time of a cosignature, seconds since 1970 (tlog-cosignature)."""

_DASH: Final = "— "
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_PRIVATE: Final = "PRIVATE+KEY+"


class NoteError(ValueError):
    """A note, a key or a line is out of form, or a signature does not hold; nothing of it may be believed."""


class Key(msgspec.Struct, frozen=True):
    """A public key under its name. `kind` and `public` are the bytes that a vkey carries together."""

    name: str
    kind: bytes
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand before each of its signatures: SHA-256(name ‖ LF ‖ kind ‖ public)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one word of text."""
        return f"{self.name}+{self.key_id.hex()}+{write_base64(self.kind + self.public)}"

    @property
    def is_timed(self) -> bool:
        """Whether its signatures carry the time at which they were made."""
        return self.kind != ED25519


class Signer(msgspec.Struct, frozen=True):
    """A key and what makes its raw signature over a message; the shell that owns the private key makes it."""

    key: Key
    sign: Callable[[bytes], bytes]


class Signature(msgspec.Struct, frozen=True):
    """One signature line. `raw` is what follows the key id; `time_s` is 0 where the kind has no time."""

    name: str
    key_id: bytes
    raw: bytes
    time_s: int = 0

    @property
    def line(self) -> str:
        """The line with its line feed."""
        return f"{_DASH}{self.name} {write_base64(self.key_id + self.raw)}\n"


class Note(msgspec.Struct, frozen=True):
    """An opened note: its text, one signature for each known key that signed, and those of unknown keys."""

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...]

    def by(self, key: Key) -> Signature | None:
        """The verified signature of a key, if there is one."""
        wanted = (key.name, key.key_id)
        return next((one for one in self.verified if (one.name, one.key_id) == wanted), None)


# --- keys ---------------------------------------------------------------------------------------------------


def vkey(name: str, public: bytes | Ed25519PublicKey, kind: bytes = ED25519) -> str:
    """A public key as text: `<name>+<key id, 8 hex digits>+<base64 of kind and key>`.

    Args:
      name: non-empty, no Unicode space and no `+`; a log's is its origin.
      public: 32 bytes for Ed25519, or the key itself; for SM2 the uncompressed point, 65 bytes.
      kind: `ED25519` for a log, `COSIGNATURE` for a cosigner, `SM2_COSIGNATURE` for either's line beside it.

    Raises:
      NoteError: for a name or a key out of form.

    >>> vkey("example.com/foo", bytes(32))
    'example.com/foo+ae0599c0+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    raw = public.public_bytes_raw() if isinstance(public, Ed25519PublicKey) else bytes(public)
    return _key(name, kind, raw).vkey


def read_vkey(text: str) -> Key:
    """The key in a vkey.

    Raises:
      NoteError: for any other form, a kind that is not known here, or a key id that is not the key's.
    """
    if not isinstance(text, str):
        raise NoteError("a vkey is text")
    parts = text.split("+", 2)  # base64 may hold a plus sign, so only the first two count
    if len(parts) != 3 or _KEY_ID.fullmatch(parts[1]) is None:
        raise NoteError("a vkey is <name>+<8 hex digits>+<base64>")
    raw = read_base64(parts[2], "the vkey")
    kind = next((one for one in PUBLIC_BYTES if raw.startswith(one)), None)
    if kind is None:
        raise NoteError(f"key {parts[0]} is of a kind that is not known here")
    key = _key(parts[0], kind, raw[len(kind) :])
    if key.key_id.hex() != parts[1]:
        raise NoteError(f"the id of key {parts[0]} is {key.key_id.hex()}, not {parts[1]}")
    return key


def ed25519_signer(name: str, private: Ed25519PrivateKey, kind: bytes = ED25519) -> Signer:
    """What signs with an Ed25519 key: a log's (`ED25519`) or a cosigner's (`COSIGNATURE`).

    Raises:
      NoteError: for a name out of form.
    """
    return Signer(_key(name, kind, private.public_key().public_bytes_raw()), private.sign)


def sm2_signer(name: str, private: sm2.PrivateKey) -> Signer:
    """What signs with an SM2 key; a device's key has the same methods.

    Raises:
      NoteError: for a name out of form.
    """
    key = _key(name, SM2_COSIGNATURE, sm2.point(private.public))
    return Signer(key, lambda signed: kinds.sm2_sign(private, signed))


def read_skey(text: str) -> Signer:
    """What signs with a private key in Go's form, `PRIVATE+KEY+<name>+<key id>+<base64 of kind and seed>`.

    Raises:
      NoteError: for any other form.
    """
    parts = text.removeprefix(_PRIVATE).split("+", 2)
    if not text.startswith(_PRIVATE) or len(parts) != 3:
        raise NoteError("a private key is PRIVATE+KEY+<name>+<8 hex digits>+<base64>")
    raw = read_base64(parts[2], "the private key")
    kind, seed = raw[:1], raw[1:]
    if kind not in {ED25519, COSIGNATURE} or len(seed) != PUBLIC_BYTES[ED25519]:
        raise NoteError("the private key is of a kind that is not known here")
    signer = ed25519_signer(parts[0], Ed25519PrivateKey.from_private_bytes(seed), kind)
    if signer.key.key_id.hex() != parts[1]:
        raise NoteError("the private key's id is not the key's")
    return signer


def _key(name: str, kind: bytes, public: bytes) -> Key:
    if not _is_name(name):
        raise NoteError(f"{name!r} cannot be a key's name: it is empty, or holds a space or a plus sign")
    if kind not in PUBLIC_BYTES:
        raise NoteError(f"key {name} is of a kind that is not known here")
    if not kinds.is_public(kind, public):
        raise NoteError(f"key {name} is {len(public)} bytes that are no key of its kind")
    return Key(name, kind, public)


# --- opening ------------------------------------------------------------------------------------------------


def open_note(text: str | bytes, vkeys: str | Key | Iterable[str | Key]) -> Note:
    """Open a note under the keys that its reader trusts.

    Lines of unknown keys are kept as `unverified` and prove nothing. Of several lines by one known key every
    one must hold, and the first is told.

    Args:
      text: the whole note, as text or as its UTF-8 bytes.
      vkeys: trusted keys, as vkeys or read; two that share name and id but not the key are refused.

    Raises:
      NoteError: the note or a key is out of form, a known key's line does not hold, or none signed.
    """
    known = _known(vkeys)
    body, signatures = split(text)
    verified: dict[tuple[str, bytes], Signature] = {}
    unverified: dict[tuple[str, bytes, bytes], Signature] = {}
    for one in signatures:
        place = (one.name, one.key_id)
        key = known.get(place)
        if key is None:
            unverified.setdefault((*place, one.raw), one)
        else:
            verified.setdefault(place, _checked(body, one, key))
    if not verified:
        raise NoteError("no known key has signed the note")
    return Note(body, tuple(verified.values()), tuple(unverified.values()))


def split(text: str | bytes) -> tuple[str, tuple[Signature, ...]]:
    """The text of a note and its signature lines, none of them verified: only for what is shown as unproved.

    Raises:
      NoteError: for anything that is not the form of a signed note.
    """
    whole = _whole(text)
    cut = whole.rfind("\n\n")
    if cut < 0:
        raise NoteError("no empty line stands between text and signatures")
    body, lines = whole[: cut + 1], whole[cut + 2 :]
    return body, read_lines(lines)


def read_lines(lines: str) -> tuple[Signature, ...]:
    """Signature lines, none of them verified: what follows a note's text, or what a cosigner answers.

    Raises:
      NoteError: there is none, there are too many, or one is out of form.
    """
    if not lines.endswith("\n"):
        raise NoteError("there is no signature line, or the last one is cut short")
    rows = lines[:-1].split("\n")
    if len(rows) > limits.NOTE_SIGNATURES_MAX:
        raise NoteError(f"{len(rows)} signatures, at most {limits.NOTE_SIGNATURES_MAX}")
    return tuple(_line(row) for row in rows)


def _whole(text: str | bytes) -> str:
    try:
        whole = text.decode() if isinstance(text, bytes) else text
        size = len(whole.encode())
    except (UnicodeError, AttributeError) as error:
        raise NoteError("a note is UTF-8 text") from error
    if size > limits.NOTE_BYTES_MAX:
        raise NoteError(f"a note of {size} bytes, at most {limits.NOTE_BYTES_MAX}")
    if _CONTROL.search(whole):
        raise NoteError("a note holds no control characters but line feeds")
    return whole


def _line(row: str) -> Signature:
    name, _, encoded = row.removeprefix(_DASH).partition(" ")
    if not row.startswith(_DASH) or not _is_name(name):
        raise NoteError("a signature line is — <name> <base64>")
    raw = read_base64(encoded, "a signature line")
    if len(raw) <= _KEY_ID_BYTES:
        raise NoteError("a signature line holds no signature")
    return Signature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _known(vkeys: str | Key | Iterable[str | Key]) -> dict[tuple[str, bytes], Key]:
    known: dict[tuple[str, bytes], Key] = {}
    for one in [vkeys] if isinstance(vkeys, str | Key) else vkeys:
        key = one if isinstance(one, Key) else read_vkey(one)
        if known.setdefault((key.name, key.key_id), key) != key:
            raise NoteError(f"two keys are called {key.name} with one id")
    return known


def _checked(text: str, one: Signature, key: Key) -> Signature:
    """The line with its time, once its signature has been verified."""
    time_s, raw = 0, one.raw
    if key.is_timed:
        time_s, raw = int.from_bytes(raw[:_TIME_BYTES]), raw[_TIME_BYTES:]
    if time_s > TIME_S_MAX:
        raise NoteError(f"the time of {one.name} is beyond the bound")
    if not kinds.holds(key.kind, key.public, kinds.message(key.kind, key.name, text, time_s), raw):
        raise NoteError(f"the signature of {one.name} does not hold")
    return Signature(one.name, one.key_id, one.raw, time_s)


# --- signing ------------------------------------------------------------------------------------------------


def sign_line(text: str, signer: Signer, time_s: int = 0) -> Signature:
    """The signature of one signer under a note's text.

    Args:
      text: ends in a line feed and holds no other control character.
      signer: whose line it is.
      time_s: seconds since 1970; at least 1 for a timed kind, which makes no statement without it.

    Raises:
      NoteError: for a text or a time out of form.
    """
    if not _whole(text).endswith("\n"):
        raise NoteError("the text of a note ends in a line feed")
    key = signer.key
    if not key.is_timed:
        return Signature(key.name, key.key_id, signer.sign(kinds.message(key.kind, key.name, text, 0)))
    if not 1 <= time_s <= TIME_S_MAX:
        raise NoteError(f"{time_s} is no time for a cosignature")
    raw = signer.sign(kinds.message(key.kind, key.name, text, time_s))
    return Signature(key.name, key.key_id, time_s.to_bytes(_TIME_BYTES) + raw, time_s)


def sign_note(text: str, signers: str | Signer | Iterable[str | Signer], time_s: int = 0) -> str:
    """A note: the text, an empty line, one line for each signer in the order given.

    Args:
      text: ends in a line feed and holds no other control character.
      signers: signers, or private keys in Go's form.
      time_s: seconds since 1970, for timed kinds.

    Raises:
      NoteError: for a text, a key or a time out of form, or no signer at all.
    """
    given = [signers] if isinstance(signers, str | Signer) else signers
    made = [one if isinstance(one, Signer) else read_skey(one) for one in given]
    if not made:
        raise NoteError("a note is signed by at least one key")
    return text + "\n" + "".join(sign_line(text, one, time_s).line for one in made)


def with_lines(text: str, signatures: Iterable[Signature]) -> str:
    """A note's text with lines that were made before, each once, in the order given.

    Raises:
      NoteError: there is no line.
    """
    lines = dict.fromkeys(one.line for one in signatures)
    if not lines:
        raise NoteError("a note is signed by at least one key")
    return text + "\n" + "".join(lines)


# --- text ---------------------------------------------------------------------------------------------------


def _is_name(name: str) -> bool:
    return (
        bool(name)
        and "+" not in name
        and not any(one.isspace() for one in name)
        and not _CONTROL.search(name)
    )


def write_base64(raw: bytes) -> str:
    """Padded base64 (RFC 4648 4)."""
    return base64.b64encode(raw).decode()


def read_base64(text: str, what: str) -> bytes:
    """Bytes of padded base64, in the one way they are written; `what` they are is told in the error.

    Raises:
      NoteError: for any other form.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{what} is no base64") from error
    if write_base64(raw) != text:
        raise NoteError(f"{what} is no base64 as it is written")
    return raw
