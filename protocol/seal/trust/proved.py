"""By what a seat's key was delegated: the disclosure behind a delegation in the record (SPEC 19.6).

Owns its one form for all three means, and whether it hangs together by itself. It names a person, so an
entry carries its hidden digest alone. Must not know a trust list: whose certificate counts was judged when
it was accepted, and whoever is shown this judges again, at that moment.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.refusals import Refusal
from protocol.seal.trust import scanned, spoken
from protocol.seal.trust.scanned import SignedScan
from protocol.seal.trust.spoken import SignedDelegation
from protocol.words import Hash, Id, KeyText, Means, Millis

Name = Annotated[str, Meta(min_length=1, max_length=limits.NAME_CHARS_MAX)]


class Judged(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When the certificate was found valid, by which trust list (its digest), until when that held (ms)."""

    at: Millis
    trust_list: Hash
    until: Millis


class ByCertificate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="certificate"):
    """A delegation signed by certificate."""

    signed: SignedDelegation
    judged: Judged


class ByPasskey(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="passkey"):
    """A delegation that was scanned and signed by a passkey."""

    signed: SignedScan
    judged: Judged


class ByDesk(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="desk"):
    """What an officer has seen: whose document, of which number's last digits, with whose seat and key."""

    session: Id
    seat: Id
    key: KeyText
    name: Name
    document: Literal["id_card", "passport", "work_card"]
    number_tail: Annotated[str, Meta(pattern=r"^[0-9A-Z]{4}$(?!\n)")]
    until: Millis


SeatEvidence = ByCertificate | ByPasskey | ByDesk


class Said(Struct, frozen=True):
    """What evidence says, whatever the means: this key, at this seat of this session, until then (ms)."""

    means: Means
    session: str
    seat: str
    key: str
    until: int


def said(evidence: SeatEvidence) -> Said:
    """What evidence says of a seat's key."""
    match evidence:
        case ByCertificate(signed=signed):
            statement = signed.statement
            return Said("certificate", statement.session, statement.seat, statement.key, statement.until)
        case ByPasskey(signed=scan):
            told = scan.statement
            return Said("passkey", told.session, told.seat, told.key, told.until)
        case ByDesk():
            return Said("desk", evidence.session, evidence.seat, evidence.key, evidence.until)


def shown(evidence: SeatEvidence) -> tuple[bytes, ...]:
    """The certificates that evidence brings, DER: the signer's and what came with it; none of the desk."""
    match evidence:
        case ByCertificate(signed=signed):
            return (signed.certificate, *signed.others)
        case ByPasskey(signed=scan):
            return (scan.binding.certificate, *scan.binding.others)
        case ByDesk():
            return ()


def fault(evidence: SeatEvidence) -> Refusal | None:
    """Why evidence is not what it claims, from its own bytes; None where its signatures hold."""
    match evidence:
        case ByCertificate(signed=signed):
            return spoken.signature_fault(signed)
        case ByPasskey(signed=scan):
            return scanned.scan_fault(scan)
        case ByDesk():
            return None
