"""Whether a signer counted when it signed (签署人核验): the same in the PDF and beside it.

Owns what is told of one signature, and judging its certificate and its time-stamp's by the trust list, at the
time-stamp's time. Must not know how the signature is carried. SPEC 29.4.
"""

from cryptography.x509.oid import NameOID
from msgspec import Struct

from main_venue.signing.findings import Code, Finding
from main_venue.signing.manifest import Field, Role
from main_venue.signing.stamp import NotStamped, Stamp
from main_venue.signing.stamp import read as read_stamp
from main_venue.signing.statement import Statement
from protocol import limits
from protocol.refusals import text
from protocol.seal.trust import judge as judging
from protocol.seal.trust.algorithms import AlgorithmName, NotAllowed
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence, Verdict
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.trust_list import Trusted


class Signature(Struct, frozen=True, kw_only=True):
    """One signature and what was found of it.

    `at_ms` is its time-stamp's, 0 without one; `signer` is the certificate's subject, `fingerprint` its
    SHA-256; `authority` and `stamp_authority` are ids of the trust list, empty where not recognised; `kind`
    is `pades` or that of the seal beside.
    """

    kind: str
    field: str
    seat: str
    role: Role
    person: str
    signer: str
    fingerprint: bytes
    at_ms: int
    authority: str
    stamper: str
    stamp_authority: str
    statement: Statement
    findings: tuple[Finding, ...]

    @property
    def faulty(self) -> bool:
        """Whether it does not stand, or cannot be said to."""
        return any(one.weight != "note" for one in self.findings)


class Made(Struct, frozen=True, kw_only=True):
    """A signature as it was read: where, by which certificate, how, over what the token is, for what."""

    kind: str
    field: str
    own: Certificate
    others: tuple[Certificate, ...]
    algorithm: AlgorithmName | NotAllowed
    token: bytes
    signature: bytes
    statement: Statement


def stamp_of(made: Made) -> Stamp | Finding:
    """The time-stamp of a signature, or what is wrong with it."""
    if not made.token:
        return Finding("StampMissing", made.field)
    try:
        return read_stamp(made.token, made.signature)
    except NotStamped as error:
        return Finding("StampBroken", made.field, str(error))


def judge(
    made: Made, place: Field | None, before: list[Finding], trusted: Trusted, evidence: Evidence
) -> Signature:
    """What is to be said of a signature.

    Args:
      made: the signature.
      place: the prepared place of that name, None where there is none.
      before: what has been found of it already.
      trusted: the trust list.
      evidence: on revocation.
    """
    field, own = made.field, made.own
    findings = list(before) if place is not None else [Finding("SignatureForeign", field), *before]
    stamp = stamp_of(made)
    said: Verdict | None = None
    stamped: Verdict | None = None
    if isinstance(stamp, Finding):
        findings.append(stamp)
    else:
        said = _verdict(own, made.others, stamp.at_ms, "sign", trusted, evidence)
        findings += _told(said, made.algorithm, field, "SignerNotTrusted", "SignerUndecided")
        stamped = _verdict(
            stamp.own, (*stamp.others, *made.others), stamp.at_ms, "time-stamp", trusted, evidence
        )
        findings += _told(stamped, stamp.algorithm, field, "StampNotTrusted", "StampUndecided")
    if place is not None and place.person and place.person not in _names(own):
        findings.append(Finding("SignerAnother", field, own.shown))
    return Signature(
        kind=made.kind,
        field=field,
        seat=place.seat if place is not None else "",
        role=made.statement.role,
        person=place.person if place is not None else "",
        signer=own.shown,
        fingerprint=own.fingerprint,
        at_ms=0 if isinstance(stamp, Finding) else stamp.at_ms,
        authority=_authority(said),
        stamper="" if isinstance(stamp, Finding) else stamp.own.shown,
        stamp_authority=_authority(stamped),
        statement=made.statement,
        findings=tuple(findings),
    )


def _verdict(
    own: Certificate, others: tuple[Certificate, ...], at: int, purpose: PurposeName, trusted: Trusted,
    evidence: Evidence,
) -> Verdict:  # fmt: skip
    """What the provinces' list says of a certificate at a moment."""
    offered = tuple(dict.fromkeys(one for one in others if one != own))
    return judging.judge(own, offered[: limits.CHAIN_OFFERED_MAX], trusted, at, purpose, evidence)


def _told(
    said: Verdict, algorithm: AlgorithmName | NotAllowed, field: str, distrusted: Code, undecided: Code
) -> list[Finding]:
    """What is wrong with a certificate, and with the algorithm by which its key signed."""
    if said.reason is not None:
        code = distrusted if said.outcome == "invalid" else undecided
        return [Finding(code, field, f"{said.reason.code} {text(said.reason).en}"[:200])]
    assert said.authority is not None, "what is valid has an authority"
    if algorithm in said.authority.algorithms:
        return []
    found = algorithm.found if isinstance(algorithm, NotAllowed) else algorithm
    return [Finding(distrusted, field, f"AlgorithmNotAllowed {found}")]


def _authority(said: Verdict | None) -> str:
    return said.authority.id if said is not None and said.authority is not None else ""


def _names(own: Certificate) -> set[str]:
    return {str(one.value) for one in own.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
