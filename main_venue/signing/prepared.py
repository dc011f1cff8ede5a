"""A report made ready to be signed (报告备签): every place for a signature there from the beginning.

Owns appending the places and the annexes as one revision, and reading both back. A place that is added later
would be a change to what others have signed; filling one that is there is none. The same report, places
and annexes give the same bytes, whose SHA-256 is what a session records. Must not know who signs, or a key.
Sources: ISO 32000-1, 12.7.4.5 (fields), 12.8.2.4 (FieldMDP), 7.11.4 (embedded files); ISO 19005-2, 6.8: a
file within PDF/A-2 is itself PDF/A, so an annex is typeset as the report is. SPEC 29.1.
"""

import hashlib
from typing import Final

from msgspec import Struct
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import pdf_date, pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign import fields as sig_fields

from main_venue.signing import manifest as manifests
from main_venue.signing import revision
from main_venue.signing.manifest import ANNEX_BYTES_MAX, ANNEXES_MAX, FIELDS_MAX, Annex, Bare, Field, Manifest
from main_venue.signing.moments import as_datetime
from main_venue.signing.revision import UNREADABLE, Revision
from protocol import canonical

PIECE: Final = "/Tongchang"
"""Our name among the page-piece dictionaries of a catalog."""
PDF_HEAD: Final = b"%PDF-"


class NotPrepared(Exception):
    """The file is no PDF, or holds no manifest of ours; the text says which."""


class NotPreparable(ValueError):
    """What was given cannot be prepared; the text says why."""


class Attached(Struct, frozen=True):
    """An annex with its bytes."""

    name: str
    pdf: bytes


def prepare(report: bytes, fields: tuple[Field, ...], annexes: tuple[Attached, ...], at_ms: int) -> bytes:
    """The report with its places and annexes: the same bytes for the same arguments.

    Args:
      report: the report, PDF, signed by nobody.
      fields: the places, in the order in which readers list them.
      annexes: PDF (PDF/A) each.
      at_ms: the report's own date, ms since 1970.

    Raises:
      NotPreparable: no PDF, one that has signature fields already, or annexes and places that do not fit.
    """
    _fits(fields, annexes)
    manifest = Manifest(
        v=1,
        report=Bare(len(report), canonical.sha256(report)),
        fields=fields,
        annexes=tuple(Annex(one.name, canonical.sha256(one.pdf)) for one in annexes),
        at=at_ms,
    )
    try:
        writer = Revision(report)
        if "/AcroForm" in writer.root or PIECE in writer.root.get("/PieceInfo", {}):
            raise NotPreparable("the document has fields already")
        for annex in annexes:
            _attach(writer, annex, at_ms)
        for field in fields:
            sig_fields.append_signature_field(writer, _place(field))
        writer.root["/PieceInfo"] = _piece(manifest)
        writer.update_root()  # type: ignore[no-untyped-call]
        return writer.appended()
    except UNREADABLE as error:
        if isinstance(error, NotPreparable):
            raise
        raise NotPreparable(f"no PDF that can be read ({error})") from error


def is_of(prepared: bytes, manifest: Manifest, annexes: dict[str, bytes]) -> bool:
    """Whether a file is what its manifest's report, places and annexes are prepared to, byte for byte.

    A manifest alone says what stands in front; a page overlaid by the very revision that brings the places
    would be signed by everybody and shown by every reader.
    """
    attached = tuple(Attached(one.name, annexes.get(one.name, b"")) for one in manifest.annexes)
    try:
        again = prepare(prepared[: manifest.report.bytes], manifest.fields, attached, manifest.at)
    except NotPreparable:
        return False
    return again == prepared


def digest(prepared: bytes) -> bytes:
    """What names a prepared report: SHA-256 of its bytes."""
    return hashlib.sha256(prepared).digest()


def base_of(pdf: bytes, reader: PdfFileReader) -> tuple[int, bytes]:
    """The revision in which a signed report was prepared, and the file as it was then.

    Raises:
      NotPrepared: its first revision is signed already.
    """
    signed = [one.signed_revision for one in reader.embedded_regular_signatures]
    base = min(signed, default=reader.total_revisions) - 1
    if base < 0:
        raise NotPrepared("the first revision is signed")
    return base, pdf[: revision.ends_at(pdf, reader, base)]


