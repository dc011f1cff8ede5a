"""The entry: one accepted command, and what it caused (DESIGN 3, SPEC 5).

An entry's index in the session's RFC 6962 tree is its `seq`; genesis is 0. Its canonical
bytes are the tree's leaf input. No later rules version adds a field to it.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from protocol import canonical, commands, limits, tagged
from protocol.commands import Command
from protocol.events import Event
from protocol.words import Count, Id, KeyText, Millis, OutOfForm, a_signature, an_id

COMMAND_DOMAIN = "command/v1"
"""The domain tag under which an author signs a command."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """`{v, session, seq, at, entropy, command, sig, events}`.

    `at` is the coordinator's clock, never less than the entry before (ms); `entropy` the 32
    bytes that `decide` was given; `sig` the author's signature over the tagged command.
    """

    v: Literal[1]
    session: Id
    seq: Count
    at: Millis
    entropy: Annotated[bytes, Meta(min_length=limits.SALT_BYTES, max_length=limits.SALT_BYTES)]
    command: Command
    sig: KeyText
    events: tuple[Event, ...]


class Read(Struct, frozen=True, gc=False):
    """An entry as read from its canonical bytes, and what its author's signature is judged by.

    `signed` is what the author has signed, `signature` its 64 bytes; no bytes where it is of no algorithm
    that authors sign with, which holds for nobody.
    """

    entry: Entry
    signed: bytes
    signature: bytes


class _Wire(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An entry whose command is still raw; session and signature are looked at apart."""

    v: Literal[1]
    session: str
    seq: Count
    at: Millis
    entropy: Annotated[bytes, Meta(min_length=limits.SALT_BYTES, max_length=limits.SALT_BYTES)]
    command: msgspec.Raw
    sig: str
    events: tuple[Event, ...]


_wires: Final = msgspec.json.Decoder(_Wire)
_SIGNED: Final = canonical.tag(COMMAND_DOMAIN)


def signed_bytes(command: Command) -> bytes:
    """What the author signs: the tag of `command/v1` (32 bytes) and the canonical command."""
    return _SIGNED + canonical.encode(command)


def signed_again(command: Command) -> bytes:
    """The same of a command that was read from canonical bytes, and so is known to have some."""
    return _SIGNED + canonical.encode_known(command)


def encode(entry: Entry) -> bytes:
    """Canonical bytes of an entry.

    Raises:
      NotCanonical: outside the canonical subset, or over `ENTRY_BYTES_MAX`.
    """
    raw = canonical.encode(entry)
    if len(raw) > limits.ENTRY_BYTES_MAX:
        raise canonical.NotCanonical(f"{len(raw)} bytes, at most {limits.ENTRY_BYTES_MAX}")
    return raw


def decode(raw: bytes) -> Entry:
    """Read an entry from its canonical bytes.

    Raises:
      NotCanonical: not canonical, too long, or a field out of its form.
      UnknownContent: its command's type has no form here.
    """
    return read(raw).entry


def read(raw: bytes) -> Read:
    """The same, with what the author has signed: as all forms are closed, one reading of the bytes is enough.

    Raises:
      NotCanonical: not canonical, too long, or a field out of its form.
      UnknownContent: its command's type has no form here.
    """
    if len(raw) > limits.ENTRY_BYTES_MAX:
        raise canonical.NotCanonical(f"{len(raw)} bytes, at most {limits.ENTRY_BYTES_MAX}")
    try:
        wire = _wires.decode(raw)
        session = an_id(wire.session)
        signature = tagged.read(wire.sig, tagged.SIGNATURE_BYTES)
        if not signature:
            a_signature(wire.sig)
    except (msgspec.MsgspecError, OutOfForm, UnicodeError, RecursionError) as error:
        raise canonical.NotCanonical(str(error)) from error
    written = bytes(wire.command)
    command = commands.parse_within(written)
    entry = Entry(wire.v, session, wire.seq, wire.at, wire.entropy, command, wire.sig, wire.events)
    if not canonical.is_of(entry, raw):
        raise canonical.NotCanonical("not the canonical bytes of its own value")
    return Read(entry, _SIGNED + written, signature)
