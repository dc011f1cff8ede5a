"""Delegating a seat's key, confirming it at the desk, and noting a revocation (SPEC 19.6)."""

from protocol import limits
from protocol.commands_identity import ConfirmSeatKey, DelegateSeatKey, RevokeCertificate
from protocol.events_identity import CertificateRevoked, SeatKeyDelegated
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session.asked import Asked, Decision
from protocol.session.state import State


def delegate(asked: Asked, content: DelegateSeatKey) -> Decision:
    """The author's own key gets a person's voice; the installation has judged certificate or passkey."""
    key = asked.command.author_key
    fault = _span_fault(content.until, asked.at, limits.DELEGATION_MS_MAX) or _used(
        asked.state, content.evidence
    )
    if fault is not None:
        return fault
    told = signing.delegated_bytes(
        asked.state.session, asked.who.seat, key, content.means, content.evidence, content.until
    )
    if not signing.verify(asked.state.installation_key, told, content.attestation):
        return refuse("BadAttestation")
    return (
        SeatKeyDelegated(
            seat=asked.who.seat, key=key, means=content.means, evidence=content.evidence,
            until=content.until, by="",
        ),
    )  # fmt: skip


def confirm(asked: Asked, content: ConfirmSeatKey) -> Decision:
    """An officer of the seat's own venue answers for who holds its key.

    The officer is known by certificate or passkey, never by another officer's word alone, and nobody
    confirms themselves: else two codes would make a signature.
    """
    state, officer = asked.state, asked.who
    holder = state.keys.get(content.key)
    if holder is None or holder.seat != content.seat:
        return refuse("StatementMismatch", field="key")
    if holder.role == "bidder" or holder.venue != officer.venue:
        return refuse("WrongVenue", seat=content.seat, venue=officer.venue)
    own = state.identity.delegated.get(asked.command.author_key)
    if holder.seat == officer.seat or own is None or own.means == "desk":
        return refuse("OfficerUnproved", seat=officer.seat)
    fault = _span_fault(content.until, asked.at, limits.CONFIRMATION_MS_MAX) or _used(state, content.evidence)
    if fault is not None:
        return fault
    return (
        SeatKeyDelegated(
            seat=content.seat, key=content.key, means="desk", evidence=content.evidence,
            until=content.until, by=officer.seat,
        ),
    )  # fmt: skip


def revoke(asked: Asked, content: RevokeCertificate) -> Decision:
    """From this entry on nothing is taken that rests on that certificate; what stands, stands."""
    for key, one in asked.state.identity.delegated.items():
        if one.evidence != content.evidence:
            continue
        if one.revoked_seq:
            return refuse("AlreadyDone")
        if one.means == "desk":
            return refuse("StatementMismatch", field="means")
        return (CertificateRevoked(seat=one.seat, key=key, evidence=content.evidence, since=content.since),)
    return refuse("StatementMismatch", field="evidence")


def _span_fault(until: int, at: int, span_ms: int) -> Refusal | None:
    if at < until <= at + span_ms:
        return None
    return refuse("DelegationTooLong", days=span_ms // 86_400_000)


def _used(state: State, evidence: bytes) -> Refusal | None:
    """Evidence is of one delegation: its salt is fresh, so the same digest is the same act once more."""
    taken = any(one.evidence == evidence for one in state.identity.delegated.values())
    return refuse("AlreadyDone") if taken else None
