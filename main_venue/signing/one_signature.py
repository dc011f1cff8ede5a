"""One signature in the PDF: whether it fits its bytes and the document's rules, as a PDF reader asks.

Owns asking the library; only what both a reader and the provinces' list accept stands. The moment is the
time-stamp's, never this machine's. SPEC 29.4.
"""

from asn1crypto import x509 as asn1
from msgspec import Struct
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError, ValidationInfoReadingError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from main_venue.signing import judged
from main_venue.signing import statement as statements
from main_venue.signing.findings import Finding
from main_venue.signing.judged import Made, Signature
from main_venue.signing.manifest import Manifest
from main_venue.signing.moments import as_datetime
from main_venue.signing.revision import UNREADABLE
from protocol.refusals import Refusal
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust import judge as judging
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.trust_list import Trusted


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
    own = certificate.read(one.signer_cert.dump())
    if isinstance(own, Refusal):
        raise ValueError("a signer's certificate that cannot be read")  # noqa: TRY004 - of bytes that are wrong
    made = Made(
        kind="pades",
        field=field,
        own=own,
        others=(*_read_all([each.dump() for each in one.other_embedded_certs]), *store.certificates),
        algorithm=algorithms.algorithm_of(one.signer_info["signature_algorithm"].dump()),
        token=_token(one),
        signature=one.signer_info["signature"].native,
        statement=statements.read(
            str(one.sig_object.get("/Reason", "")), place.role if place is not None else "member"
        ),
    )
    return judged.judge(made, place, await _by_a_reader(one, made, trusted, store), trusted, store.evidence)


def _token(one: EmbeddedPdfSignature) -> bytes:
    """The time-stamp token of a signature, DER; empty where there is none."""
    for attribute in one.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return bytes(attribute["values"][0].dump())
    return b""


async def _by_a_reader(
    one: EmbeddedPdfSignature, made: Made, trusted: Trusted, store: Store
) -> list[Finding]:
    """What a PDF reader says, given the list's roots and the document's evidence."""
    stamp = judged.stamp_of(made)
    at = None if isinstance(stamp, Finding) else as_datetime(stamp.at_ms)
    context = ValidationContext(
        trust_roots=[asn1.Certificate.load(root.raw) for _, root in trusted.roots if not _is_sm2(root)],
        other_certs=[asn1.Certificate.load(cert.raw) for cert in store.certificates],
        moment=at,
        best_signature_time=at,
        crls=list(store.crls),
        ocsps=list(store.answers),
        revocation_mode="require",
        retroactive_revinfo=True,
    )
    try:
        status = await async_validate_pdf_signature(one, context, context)
    except (SignatureValidationError, *UNREADABLE) as error:
        return [Finding("SignatureBroken", made.field, f"{type(error).__name__} {error}"[:120])]
    if not (status.intact and status.valid):
        return [Finding("SignatureBroken", made.field)]
    if not status.docmdp_ok or status.coverage is None or status.coverage.value < 2:
        return [Finding("ReportExtended", made.field)]
    if not status.bottom_line and at is not None:
        return [Finding("ReaderRefuses", made.field, str(status.trust_problem_indic or ""))]
    return []


def _is_sm2(one: Certificate) -> bool:
    """Whether its key is SM2's, which PDF readers do not know."""
    key = algorithms.key_of(one.spki)
    return not isinstance(key, NotAllowed) and key.kind == "sm2"


def _read_all(raws: list[bytes]) -> tuple[Certificate, ...]:
    found = [certificate.read(raw) for raw in raws]
    return tuple(one for one in found if not isinstance(one, Refusal))
