"""An answer on one certificate's status (OCSP, RFC 6960) as evidence at one moment.

Owns reading it and weighing it. It counts when it is about this very certificate, signed by its issuer or by
an answerer to whom that issuer gave a certificate for nothing else, by an allowed algorithm, for a time that
covers the moment. An answerer's certificate must say that it needs no check of its own (RFC 6960 4.2.2.2.1).
"""

from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from protocol import limits
from protocol.refusals import Refusal, refuse
from protocol.seal.trust import algorithms, certificate, der, moment, path, purposes
from protocol.seal.trust.algorithms import NotAllowed
from protocol.seal.trust.certificate import UNREADABLE, Certificate, signed_parts, why
from protocol.seal.trust.found import Good, Revoked
from protocol.seal.trust.trust_list import Authority

_UNDERSTOOD: Final = frozenset({"1.3.6.1.5.5.7.48.1.2"})
"""The nonce, which whoever asked compares."""
_HASHES: Final = frozenset({"sha1", "sha256", "sha384", "sha512", "sm3"})
"""By which a certificate may be named. This is a name, not a signature: its issuer is known by its key."""


_LATER: Final = (
    "responder_name", "responder_key_hash", "produced_at_utc", "hash_algorithm", "issuer_name_hash",
    "issuer_key_hash", "serial_number", "certificate_status", "revocation_time_utc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that could be read, of one certificate; times in ms, `ends` 0 where it says none."""

    raw: bytes
    parsed: ocsp.OCSPResponse = field(compare=False, repr=False)
    identifier: bytes = field(compare=False, repr=False)
    signed: bytes = field(compare=False, repr=False)
    signature: bytes = field(compare=False, repr=False)
    signers: tuple[Certificate, ...] = field(compare=False, repr=False)
    begins: int = field(compare=False)
    ends: int = field(compare=False)

    @property
    def nonce(self) -> bytes:
        """What whoever asked had sent along; empty where it is not there."""
        try:
            return self.parsed.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            return b""


def read(raw: bytes) -> Answer | Refusal:
    """An answer from its DER.

    Returns:
      Refusal: `TooLarge`; `EvidenceUnreadable`, also where the answerer says that it cannot answer, or
        answers about several certificates at once.
    """
    if len(raw) > limits.OCSP_BYTES_MAX:
        return refuse("TooLarge", size=len(raw), limit=limits.OCSP_BYTES_MAX)
    try:
        parsed = ocsp.load_der_ocsp_response(bytes(raw))
        if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return refuse("EvidenceUnreadable", why=f"OCSP {parsed.response_status.name.lower()}")
        if len(tuple(parsed.responses)) != 1:
            return refuse("EvidenceUnreadable", why="OCSP answer on several certificates")
        # OCSPResponse {status, [0] {type, OCTET STRING of the signed structure}} (RFC 6960 4.2.1).
        outer = der.within(der.within(raw)[1].raw, 0xA0)
        basic = der.only(der.within(outer[0].raw)[1].raw, der.OCTET_STRING).content
        signed, identifier, signature = signed_parts(basic)
        signers = []
        for one in parsed.certificates:
            signer = certificate.read(one.public_bytes(Encoding.DER))
            if isinstance(signer, Refusal):
                return refuse("EvidenceUnreadable", why="an answerer's certificate")
            signers.append(signer)
        # Read now what is read only when it is asked for, so that whatever is wrong shows here.
        tuple(parsed.extensions)
        tuple(parsed.single_extensions)
        for name in _LATER:
            getattr(parsed, name)
        ends = parsed.next_update_utc
        return Answer(
            raw=bytes(raw),
            parsed=parsed,
            identifier=identifier,
            signed=signed,
            signature=signature,
            signers=tuple(signers),
            begins=int(parsed.this_update_utc.timestamp()) * 1000,
            ends=0 if ends is None else int(ends.timestamp()) * 1000,
        )
    except (*UNREADABLE, IndexError) as error:
        return refuse("EvidenceUnreadable", why=why(error))


def request(of: Certificate, issuer: Certificate, nonce: bytes) -> bytes:
    """The question on one certificate, DER, for an answerer; the nonce is the shell's, 16 to 32 bytes.

    The certificate is named by SHA-1, as every answerer knows it (RFC 6960 4.3): a name, no signature.
    """
    builder = ocsp.OCSPRequestBuilder().add_certificate(of.parsed, issuer.parsed, hashes.SHA1())  # noqa: S303
    return builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)


