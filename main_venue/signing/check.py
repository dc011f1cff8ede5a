"""Whether a report is signed as it should be (签署核验): each place's state, from the file and a trust list.

Owns the order of the questions: is it the prepared report, byte for byte; are its annexes those it names;
does each signature fit its bytes and the document's rules (as a PDF reader asks); did its certificate and its
time-stamp's count at the time-stamp's time (as the trust list says); is every place signed or accounted
for. Asks no clock and fetches nothing. Must not know where file or list came from. SPEC 29.4.
"""

import asyncio
from typing import Any, Final

from msgspec import Struct
from pyhanko.pdf_utils.reader import PdfFileReader

from main_venue.signing import one_signature, prepared, revision
from main_venue.signing.detached import Seal, Sm2SignedData
from main_venue.signing.findings import Finding
from main_venue.signing.judged import Signature
from main_venue.signing.manifest import Field, Manifest
from main_venue.signing.prepared import NotPrepared
from main_venue.signing.revision import UNREADABLE
from protocol import canonical
from protocol.seal.trust.judge import NO_EVIDENCE, Evidence
from protocol.seal.trust.trust_list import Trusted

SM2: Final = Sm2SignedData()
PDF_BYTES_MAX: Final = 256 * 1024 * 1024


class Expected(Struct, frozen=True):
    """What a session's record and archive say; None where that is not asked.

    `prepared` and `bare`: SHA-256 of the report as it was prepared, and before that; then who did not sign.
    """

    prepared: bytes | None = None
    bare: bytes | None = None
    deemed: frozenset[str] = frozenset()
    dissented: frozenset[str] = frozenset()


class Checked(Struct, frozen=True):
    """What a check came to.

    `signatures` in the order in which they were made; `prepared` is the prepared report's digest, empty where
    there is none.
    """

    findings: tuple[Finding, ...]
    signatures: tuple[Signature, ...] = ()
    manifest: Manifest | None = None
    prepared: bytes = b""

    @property
    def outcome(self) -> str:
        """`valid`, `invalid` or `undecided`."""
        weights = {one.weight for one in self.findings}
        return "invalid" if "fault" in weights else "undecided" if "unknown" in weights else "valid"


def check(
    pdf: bytes,
    trusted: Trusted,
    expected: Expected | None = None,
    evidence: Evidence = NO_EVIDENCE,
    seals: tuple[bytes, ...] = (),
    by: Seal = SM2,
) -> Checked:
    """What is to be said of a signed report.

    Args:
      pdf: the file.
      trusted: the trust list.
      expected: what a session's record says, where it is at hand.
      evidence: on revocation, besides what the file holds.
      seals: signatures that stand beside it.
      by: what kind they are.

    Waits for the library's own loop, so it is not called from within one.
    """
    wanted = expected or Expected()
    try:
        if len(pdf) > PDF_BYTES_MAX:
            return Checked((Finding("ReportUnreadable", detail=f"> {PDF_BYTES_MAX} bytes"),))
        reader = revision.read(pdf)
        base, bare = prepared.base_of(pdf, reader)
        checked = _check(pdf, reader, base, bare, trusted, wanted, evidence)
        told = [by.check(bare, raw, checked.manifest, trusted, evidence) for raw in seals]
        return _with_seals(checked, told, wanted)
    except NotPrepared as error:
        return Checked((Finding("ReportNotPrepared", detail=str(error)),))
    except UNREADABLE as error:
        return Checked((Finding("ReportUnreadable", detail=f"{type(error).__name__} {error}"[:120]),))


class _InPdf(Struct, frozen=True):
    """What the file alone says."""

    findings: tuple[Finding, ...]
    signatures: tuple[Signature, ...]
    manifest: Manifest
    prepared: bytes


