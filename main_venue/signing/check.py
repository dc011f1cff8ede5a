"""Whether a report is signed as it should be (签署核验): each place's state, from the file and a trust list.

Owns the order of the questions: is it the prepared report, byte for byte; are its annexes those it names;
does each signature fit its bytes and the document's rules (as a PDF reader asks); did its certificate and its
time-stamp's count at the time-stamp's time (as the trust list says); is every place signed or accounted
for. Asks no clock and fetches nothing. Must not know where file or list came from. SPEC 29.4.
"""

import asyncio
from typing import Any

from msgspec import Struct
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from main_venue.signing import one_signature, prepared, revision
from main_venue.signing.findings import Finding
from main_venue.signing.manifest import Field, Manifest
from main_venue.signing.one_signature import Signature
from main_venue.signing.prepared import NotPrepared
from main_venue.signing.revision import UNREADABLE
from protocol import canonical
from protocol.seal.trust.judge import NO_EVIDENCE, Evidence
from protocol.seal.trust.trust_list import Trusted

PDF_BYTES_MAX = 256 * 1024 * 1024


class Expected(Struct, frozen=True):
    """What a session's record says: the prepared report's digest (None: not asked), who did not sign."""

    prepared: bytes | None = None
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
    pdf: bytes, trusted: Trusted, expected: Expected | None = None, evidence: Evidence = NO_EVIDENCE
) -> Checked:
    """What is to be said of a signed report.

    Args:
      pdf: the file.
      trusted: the trust list.
      expected: what a session's record says, where it is at hand.
      evidence: on revocation, besides what the file holds.
    """
    wanted = expected or Expected()
    try:
        if len(pdf) > PDF_BYTES_MAX:
            return Checked((Finding("ReportUnreadable", detail=f"> {PDF_BYTES_MAX} bytes"),))
        reader = revision.read(pdf)
        found = list(reader.embedded_regular_signatures)
        base = found[0].signed_revision - 1 if found else reader.total_revisions - 1
        return _check(pdf, reader, found, base, trusted, wanted, evidence)
    except NotPrepared as error:
        return Checked((Finding("ReportNotPrepared", detail=str(error)),))
    except UNREADABLE as error:
        return Checked((Finding("ReportUnreadable", detail=f"{type(error).__name__} {error}"[:120]),))


def _check(
    pdf: bytes, reader: PdfFileReader, found: list[EmbeddedPdfSignature], base: int, trusted: Trusted,
    wanted: Expected, evidence: Evidence,
) -> Checked:  # fmt: skip
    """The same of a file that can be read; `base` is the revision in which it was prepared."""
    if base < 0:
        raise NotPrepared("the first revision is signed")
    at_first = reader.get_historical_resolver(base)
    manifest = prepared.manifest_of(at_first)
    digest = prepared.digest(pdf[: revision.ends_at(pdf, reader, base)])
    findings = [*_report(pdf, reader, manifest, digest, wanted), *_annexes(reader, at_first, manifest)]
    store = one_signature.stored(reader, evidence)
    signatures = [asyncio.run(one_signature.judge(one, manifest, trusted, store)) for one in found]
    for one in signatures:
        findings.extend(one.findings)
    findings.extend(_places(manifest, tuple(signatures), wanted))
    return Checked(tuple(dict.fromkeys(findings)), tuple(signatures), manifest, digest)


def _report(
    pdf: bytes, reader: PdfFileReader, manifest: Manifest, digest: bytes, wanted: Expected
) -> list[Finding]:
    bare = manifest.report
    found = []
    if canonical.sha256(pdf[: bare.bytes]) != bare.digest:
        found.append(Finding("ReportChanged"))
    if wanted.prepared is not None and digest != wanted.prepared:
        found.append(Finding("ReportForeign", detail=digest.hex()[:16]))
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
