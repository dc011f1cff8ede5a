"""One signature in a report: whether it fits its bytes, and whether its signer counted when it was made.

Owns asking the library what a PDF reader would say of it, and the trust list what the provinces say; only
what both accept stands. The moment is the time-stamp's, never this machine's. SPEC 29.4.
"""

from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1
from cryptography.x509.oid import NameOID
from msgspec import Struct
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SignedDataCerts, extract_certificate_info
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError, ValidationInfoReadingError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from main_venue.signing import statement as statements
from main_venue.signing.findings import Code, Finding
from main_venue.signing.manifest import Manifest, Role
from main_venue.signing.moments import as_ms
from main_venue.signing.revision import UNREADABLE
from main_venue.signing.statement import Statement
from protocol import limits
from protocol.refusals import Refusal, refuse, text
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust import judge as judging
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence, Verdict
from protocol.seal.trust.purposes import PurposeName
from protocol.seal.trust.trust_list import Trusted


class Signature(Struct, frozen=True, kw_only=True):
    """One signature and what was found of it.

    `at_ms` is its time-stamp's, 0 without one; `signer` is the certificate's subject, `fingerprint` its
    SHA-256; `authority` and `stamp_authority` are ids of the trust list, empty where not recognised.
    """

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


class Store(Struct, frozen=True):
    """What the file and the caller hold: certificates, and evidence both read and as bytes."""

    certificates: tuple[Certificate, ...]
    evidence: Evidence
    crls: tuple[bytes, ...]
    answers: tuple[bytes, ...]


def stored(reader: PdfFileReader, more: Evidence) -> Store:
    """What a document's store holds (DSS), and what the caller brings besides."""
    try:
        dss = DocumentSecurityStore.read_dss(reader)
        crls = tuple(bytes(one.get_object().data) for one in dss.crls)
        answers = tuple(bytes(one.get_object().data) for one in dss.ocsps)
        raws = [bytes(one.get_object().data) for one in dss.certs.values()]
    except ValidationInfoReadingError:
        crls, answers, raws = (), (), []
    read = judging.read_evidence(crls, answers)
    both = Evidence(read.crls + more.crls, read.answers + more.answers, read.unread + more.unread)
    return Store(_read_all(raws), both, tuple(one.raw for one in both.crls), answers)


async def judge(one: EmbeddedPdfSignature, manifest: Manifest, trusted: Trusted, store: Store) -> Signature:
    """What is to be said of a signature.

    Raises:
      one of `UNREADABLE`: the file was made to confuse.
    """
    field = str(one.field_name)
    place = manifest.field(field)
    findings = [] if place is not None else [Finding("SignatureForeign", field)]
    role: Role = place.role if place is not None else "member"
    own = _read(one.signer_cert)
    stamp = _stamp(one)
    at = stamp.at_ms if stamp is not None else 0
    if stamp is None:
        findings.append(Finding("StampMissing", field))
    findings.extend(await _by_a_reader(one, field, stamp, trusted, store))
    said: Verdict | None = None
    stamped: Verdict | None = None
    if stamp is not None:
        said = _verdict(own, _read_all_asn1(one.other_embedded_certs), at, "sign", trusted, store)
        findings.extend(_trusted(said, field, "SignerNotTrusted", "SignerUndecided"))
        findings.extend(_algorithm(one.signer_info, said, field, "SignerNotTrusted"))
        stamped = _verdict(stamp.own, stamp.others, at, "time-stamp", trusted, store)
        findings.extend(_trusted(stamped, field, "StampNotTrusted", "StampUndecided"))
        findings.extend(_algorithm(stamp.info, stamped, field, "StampNotTrusted"))
    if place is not None and place.person and own is not None and place.person not in _names(own):
        findings.append(Finding("SignerAnother", field, own.shown))
    return Signature(
        field=field,
        seat=place.seat if place is not None else "",
        role=role,
        person=place.person if place is not None else "",
        signer=own.shown if own is not None else "",
        fingerprint=own.fingerprint if own is not None else b"",
        at_ms=at,
        authority=said.authority.id if said is not None and said.authority is not None else "",
        stamper=stamp.own.shown if stamp is not None and stamp.own is not None else "",
        stamp_authority=stamped.authority.id if stamped is not None and stamped.authority is not None else "",
        statement=statements.read(str(one.sig_object.get("/Reason", "")), role),
        findings=tuple(findings),
    )


