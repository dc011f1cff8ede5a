"""Signatures of authors: tagged keys, Ed25519 (RFC 8032) for now.

A key or signature is text with its algorithm in front, `ed25519:<base64>`, so that SM2 and
WebAuthn signatures can stand beside it later. Private keys pass through here only in the
shells that own them; nothing here makes one.
"""

import functools
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol import canonical, entry, tagged
from protocol.commands import Command
from protocol.entry import Entry, Read

_KEY_CHARS_MAX: Final = len(tagged.ED25519) + 44
_KEYS_KEPT: Final = 4096
"""Keys that are kept parsed, some 200 bytes each: more than a house's sessions have seats in a day."""


def sign(private: Ed25519PrivateKey, message: bytes) -> str:
    """A tagged Ed25519 signature over the message."""
    return tagged.written(private.sign(message))


def public_text(private: Ed25519PrivateKey) -> str:
    """The tagged public key of a private key."""
    return tagged.written(private.public_key().public_bytes_raw())


def verify(key: str, message: bytes, sig: str) -> bool:
    """Whether `sig` is the key's signature over the message; any malformation is False."""
    return _holds(key, message, tagged.read(sig, tagged.SIGNATURE_BYTES))


def is_key(text: str) -> bool:
    """Whether the text is a well-formed public key of a known algorithm."""
    return tagged.read(text, tagged.KEY_BYTES) != b""


def verify_command(command: Command, sig: str) -> bool:
    """Whether the command's author signed it (SPEC 5.2)."""
    return verify(command.author_key, entry.signed_bytes(command), sig)


def verify_entry(read: Read) -> bool:
    """The same of an entry that was just read, whose bytes need no writing anew."""
    return _holds(read.entry.command.author_key, read.signed, read.signature)


def verify_known(one: Entry) -> bool:
    """The same of an entry that was read from canonical bytes, of which nothing else is at hand."""
    return verify(one.command.author_key, entry.signed_again(one.command), one.sig)


def attested_bytes(session: str, seat: str, key: str, means: str) -> bytes:
    """What the identity node signs when it vouches for a seat's key (SPEC 5.3)."""
    statement = {"session": session, "seat": seat, "key": key, "means": means}
    return canonical.tag("bind-seat/v1") + canonical.encode(statement)


def delegated_bytes(session: str, seat: str, key: str, means: str, evidence: bytes, until: int) -> bytes:
    """What the identity node signs when it has judged by what a seat's key is delegated (SPEC 19.6)."""
    statement = {
        "session": session, "seat": seat, "key": key, "means": means, "evidence": evidence, "until": until,
    }  # fmt: skip
    return canonical.tag("delegate-seat-key/v1") + canonical.encode(statement)


def _holds(key: str, message: bytes, signature: bytes) -> bool:
    public = _public(key) if len(key) <= _KEY_CHARS_MAX else None
    if public is None or not signature:
        return False
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@functools.lru_cache(_KEYS_KEPT)
def _public(text: str) -> Ed25519PublicKey | None:
    """The key of a tagged text; kept, because an author speaks more than once."""
    raw = tagged.read(text, tagged.KEY_BYTES)
    return Ed25519PublicKey.from_public_bytes(raw) if raw else None