def manifest_of(document: PdfHandler) -> Manifest:
    """What a document, or a revision of one, says of itself.

    Raises:
      NotPrepared: nothing, or nothing that can be read.
    """
    try:
        private = document.root["/PieceInfo"][PIECE]["/Private"]
        return manifests.decode(bytes(private.original_bytes))
    except UNREADABLE as error:
        raise NotPrepared("no manifest") from error


def filled(document: PdfHandler) -> dict[str, bool]:
    """Each field of a document by name, and whether something stands in it; what stands there is not read.

    Raises:
      one of `UNREADABLE`: the form cannot be read.
    """
    fields = document.root["/AcroForm"]["/Fields"]
    every = [fields[at] for at in range(len(fields))]
    return {str(one["/T"]): "/V" in one for one in every}


def attachments(document: PdfHandler) -> dict[str, bytes]:
    """The annexes of a document, or of a revision of one, by name; one that cannot be unpacked is empty.

    Raises:
      NotPrepared: they cannot be read.
    """
    found: dict[str, bytes] = {}
    try:
        if "/Names" not in document.root or "/EmbeddedFiles" not in document.root["/Names"]:
            return found
        listed = document.root["/Names"]["/EmbeddedFiles"]["/Names"]
        for at in range(0, len(listed), 2):
            found[str(listed[at])] = _data(listed[at + 1])
    except UNREADABLE as error:
        raise NotPrepared("annexes that cannot be read") from error
    return found


def _data(spec: generic.DictionaryObject) -> bytes:
    try:
        data = bytes(spec["/EF"]["/F"].data)
    except UNREADABLE:
        return b""
    return data if len(data) <= ANNEX_BYTES_MAX else b""


def _fits(fields: tuple[Field, ...], annexes: tuple[Attached, ...]) -> None:
    names = [one.name for one in fields]
    if not 0 < len(names) <= FIELDS_MAX or len(set(names)) != len(names):
        raise NotPreparable("one to 32 places, each once")
    named = [one.name for one in annexes]
    if len(named) > ANNEXES_MAX or named != sorted(set(named)) or not all(one.isascii() for one in named):
        raise NotPreparable("annexes in order of their names (ASCII), each once, 32 at most")
    for one in annexes:
        if len(one.pdf) > ANNEX_BYTES_MAX or not one.pdf.startswith(PDF_HEAD):
            raise NotPreparable(f"annex {one.name}: no PDF, or more than {ANNEX_BYTES_MAX} bytes")


def _place(field: Field) -> sig_fields.SigFieldSpec:
    """A field that nothing is drawn for; once signed it is locked itself, and no other is."""
    return sig_fields.SigFieldSpec(
        field.name,
        on_page=-1,
        readable_field_name=field.shown,
        field_mdp_spec=sig_fields.FieldMDPSpec(sig_fields.FieldMDPAction.INCLUDE, [field.name]),
        invis_sig_settings=sig_fields.InvisSigSettings(set_print_flag=True, set_hidden_flag=False),
    )


def _attach(writer: Revision, annex: Attached, at_ms: int) -> None:
    at = as_datetime(at_ms)
    data = embed.EmbeddedFileObject.from_file_data(
        writer,
        data=annex.pdf,
        mime_type="application/pdf",
        params=embed.EmbeddedFileParams(creation_date=at, modification_date=at),
    )
    spec = embed.FileSpec(
        file_spec_string=annex.name,
        file_name=annex.name,
        embedded_data=data,
        description=f"SHA-256 {hashlib.sha256(annex.pdf).hexdigest()}",
    )
    embed.embed_file(writer, spec)


def _piece(manifest: Manifest) -> generic.DictionaryObject:
    at = pdf_date(as_datetime(manifest.at))
    own = {
        pdf_name("/LastModified"): at,
        pdf_name("/Private"): generic.ByteStringObject(manifests.encode(manifest)),
    }
    return generic.DictionaryObject({pdf_name(PIECE): generic.DictionaryObject(own)})