class _Stamp(Struct, frozen=True):
    info: Any
    at_ms: int
    at: datetime
    own: Certificate | None
    others: tuple[Certificate, ...]


def _stamp(one: EmbeddedPdfSignature) -> _Stamp | None:
    """The time-stamp in a signature, as it says of itself; None where there is none that can be read."""
    try:
        data = next(iter(extract_tst_data_iter(one.signer_info, signed=False)), None)
        if data is None:
            return None
        told = data["encap_content_info"]["content"].parsed
        at = told["gen_time"].native
        found: SignedDataCerts = extract_certificate_info(data)
        info = data["signer_infos"][0]
    except (SignatureValidationError, *UNREADABLE):
        return None
    return _Stamp(info, as_ms(at), at, _read(found.signer_cert), _read_all_asn1(found.other_certs))


async def _by_a_reader(
    one: EmbeddedPdfSignature, field: str, stamp: _Stamp | None, trusted: Trusted, store: Store
) -> list[Finding]:
    """What a PDF reader says, given the list's roots and the document's evidence."""
    context = ValidationContext(
        trust_roots=[asn1.Certificate.load(root.raw) for _, root in trusted.roots if not _is_sm2(root)],
        other_certs=[asn1.Certificate.load(cert.raw) for cert in store.certificates],
        moment=stamp.at if stamp is not None else None,
        best_signature_time=stamp.at if stamp is not None else None,
        crls=list(store.crls),
        ocsps=list(store.answers),
        revocation_mode="require",
        retroactive_revinfo=True,
    )
    try:
        status = await async_validate_pdf_signature(one, context, context)
    except (SignatureValidationError, *UNREADABLE) as error:
        return [Finding("SignatureBroken", field, f"{type(error).__name__} {error}"[:120])]
    found = []
    if not (status.intact and status.valid):
        found.append(Finding("SignatureBroken", field))
    elif not status.docmdp_ok or status.coverage is None or status.coverage.value < 2:
        found.append(Finding("ReportExtended", field))
    told = status.timestamp_validity
    if stamp is not None and (told is None or not (told.intact and told.valid)):
        found.append(Finding("StampBroken", field))
    if not found and not status.bottom_line:
        problem = status.trust_problem_indic
        found.append(Finding("ReaderRefuses", field, str(problem or "")))
    return found


def _verdict(
    own: Certificate | None, others: tuple[Certificate, ...], at: int, purpose: PurposeName,
    trusted: Trusted, store: Store,
) -> Verdict:  # fmt: skip
    """What the provinces' list says of a certificate at a moment."""
    if own is None:
        return judging.refused(refuse("CertificateUnreadable", why="in the signature"))
    offered = dict.fromkeys(one for one in (*others, *store.certificates) if one != own)
    some = tuple(offered)[: limits.CHAIN_OFFERED_MAX]
    return judging.judge(own, some, trusted, at, purpose, store.evidence)


def _trusted(said: Verdict, field: str, distrusted: Code, undecided: Code) -> list[Finding]:
    if said.reason is None:
        return []
    code = distrusted if said.outcome == "invalid" else undecided
    return [Finding(code, field, f"{said.reason.code} {text(said.reason).en}"[:200])]


def _algorithm(info: Any, said: Verdict, field: str, distrusted: Code) -> list[Finding]:
    """Whether it is signed by an algorithm that the list allows its authority."""
    found = algorithms.algorithm_of(info["signature_algorithm"].dump())
    if said.authority is None or found in said.authority.algorithms:
        return []
    told = found.found if isinstance(found, NotAllowed) else found
    return [Finding(distrusted, field, f"AlgorithmNotAllowed {told}")]


def _is_sm2(one: Certificate) -> bool:
    """Whether its key is SM2's, which PDF readers do not know."""
    key = algorithms.key_of(one.spki)
    return not isinstance(key, NotAllowed) and key.kind == "sm2"


def _names(own: Certificate) -> set[str]:
    return {str(one.value) for one in own.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}


def _read(one: asn1.Certificate) -> Certificate | None:
    found = certificate.read(one.dump())
    return None if isinstance(found, Refusal) else found


def _read_all_asn1(several: list[asn1.Certificate]) -> tuple[Certificate, ...]:
    return _read_all([one.dump() for one in several])


def _read_all(raws: list[bytes]) -> tuple[Certificate, ...]:
    found = [certificate.read(raw) for raw in raws]
    return tuple(one for one in found if not isinstance(one, Refusal))
