"""Signatures of authors: tagged keys, Ed25519 (RFC 8032) for now.

A key or signature is text with its algorithm in front, `ed25519:<base64>`, so that SM2 and
WebAuthn signatures can stand beside it later. Private keys pass through here only in the
shells that own them; nothing here makes one.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol import canonical, entry
from protocol.commands import Command

_TAG = "ed25519:"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64


def sign(private: Ed25519PrivateKey, message: bytes) -> str:
    """A tagged Ed25519 signature over the message."""
    return _TAG + base64.b64encode(private.sign(message)).decode()


def public_text(private: Ed25519PrivateKey) -> str:
    """The tagged public key of a private key."""
    return _TAG + base64.b64encode(private.public_key().public_bytes_raw()).decode()


def verify(key: str, message: bytes, sig: str) -> bool:
    """Whether `sig` is the key's signature over the message; any malformation is False."""
    key_raw = _untag(key, _KEY_BYTES)
    sig_raw = _untag(sig, _SIGNATURE_BYTES)
    if key_raw is None or sig_raw is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key_raw).verify(sig_raw, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_key(text: str) -> bool:
    """Whether the text is a well-formed public key of a known algorithm."""
    return _untag(text, _KEY_BYTES) is not None


def verify_command(command: Command, sig: str) -> bool:
    """Whether the command's author signed it (SPEC 5.2)."""
    return verify(command.author_key, entry.signed_bytes(command), sig)


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


def _untag(text: str, size: int) -> bytes | None:
    if not text.startswith(_TAG):
        return None
    try:
        raw = base64.b64decode(text[len(_TAG) :], validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != size or base64.b64encode(raw).decode() != text[len(_TAG) :]:
        return None
    return raw