def is_answer_to(answer: Answer, nonce: bytes) -> bool:
    """Whether the answer bears the question's nonce, or none: those who answer from store bear none."""
    return answer.nonce in {b"", nonce}


def weigh(
    answer: Answer,
    of: Certificate,
    issuer: Certificate,
    authority: Authority,
    at: int,
    grace_ms: int,
) -> Good | Revoked | Refusal:
    """What the answer says of a certificate at a moment; arguments as `crl.weigh`.

    Returns:
      Refusal: `EvidenceForeign` about another certificate, `EvidenceForged` by somebody who may not answer,
        `EvidenceWeak`, `EvidencePartial`, `EvidenceStale`, `RevocationUnknown` where the answerer
        does not know the certificate.
    """
    if not _is_about(answer, of, issuer):
        return refuse("EvidenceForeign", subject=of.shown)
    signer = _signer(answer, issuer, authority)
    if isinstance(signer, Refusal):
        return signer
    wrong = algorithms.fault(
        answer.identifier, answer.signed, answer.signature, signer.spki, authority.algorithms
    )
    if isinstance(wrong, NotAllowed):
        return refuse("EvidenceWeak", subject=f"OCSP {signer.shown}"[:200], algorithm=wrong.found)
    if wrong is not None:
        return refuse("EvidenceForged", subject=signer.shown)
    parsed = answer.parsed
    for extensions in (parsed.extensions, parsed.single_extensions):
        if path.unknown_critical(extensions, _UNDERSTOOD):
            return refuse("EvidencePartial", subject=of.shown)
    if parsed.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        when = parsed.revocation_time_utc
        since = 0 if when is None else int(when.timestamp()) * 1000
        if since <= at:
            return Revoked(since)
    elif parsed.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        return refuse("RevocationUnknown", subject=of.shown)
    if not answer.ends or not at < answer.ends + grace_ms or answer.begins > max(at, of.ends):
        return refuse("EvidenceStale", subject=of.shown, at=moment.text(answer.ends))
    return Good(answer.ends + grace_ms)


def _is_about(answer: Answer, of: Certificate, issuer: Certificate) -> bool:
    parsed = answer.parsed
    hashed = parsed.hash_algorithm
    if hashed.name not in _HASHES or parsed.serial_number != of.serial:
        return False
    name = issuer.parsed.subject.public_bytes()
    return (
        _hash(hashed, name) == parsed.issuer_name_hash
        and _hash(hashed, issuer.key_bits) == parsed.issuer_key_hash
        and of.parsed.issuer == issuer.parsed.subject
    )


def _signer(answer: Answer, issuer: Certificate, authority: Authority) -> Certificate | Refusal:
    """Who signed: the issuer itself, or an answerer that it made one by a certificate of its own."""
    if _names(answer, issuer):
        return issuer
    produced = int(answer.parsed.produced_at_utc.timestamp()) * 1000
    for one in answer.signers:
        if (
            _names(answer, one)
            and one.parsed.issuer == issuer.parsed.subject
            and path.signature_fault(one, issuer, authority) is None
            and path.key_fault(one, authority) is None
            and one.begins <= produced <= one.ends
            and not path.is_ca(one)
            and not path.unknown_critical(one.parsed.extensions, path.UNDERSTOOD)
            and purposes.OCSP_SIGNING in (purposes.extended_of(one) or ())
            and one.extension(x509.OCSPNoCheck) is not None
        ):
            return one
    return refuse("EvidenceForged", subject=issuer.shown)


def _names(answer: Answer, signer: Certificate) -> bool:
    """Whether the answer says that this one signed it: by name, or by the SHA-1 of its key (RFC 6960)."""
    if answer.parsed.responder_name is not None:
        return answer.parsed.responder_name == signer.parsed.subject
    return answer.parsed.responder_key_hash == _hash(hashes.SHA1(), signer.key_bits)  # noqa: S303 - a name


def _hash(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()
