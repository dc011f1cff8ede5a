"""One signature put into its place (PAdES, ETSI EN 319 142-1), with its time-stamp and its evidence.

Owns the order: the place must be there and empty; the first signature certifies that from now on places are
filled and nothing else (DocMDP 2); a time-stamp goes into each (B-T); certificates and evidence on revocation
go beside them (B-LT), as one more revision. Must not know whether the signer may sign: whoever calls has
judged the certificate. SPEC 29.2.
"""

from io import BytesIO
from typing import Final

from asn1crypto import cms, crl, ocsp, x509
from msgspec import Struct
from pyhanko.sign import fields as sig_fields
from pyhanko.sign import signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import Signer as CmsSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from main_venue.signing import prepared
from main_venue.signing.revision import UNREADABLE, Revision
from main_venue.signing.signer import Signer
from main_venue.signing.statement import Statement
from protocol.seal.trust.algorithms import AlgorithmName
from protocol.seal.trust.certificate import Certificate

CMS_BYTES_MAX: Final = 12_288
"""Room kept for one signature with its chain and its time-stamp."""
_MECHANISM: Final[dict[AlgorithmName, tuple[str, str]]] = {
    "rsa-sha256": ("sha256_rsa", "sha256"),
    "ecdsa-p256-sha256": ("sha256_ecdsa", "sha256"),
    "ecdsa-p384-sha384": ("sha384_ecdsa", "sha384"),
}


class NotSigned(Exception):
    """No signature was made: the place is not there or is taken, or the key cannot sign a PDF."""


class Beside(Struct, frozen=True):
    """What goes beside a signature, DER each: certificates, revocation lists, OCSP answers."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


async def sign(
    pdf: bytes, field: str, signer: Signer, stamper: TimeStamper, statement: Statement, beside: Beside
) -> bytes:
    """The document with one more signature.

    Args:
      pdf: a prepared report, perhaps with signatures of others.
      field: the place's name.
      signer: whose signature.
      stamper: whom to ask for the time-stamp.
      statement: what is signed for.
      beside: evidence; what stands there already is not put in twice.

    Raises:
      NotSigned: see there.
      StampFault: no time-stamp came.
    """
    if signer.algorithm not in _MECHANISM:
        raise NotSigned(f"{signer.algorithm} signs beside the PDF, not in it")
    try:
        writer = Revision(pdf)
        filled = prepared.filled(writer)
        if prepared.manifest_of(writer).field(field) is None or field not in filled:
            raise NotSigned(f"no place {field}")
        if filled[field]:
            raise NotSigned(f"place {field} is signed already")
        meta = signers.PdfSignatureMetadata(
            field_name=field,
            md_algorithm=_MECHANISM[signer.algorithm][1],
            reason=statement.text,
            subfilter=sig_fields.SigSeedSubFilter.PADES,
            certify=not any(filled.values()),
            docmdp_permissions=sig_fields.MDPPerm.FILL_FORMS,
        )
        out = BytesIO()
        pen = signers.PdfSigner(meta, signer=_Pen(signer), timestamper=stamper)
        await pen.async_sign_pdf(
            writer, existing_fields_only=True, bytes_reserved=2 * CMS_BYTES_MAX, output=out
        )
        return _with_evidence(out.getvalue(), signer, beside)
    except (SigningError, prepared.NotPrepared, *UNREADABLE) as error:
        raise NotSigned(str(error)) from error


class _Pen(CmsSigner):
    """A signer as the library wants it: it signs where the key is."""

    def __init__(self, signer: Signer) -> None:
        name, _ = _MECHANISM[signer.algorithm]
        store = SimpleCertificateStore()
        store.register_multiple(_parsed(signer.others))
        super().__init__(
            signature_mechanism=cms.SignedDigestAlgorithm({"algorithm": name}),
            signing_cert=x509.Certificate.load(signer.own.raw),
            cert_registry=store,
            embed_roots=False,
        )
        self._signer = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """A signature over the attributes; a stand-in of the right size where only that is asked for."""
        assert digest_algorithm == _MECHANISM[self._signer.algorithm][1]
        return bytes(512) if dry_run else self._signer.sign(data)


def _with_evidence(pdf: bytes, signer: Signer, beside: Beside) -> bytes:
    """Certificates and evidence into the document's store (DSS, ISO 32000-2, 12.8.4.3)."""
    writer = Revision(pdf)
    certificates = [x509.Certificate.load(raw) for raw in beside.certificates]
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[*_parsed((signer.own, *signer.others)), *certificates],
        crls=[crl.CertificateList.load(raw) for raw in beside.crls],
        ocsps=[ocsp.OCSPResponse.load(raw) for raw in beside.answers],
    )
    return writer.appended()


def _parsed(certificates: tuple[Certificate, ...]) -> list[x509.Certificate]:
    return [x509.Certificate.load(one.raw) for one in certificates]
