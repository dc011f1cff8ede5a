"""Commands as nobody should send them, and otherwise just as they should be.

Owns building and signing one from somebody's key, with any part of it changed before it is signed. What each
is refused for is the tests' to say.
"""

import itertools
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from ops import senses
from protocol import canonical, entry, wire
from protocol.commands import Command, Content, Head
from protocol.seal import signing
from protocol.words import SESSION_STAGE, Stage

_SIGNED = canonical.tag(entry.COMMAND_DOMAIN)
_numbers = itertools.count(1)


class Author(Protocol):
    """Somebody with a key who has seen a session up to a head."""

    @property
    def session(self) -> str:
        """The session."""

    @property
    def key(self) -> Ed25519PrivateKey:
        """The key."""

    @property
    def head(self) -> Head:
        """The last head that was verified."""


class Stranger(Struct, frozen=True):
    """An author who holds any key: a stranger's, a node's, that of a seat in another session."""

    session: str
    key: Ed25519PrivateKey
    head: Head


def text(author: Author, content: Content, stage: Stage = SESSION_STAGE, **changed: Any) -> bytes:
    """An author's next command as canonical text; `changed` replaces parts of it, of whatever form."""
    number = next(_numbers)
    command = Command(
        session=author.session,
        type=type(content).__name__,
        command_id=f"forged-{number}",
        author_key=signing.public_text(author.key),
        author_at=senses.now_ms(),
        author_seq=1_000_000 + number,
        seen=author.head,
        stage=stage,
        content=content,
    )
    return canonical.encode({**msgspec.to_builtins(command), **changed})


def signed(key: Ed25519PrivateKey, raw: bytes, **along: Any) -> wire.Submit:
    """Any text under a key's signature; `along` travels with it."""
    return wire.Submit(command=raw.decode(), sig=signing.sign(key, _SIGNED + raw), **along)


def act(author: Author, content: Content, stage: Stage = SESSION_STAGE, **changed: Any) -> wire.Submit:
    """An author's next command, changed before it was signed."""
    return signed(author.key, text(author, content, stage, **changed))
