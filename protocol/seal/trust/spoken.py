"""What a person says by certificate: a statement, signed, that can be checked years later (SPEC 24.7).

Owns signing in by a challenge, handing one's voice to a seat's key for a session, and binding a passkey to
one's certificate. All are statements that people are shown before they sign. The signature's holder may be a
UKey, a device or a phone: what is signed is bytes. Must not know who was challenged, nor whether a nonce was
used before: whoever challenges keeps that.
"""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.seal.trust import algorithms, certificate, judge, moment, noted
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.noted import Noted
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.trust_list import Authority, Der, Trusted
from protocol.words import Hash, Id, KeyText, Millis, Role

SIGN_IN: Final = "sign-in/v1"
DELEGATE: Final = "delegate-seat/v1"
BIND_PASSKEY: Final = "bind-passkey/v1"
"""The domain tags under which the statements are signed."""

Audience = Annotated[str, Meta(pattern=r"^[!-~]+$(?!\n)", min_length=1, max_length=limits.ADDRESS_CHARS_MAX)]
Others = Annotated[tuple[Der, ...], Meta(max_length=limits.CHAIN_OFFERED_MAX)]


class SignIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """登录: whoever holds this certificate is here, before this audience (an origin), answering its nonce."""

    at: Millis
    audience: Audience
    certificate: Hash
    nonce: Hash


class SeatDelegation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """席位委托: in this session the seat's key speaks for the holder of this certificate, until a moment."""

    at: Millis
    certificate: Hash
    key: KeyText
    nonce: Hash
    role: Role
    seat: Id
    session: Id
    until: Millis


class PasskeyBinding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """通行密钥绑定: at this audience (an origin) a passkey speaks for the holder of this certificate.

    `credential` is SHA-256 of the passkey's id, `spki` its public key, DER (P-256).
    """

    at: Millis
    audience: Audience
    certificate: Hash
    credential: Hash
    nonce: Hash
    spki: Der


Statement = SignIn | SeatDelegation | PasskeyBinding


_TAGS: Final[dict[type, str]] = {SignIn: SIGN_IN, SeatDelegation: DELEGATE, PasskeyBinding: BIND_PASSKEY}


class SignedSignIn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sign-in with its certificate, those that came with it, and the signature `<algorithm>:<base64>`."""

    v: Literal[1] = 1
    statement: SignIn
    certificate: Der
    others: Others
    sig: KeyText


class SignedDelegation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A delegation likewise; kept as a disclosure, for it names a person."""

    v: Literal[1] = 1
    statement: SeatDelegation
    certificate: Der
    others: Others
    sig: KeyText


