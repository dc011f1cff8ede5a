"""The entry: one accepted command, and what it caused (DESIGN 3, SPEC 5).

An entry's index in the session's RFC 6962 tree is its `seq`; genesis is 0. Its canonical
bytes are the tree's leaf input. No later rules version adds a field to it.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from protocol import canonical, commands, limits
from protocol.commands import Command
from protocol.events import Event
from protocol.words import Count, Id, KeyText, Millis

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


class _Wire(Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    session: Id
    seq: Count
    at: Millis
    entropy: bytes
    command: msgspec.Raw
    sig: KeyText
    events: tuple[Event, ...]


def signed_bytes(command: Command) -> bytes:
    """What the author signs: the tag of `command/v1` (32 bytes) and the canonical command."""
    return canonical.tag(COMMAND_DOMAIN) + canonical.encode(command)


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
    canonical.decode(raw, object, limits.ENTRY_BYTES_MAX)
    try:
        wire = msgspec.json.decode(raw, type=_Wire)
    except msgspec.MsgspecError as error:
        raise canonical.NotCanonical(str(error)) from error
    command = commands.parse_within(bytes(wire.command))
    entry = Entry(wire.v, wire.session, wire.seq, wire.at, wire.entropy, command, wire.sig, wire.events)
    if len(entry.entropy) != limits.SALT_BYTES or not canonical.is_of(entry, raw):
        raise canonical.NotCanonical("not the canonical bytes of its own value")
    return entry
