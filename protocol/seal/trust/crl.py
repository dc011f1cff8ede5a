"""A revocation list (CRL, RFC 5280 5) as evidence on one certificate at one moment.

Owns reading it and weighing it. Only a whole list counts, signed by the very CA that issued the certificate,
by an allowed algorithm, for a time that covers the moment: lists of changes, of some reasons or by another
issuer are refused, since what they leave out says nothing.
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import algorithms, moment, path
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import UNREADABLE, Certificate, shown, signed_parts, why
from protocol.seal.trust.found import Good, Revoked
from protocol.seal.trust.trust_list import Authority

_UNDERSTOOD: Final = frozenset({"2.5.29.20", "2.5.29.35", "2.5.29.28"})
"""Number, key identifier, and for what it was issued."""
_ENTRY_UNDERSTOOD: Final = frozenset({"2.5.29.21", "2.5.29.24"})
"""Reason and since when the key was unsafe."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that could be read; `begins` and `ends` (0 where it says none) are its times, ms."""

    raw: bytes
    parsed: x509.CertificateRevocationList = field(compare=False, repr=False)
    identifier: bytes = field(compare=False, repr=False)
    signed: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)
    begins: int = field(compare=False)
    ends: int = field(compare=False)


def read(raw: bytes) -> RevocationList | Refusal:
    """A list from its DER.

    Returns:
      Refusal: `TooLarge`, `EvidenceUnreadable`.
    """
    if len(raw) > limits.CRL_BYTES_MAX:
        return refuse("TooLarge", size=len(raw), limit=limits.CRL_BYTES_MAX)
    try:
        parsed = x509.load_der_x509_crl(bytes(raw))
        signed, identifier, signature = signed_parts(raw)
        tuple(parsed.extensions)
        shown(parsed.issuer)
        ends = parsed.next_update_utc
        return RevocationList(
            raw=bytes(raw),
            parsed=parsed,
            identifier=identifier,
            signed=signed,
            signature=signature,
            begins=int(parsed.last_update_utc.timestamp()) * 1000,
            ends=0 if ends is None else int(ends.timestamp()) * 1000,
        )
    except UNREADABLE as error:
        return refuse("EvidenceUnreadable", why=why(error))


def weigh(
    crl: RevocationList,
    certificate: Certificate,
    issuer: Certificate,
    authority: Authority,
    at: int,
    grace_ms: int,
) -> Good | Revoked | Refusal:
    """What the list says of a certificate at a moment.

    Args:
      crl: the list.
      certificate: whose standing is asked for.
      issuer: the CA certificate above it on its way to the root.
      authority: whose algorithms are allowed.
      at: the moment, ms.
      grace_ms: how long after its end the list still says that nothing is revoked.

    Returns:
      Refusal: `EvidenceForeign` by another issuer, `EvidenceForged`, `EvidenceWeak`,
        `EvidencePartial`, `EvidenceStale`.
    """
    if not _is_by(crl, issuer):
        return refuse("EvidenceForeign", subject=certificate.shown)
    wrong = algorithms.fault(crl.identifier, crl.signed, crl.signature, issuer.spki, authority.algorithms)
    if isinstance(wrong, NotAllowed):
        return refuse("EvidenceWeak", subject=f"CRL {issuer.shown}"[:200], algorithm=wrong.found)
    usage = path.usage_of(issuer)
    if wrong is not None or usage is None or not usage.crl_sign:
        return refuse("EvidenceForged", subject=issuer.shown)
    if path.unknown_critical(crl.parsed.extensions, _UNDERSTOOD) or not _covers(crl, certificate):
        return refuse("EvidencePartial", subject=certificate.shown)
    try:
        entry = crl.parsed.get_revoked_certificate_by_serial_number(certificate.serial)
        if entry is not None:
            if path.unknown_critical(entry.extensions, _ENTRY_UNDERSTOOD):
                return refuse("EvidencePartial", subject=certificate.shown)
            since = _since(entry)
            if since <= at:
                return Revoked(since)
    except UNREADABLE as error:
        return refuse("EvidenceUnreadable", why=why(error))
    if not at < crl.ends + grace_ms or not crl.ends:
        return refuse("EvidenceStale", subject=certificate.shown, at=moment.text(crl.ends))
    if crl.begins > max(at, certificate.ends):
        # A list may leave out certificates that have run out, so a later one says nothing of them.
        return refuse("EvidenceStale", subject=certificate.shown, at=moment.text(crl.ends))
    return Good(crl.ends + grace_ms)


def _is_by(crl: RevocationList, issuer: Certificate) -> bool:
    if crl.parsed.issuer != issuer.parsed.subject:
        return False
    try:
        said = crl.parsed.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return True
    own = issuer.extension(x509.SubjectKeyIdentifier)
    if own is None:
        return True
    assert isinstance(own.value, x509.SubjectKeyIdentifier)
    return said.value.key_identifier in {None, own.value.digest}


def _covers(crl: RevocationList, certificate: Certificate) -> bool:
    """Whether the list is of all certificates of its issuer, or at least of those that this one is among."""
    try:
        found = crl.parsed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if found.indirect_crl or found.only_some_reasons or found.only_contains_attribute_certs:
        return False
    if found.only_contains_user_certs and path.is_ca(certificate):
        return False
    if found.only_contains_ca_certs and not path.is_ca(certificate):
        return False
    if found.relative_name is not None:
        return False
    if not found.full_name:
        return True
    points = certificate.extension(x509.CRLDistributionPoints)
    if points is None or not isinstance(points.value, x509.CRLDistributionPoints):
        return False
    named = [name for point in points.value for name in point.full_name or ()]
    return any(name in named for name in found.full_name)


def _since(entry: x509.RevokedCertificate) -> int:
    """From when on it is revoked, ms: its revocation, or an earlier moment since which it was unsafe."""
    since = int(entry.revocation_date_utc.timestamp()) * 1000
    try:
        unsafe = entry.extensions.get_extension_for_class(x509.InvalidityDate).value
    except x509.ExtensionNotFound:
        return since
    return min(since, int(unsafe.invalidity_date_utc.timestamp()) * 1000)
