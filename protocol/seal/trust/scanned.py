"""What a person says with a passkey on a phone, scanned: a delegation, a sign-in (SPEC 19.4, 19.9).

Owns the statement that the phone shows, what the passkey signs of it, and judging such an assertion years
later from bytes alone. A passkey (W3C WebAuthn Level 2) signs `authenticatorData ‖ SHA-256(clientDataJSON)`;
the challenge in the latter is the digest of our statement, so that what is shown is what is signed. Only
P-256 keys (COSE algorithm -7) are taken. Must not know who scanned, nor whether a nonce was used before.
"""

import base64
import hashlib
import json
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import algorithms, spoken
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.spoken import Audience, SignedBinding
from protocol.words import Hash, Id, KeyText, Millis, Role

SCAN: Final = "scan-seat/v1"
SCAN_SIGN_IN: Final = "scan-sign-in/v1"
"""The domain tags under which scanned statements are digested."""
COMPARE: Final = r"^[0-9]{2}$"

_HEAD_BYTES: Final = 37
_PRESENT, _VERIFIED = 0x01, 0x04
_PIECE: Final = Meta(max_length=limits.ASSERTION_BYTES_MAX)

Compare = Annotated[str, Meta(pattern=COMPARE)]
"""The two digits that the desk shows and the person types on the phone (比对码)."""


class ScannedDelegation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """扫码席位委托: in this session the seat's key speaks for whoever holds the passkey, until a moment.

    Which passkey it will be is not known before it has signed; `SignedScan` tells, and how it is bound.
    """

    at: Millis
    audience: Audience
    compare: Compare
    key: KeyText
    nonce: Hash
    role: Role
    seat: Id
    session: Id
    until: Millis


class ScannedSignIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """扫码登录: whoever holds the passkey signs in at this seat; the page that shows the code holds `key`."""

    at: Millis
    audience: Audience
    compare: Compare
    key: KeyText
    nonce: Hash
    role: Role
    seat: Id
    session: Id


class Assertion(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a passkey gave: authenticator data, client data (JSON as it came), an ECDSA signature, DER."""

    authenticator: Annotated[bytes, _PIECE]
    client: Annotated[bytes, _PIECE]
    sig: Annotated[bytes, _PIECE]


class SignedScan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scanned delegation: the statement, the passkey's assertion, and how the passkey is bound."""

    v: Literal[1] = 1
    statement: ScannedDelegation
    assertion: Assertion
    binding: SignedBinding


def challenge_of(statement: ScannedDelegation | ScannedSignIn) -> bytes:
    """What the passkey is asked to sign: the statement's tagged digest, 32 bytes."""
    tag = SCAN if isinstance(statement, ScannedDelegation) else SCAN_SIGN_IN
    return canonical.tagged_digest(tag, statement)


def assertion_fault(assertion: Assertion, challenge: bytes, audience: str, spki: bytes) -> Refusal | None:
    """Why a passkey's assertion is none to this challenge at this place; None where it holds.

    Args:
      assertion: as it came.
      challenge: what was asked for, 32 bytes.
      audience: the origin at which the person is; the passkey is bound to its host name.
      spki: the passkey's public key, DER.

    Returns:
      Refusal: `AssertionMismatch` naming what differs, `AssertionForged`.
    """
    for field, differs in _client_differs(assertion.client, challenge, audience).items():
        if differs:
            return refuse("AssertionMismatch", field=field)
    head = assertion.authenticator
    if len(head) < _HEAD_BYTES:
        return refuse("AssertionMismatch", field="authenticator")
    if head[:32] != hashlib.sha256(host_of(audience).encode()).digest():
        return refuse("AssertionMismatch", field="host")
    if head[32] & (_PRESENT | _VERIFIED) != _PRESENT | _VERIFIED:
        return refuse("AssertionMismatch", field="verified")
    key = algorithms.key_of(spki)
    message = head + hashlib.sha256(assertion.client).digest()
    if (
        isinstance(key, NotAllowed)
        or key.kind != "p256"
        or not algorithms.verify("ecdsa-p256-sha256", key, message, assertion.sig)
    ):
        return refuse("AssertionForged")
    return None


def scan_fault(signed: SignedScan) -> Refusal | None:
    """Whether a scanned delegation hangs together: assertion, binding and certificate; None where it does.

    Whether that certificate counts is judged apart, by a trust list (`spoken`).
    """
    said, bound = signed.statement, signed.binding.statement
    if said.audience != bound.audience:
        return refuse("StatementMismatch", field="audience")
    if not signing.is_key(said.key):
        return refuse("StatementMismatch", field="key")
    return spoken.signature_fault(signed.binding) or assertion_fault(
        signed.assertion, challenge_of(said), said.audience, bound.spki
    )


def sign_in_fault(said: ScannedSignIn, assertion: Assertion, binding: SignedBinding) -> Refusal | None:
    """Whether a scanned sign-in hangs together, as `scan_fault`."""
    bound = binding.statement
    if said.audience != bound.audience:
        return refuse("StatementMismatch", field="audience")
    return spoken.signature_fault(binding) or assertion_fault(
        assertion, challenge_of(said), said.audience, bound.spki
    )


def count_of(assertion: Assertion) -> int:
    """How often the passkey says it has signed; 0 for one that does not count (WebAuthn 6.1.1)."""
    return int.from_bytes(assertion.authenticator[33:_HEAD_BYTES], "big")


def host_of(audience: str) -> str:
    """The host name of an origin, to which a passkey is bound.

    >>> host_of("https://coordinator.example:8443")
    'coordinator.example'
    """
    _, _, place = audience.partition("://")
    name, _, port = place.rpartition(":")
    return (name if port.isdecimal() else place).lower()


def _client_differs(raw: bytes, challenge: bytes, audience: str) -> dict[str, bool]:
    """What in the client's data is not as asked for; a browser makes it, so its form is checked loosely."""
    try:
        client: Any = json.loads(raw)
    except (ValueError, RecursionError):
        client = None
    if not isinstance(client, dict):
        return {"client": True}
    asked = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
    return {
        "type": client.get("type") != "webauthn.get",
        "origin": client.get("origin") != audience or client.get("crossOrigin", False) is not False,
        "challenge": client.get("challenge") != asked,
    }