class SignedBinding(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A passkey's binding likewise; kept beside the passkey, and shown with what it signs."""

    v: Literal[1] = 1
    statement: PasskeyBinding
    certificate: Der
    others: Others
    sig: KeyText


Signed = SignedSignIn | SignedDelegation | SignedBinding


class Challenge(Struct, frozen=True):
    """What was sent out to be signed: a nonce of 32 bytes that is used once, and when (ms)."""

    nonce: bytes
    issued_at: int


class Spoken(Struct, frozen=True):
    """Whose word it is: the certificate, its authority, and until when the judgement holds (ms)."""

    person: Certificate
    authority: Authority
    until: int


def signed_bytes(statement: Statement) -> bytes:
    """What is signed: the statement's tag (32 bytes) and its canonical bytes."""
    return canonical.tag(_TAGS[type(statement)]) + canonical.encode(statement)


def sign_in(
    signed: SignedSignIn,
    challenge: Challenge,
    audience: str,
    trusted: Trusted,
    at: int,
    evidence: Evidence,
) -> Spoken | Refusal:
    """Who has signed in.

    Args:
      signed: as it came.
      challenge: what this one was sent; whoever calls uses it once.
      audience: the origin at which they sign in: what was signed for another is refused.
      trusted: the trust list.
      at: now, ms.
      evidence: on revocation.

    Returns:
      Refusal: `StatementMismatch`, `ChallengeStale`, `StatementForged`, or why the certificate does not
        count.
    """
    fault = _differs(signed.statement, {"audience": audience, "nonce": challenge.nonce}) or _late(
        challenge, at
    )
    return fault or _held(signed, trusted, at, "sign-in", evidence)


def delegate(
    signed: SignedDelegation,
    challenge: Challenge,
    wanted: SeatDelegation,
    trusted: Trusted,
    at: int,
    evidence: Evidence,
) -> Spoken | Refusal:
    """Whose voice a seat's key has from now on.

    Args:
      signed: as it came.
      challenge: what this seat was sent.
      wanted: what the person was shown and asked to sign; any difference is refused.
      trusted: the trust list.
      at: now, ms.
      evidence: on revocation.

    Returns:
      Refusal: as `sign_in`; `DelegationTooLong`.
    """
    said = signed.statement
    for name in ("certificate", "key", "role", "seat", "session", "until"):
        if getattr(said, name) != getattr(wanted, name):
            return refuse("StatementMismatch", field=name)
    if not signing.is_key(said.key):
        return refuse("StatementMismatch", field="key")
    if not at < said.until <= at + limits.DELEGATION_MS_MAX:
        return refuse("DelegationTooLong", days=limits.DELEGATION_MS_MAX // 86_400_000)
    fault = _differs(said, {"nonce": challenge.nonce}) or _late(challenge, at)
    return fault or _held(signed, trusted, at, "sign", evidence)


def bind(
    signed: SignedBinding,
    challenge: Challenge,
    wanted: PasskeyBinding,
    trusted: Trusted,
    at: int,
    evidence: Evidence,
) -> Spoken | Refusal:
    """Whose passkey it is from now on.

    Args:
      signed: as it came.
      challenge: what was sent to be signed.
      wanted: the passkey that was made, and where; any difference is refused.
      trusted: the trust list.
      at: now, ms.
      evidence: on revocation.

    Returns:
      Refusal: as `sign_in`.
    """
    said = signed.statement
    expected = {name: getattr(wanted, name) for name in ("audience", "certificate", "credential", "spki")}
    fault = _differs(said, {**expected, "nonce": challenge.nonce}) or _late(challenge, at)
    return fault or _held(signed, trusted, at, "sign", evidence)


def signature_fault(signed: Signed) -> Refusal | None:
    """Whether a statement is signed by the certificate beside it, and names that; None where it is.

    This is all that can be told without a trust list: whose certificate counts is not asked.
    """
    own = certificate.read(signed.certificate)
    return own if isinstance(own, Refusal) else _signature_fault(signed, own)


def may_speak(
    said: SeatDelegation, key: str, at: int, revoked: tuple[Noted, ...] = (), seq: int = 0
) -> Refusal | None:
    """Whether an act by a seat's key is covered by what was delegated to it; None where it is.

    Args:
      said: a delegation that was accepted.
      key: the act's author.
      at: when the act is accepted, ms.
      revoked: what the session knows of revoked certificates.
      seq: of the act.
    """
    if key != said.key:
        return refuse("StatementMismatch", field="key")
    if at >= said.until:
        return refuse("DelegationEnded", seat=said.seat, at=moment.text(said.until))
    return noted.may_act(revoked, said.certificate, seq)


def _differs(statement: Statement, expected: dict[str, Any]) -> Refusal | None:
    for name, value in expected.items():
        if getattr(statement, name) != value:
            return refuse("StatementMismatch", field=name)
    return None


def _late(challenge: Challenge, at: int) -> Refusal | None:
    if not 0 <= at - challenge.issued_at < limits.CHALLENGE_MS:
        return refuse("ChallengeStale", seconds=limits.CHALLENGE_MS // 1000)
    return None


def _held(
    signed: Signed,
    trusted: Trusted,
    at: int,
    purpose: PurposeName,
    evidence: Evidence,
) -> Spoken | Refusal:
    """Whether the certificate counts, and the signature is by its key and an algorithm allowed to it."""
    own = certificate.read(signed.certificate)
    if isinstance(own, Refusal):
        return own
    others = []
    for raw in signed.others:
        one = certificate.read(raw)
        if isinstance(one, Refusal):
            return one
        others.append(one)
    # The signature comes first: nobody has evidence fetched for a certificate whose key they do not hold.
    fault = _signature_fault(signed, own)
    if fault is not None:
        return fault
    verdict = judge.judge(own, tuple(others), trusted, at, purpose, evidence)
    if verdict.reason is not None:
        return verdict.reason
    assert verdict.authority is not None, "what is valid has an authority"
    made = algorithms.untagged(signed.sig)
    if made is None or made[0] not in verdict.authority.algorithms:
        return refuse("StatementForged", subject=own.shown)
    return Spoken(own, verdict.authority, verdict.until)


def _signature_fault(signed: Signed, own: Certificate) -> Refusal | None:
    if own.fingerprint != signed.statement.certificate:
        return refuse("StatementMismatch", field="certificate")
    made = algorithms.untagged(signed.sig)
    key = algorithms.key_of(own.spki)
    if (
        made is None
        or isinstance(key, NotAllowed)
        or not algorithms.verify(made[0], key, signed_bytes(signed.statement), made[1])
    ):
        return refuse("StatementForged", subject=own.shown)
    return None
