"""Whether a certificate counts: for a purpose, at a moment, by a trust list and evidence (SPEC 24.5).

Owns the whole judgement: the ways to the list's roots, the rules on each, revocation of every certificate
below the root. It fetches nothing and asks no clock: whoever calls brings bytes and the moment. Only `valid`
lets anybody act: what cannot be decided is refused like what is invalid (fail closed), and told apart so
that people know whether to fetch evidence or to see their CA.
"""

import itertools
from typing import Final, Literal

from msgspec import Struct

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import certificate, crl, moment, ocsp, path, purposes
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.crl import RevocationList
from protocol.seal.trust.found import Good, Revoked
from protocol.seal.trust.ocsp import Answer
from protocol.seal.trust.path import Path
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.trust_list import Authority, Trusted

Outcome = Literal["valid", "invalid", "undecided"]

UNDECIDED: Final = frozenset(
    {"RevocationUnknown", "TrustListStale", "TrustListMalformed", "TrustListUnsigned", "TrustListForeign"}
    | {"TrustListOlder", "TrustListForked", "CertificateUnreadable", "CannotRead", "TooLarge"}
    | {"EvidenceUnreadable", "EvidenceForeign", "EvidenceForged", "EvidencePartial", "EvidenceStale"}
    | {"EvidenceWeak"}
)
"""Codes that say that nothing is known; every other one says that the certificate does not count."""


class Evidence(Struct, frozen=True):
    """What there is on revocation: lists and answers, read; and why other pieces could not be."""

    crls: tuple[RevocationList, ...] = ()
    answers: tuple[Answer, ...] = ()
    unread: tuple[Refusal, ...] = ()


NO_EVIDENCE: Final = Evidence()


class Verdict(Struct, frozen=True, kw_only=True):
    """What a judgement came to.

    `reason` is None for `valid` alone. `until`: when evidence, list or a certificate runs out, whichever is
    first, ms, not included; 0 unless valid. `path` and `authority` are those of the way that was judged.
    """

    outcome: Outcome
    reason: Refusal | None = None
    until: int = 0
    path: Path = ()
    authority: Authority | None = None


def judge(
    leaf: Certificate,
    others: tuple[Certificate, ...],
    trusted: Trusted,
    at: int,
    purpose: PurposeName,
    evidence: Evidence = NO_EVIDENCE,
) -> Verdict:
    """Whether a certificate counts.

    Args:
      leaf: the person's certificate.
      others: what came with it, in any order, to find the way to a root; nothing in it is believed.
      trusted: the trust list.
      at: the moment that is asked about, ms: now, or when something was signed.
      purpose: for what.
      evidence: on revocation, of whatever certificates; what is of no use is passed over.
    """
    if at >= trusted.list.next_by:
        ran_out = moment.text(trusted.list.next_by)
        return refused(refuse("TrustListStale", version=trusted.list.version, at=ran_out))
    if len(others) > limits.CHAIN_OFFERED_MAX:
        return refused(refuse("TooLarge", size=len(others), limit=limits.CHAIN_OFFERED_MAX))
    first: Verdict | None = None
    for way, authority in path.ways(leaf, others, trusted):
        verdict = _judge_way(way, authority, trusted, at, purpose, evidence)
        if verdict.outcome == "valid":
            return verdict
        if first is None or (first.outcome == "undecided" and verdict.outcome == "invalid"):
            first = verdict
    if first is not None:
        return first
    return refused(refuse("CaUnknown", subject=leaf.shown, issuer=certificate.shown(leaf.parsed.issuer)))


def read_evidence(crls: tuple[bytes, ...], answers: tuple[bytes, ...]) -> Evidence:
    """Evidence from bytes: revocation lists and answers, DER; what cannot be read is kept as its refusal."""
    lists = [crl.read(raw) for raw in crls[: limits.REVOCATION_PIECES_MAX]]
    told = [ocsp.read(raw) for raw in answers[: limits.REVOCATION_PIECES_MAX]]
    return Evidence(
        crls=tuple(one for one in lists if not isinstance(one, Refusal)),
        answers=tuple(one for one in told if not isinstance(one, Refusal)),
        unread=tuple(one for one in (*lists, *told) if isinstance(one, Refusal)),
    )


def refused(reason: Refusal) -> Verdict:
    """The verdict that a reason alone comes to."""
    return Verdict(outcome="undecided" if reason.code in UNDECIDED else "invalid", reason=reason)


def standing(
    of: Certificate,
    issuer: Certificate,
    authority: Authority,
    at: int,
    evidence: Evidence,
    grace_ms: int = 0,
) -> Good | Revoked | Refusal:
    """What all the evidence together says of one certificate at a moment.

    One piece that shows it revoked outweighs any number that do not; else the one that holds longest.

    Returns:
      Refusal: the reason why the nearest piece does not count; `RevocationUnknown` where there is none.
    """
    weighed = [
        *(crl.weigh(one, of, issuer, authority, at, grace_ms) for one in evidence.crls),
        *(ocsp.weigh(one, of, issuer, authority, at, grace_ms) for one in evidence.answers),
    ]
    revoked = [one for one in weighed if isinstance(one, Revoked)]
    if revoked:
        return min(revoked, key=lambda one: one.since)
    good = [one for one in weighed if isinstance(one, Good)]
    if good:
        return max(good, key=lambda one: one.until)
    faults = [one for one in weighed if isinstance(one, Refusal)]
    near = [one for one in faults if one.code != "EvidenceForeign"] or [*evidence.unread, *faults]
    return near[0] if near else refuse("RevocationUnknown", subject=of.shown)


def _judge_way(
    way: Path, authority: Authority, trusted: Trusted, at: int, purpose: PurposeName, evidence: Evidence
) -> Verdict:
    asked = purposes.TABLE[purpose]
    fault = path.fault(way, authority, at, asked)
    if fault is not None:
        return _on(way, authority, fault)
    grace_ms = 0 if asked.strict else limits.VIEWING_GRACE_MS
    until = min(trusted.list.next_by, authority.valid_until, *(one.ends + 1 for one in way))
    unknown: Refusal | None = None
    for one, issuer in itertools.pairwise(way):
        found = standing(one, issuer, authority, at, evidence, grace_ms)
        if isinstance(found, Revoked):
            since = moment.text(found.since)
            return _on(way, authority, refuse("CertificateRevoked", subject=one.shown, at=since))
        if isinstance(found, Refusal):
            unknown = unknown or found
        else:
            until = min(until, found.until)
    if unknown is not None:
        return _on(way, authority, unknown)
    return Verdict(outcome="valid", until=until, path=way, authority=authority)


def _on(way: Path, authority: Authority, reason: Refusal) -> Verdict:
    outcome: Outcome = "undecided" if reason.code in UNDECIDED else "invalid"
    return Verdict(outcome=outcome, reason=reason, path=way, authority=authority)