def _check(
    pdf: bytes, reader: PdfFileReader, base: int, bare: bytes, trusted: Trusted, wanted: Expected,
    evidence: Evidence,
) -> _InPdf:  # fmt: skip
    """Of a file that can be read: `base` is the revision in which it was prepared, `bare` the file then."""
    at_first = reader.get_historical_resolver(base)
    manifest = prepared.manifest_of(at_first)
    digest = prepared.digest(bare)
    findings = [*_report(pdf, reader, manifest, digest, wanted), *_annexes(reader, at_first, manifest)]
    if not findings and not prepared.is_of(bare, manifest, prepared.attachments(at_first)):
        findings.append(Finding("ReportChanged", detail="prepared otherwise"))
    store = one_signature.stored(reader, evidence)
    signatures = tuple(
        asyncio.run(one_signature.judge(one, manifest, trusted, store))
        for one in reader.embedded_regular_signatures
    )
    return _InPdf(tuple(findings), signatures, manifest, digest)


def _with_seals(in_pdf: _InPdf, told: list[Signature | Finding], wanted: Expected) -> Checked:
    """With what stands beside the file, and what each place comes to by both."""
    signatures = (*in_pdf.signatures, *(one for one in told if isinstance(one, Signature)))
    findings = [*in_pdf.findings, *(one for one in told if isinstance(one, Finding))]
    for one in signatures:
        findings.extend(one.findings)
    findings.extend(_places(in_pdf.manifest, signatures, wanted))
    return Checked(tuple(dict.fromkeys(findings)), signatures, in_pdf.manifest, in_pdf.prepared)


def _report(
    pdf: bytes, reader: PdfFileReader, manifest: Manifest, digest: bytes, wanted: Expected
) -> list[Finding]:
    bare = manifest.report
    found = []
    if canonical.sha256(pdf[: bare.bytes]) != bare.digest:
        found.append(Finding("ReportChanged"))
    if wanted.prepared is not None and digest != wanted.prepared:
        found.append(Finding("ReportForeign", detail=digest.hex()[:16]))
    if wanted.bare is not None and bare.digest != wanted.bare:
        found.append(Finding("ReportForeign", detail=bare.digest.hex()[:16]))
    if revision.ends_at(pdf, reader, reader.total_revisions - 1) != len(pdf):
        found.append(Finding("ReportExtended", detail="bytes behind the last revision"))
    return found


def _annexes(reader: PdfFileReader, at_first: Any, manifest: Manifest) -> list[Finding]:
    """What is wrong with the annexes, as they were prepared and as a reader shows them now."""
    found = []
    for held in (prepared.attachments(at_first), prepared.attachments(reader)):
        for annex in manifest.annexes:
            if annex.name not in held:
                found.append(Finding("AnnexMissing", annex.name))
            elif canonical.sha256(held[annex.name]) != annex.digest:
                found.append(Finding("AnnexSwapped", annex.name))
        named = {one.name for one in manifest.annexes}
        found.extend(Finding("AnnexAdded", name) for name in sorted(set(held) - named))
    return found


def _places(manifest: Manifest, signatures: tuple[Signature, ...], wanted: Expected) -> list[Finding]:
    """Each place that nobody signed: accounted for by the record or by a witness who signed, or missing."""
    holding = [one for one in signatures if not one.faulty]
    by_witness = [one.statement for one in holding if one.role == "witness"]
    deemed = wanted.deemed.union(*(one.deemed for one in by_witness))
    dissented = wanted.dissented.union(*(one.dissented for one in by_witness))
    signed = {one.field for one in signatures}
    unsigned = [_unsigned(one, deemed, dissented) for one in manifest.fields if one.name not in signed]
    own = [one for one in holding if one.statement.dissent]
    return unsigned + [Finding("DissentSigned", one.field, one.statement.dissent.hex()) for one in own]


def _unsigned(field: Field, deemed: frozenset[str], dissented: frozenset[str]) -> Finding:
    if field.role == "member" and field.seat in dissented:
        return Finding("DissentedUnsigned", field.name)
    if field.role == "member" and field.seat in deemed:
        return Finding("DeemedAgreed", field.name)
    return Finding("SignatureMissing", field.name)
