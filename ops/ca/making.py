"""Making what an authority signs: certificates, revocation lists, answers (RFC 5280, RFC 6960; GM/T 0015).

Owns their bytes, whatever the kind of key. `cryptography` makes the structure, but knows no SM2: so it signs
with a key that stands in, and key, algorithm and signature are then put in their place. Must not know files
nor what an authority has done before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from protocol.seal.trust import der

_STAND_IN: Final = ec.derive_private_key(1, ec.SECP256R1())
"""Signs what is then signed by another; its public half is the curve's own generator."""


class Signer(Protocol):
    """Whose signature it is: a key of `ops.ca.keys`, or a test's with some weakness."""

    @property
    def spki(self) -> bytes:
        """Its public half, DER."""

    @property
    def identifier(self) -> bytes:
        """The AlgorithmIdentifier of its signatures, DER."""

    def sign(self, message: bytes) -> bytes:
        """A signature over a message."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a certificate is to say; times in ms, both included. `key_id` is its issuer's."""

    subject: x509.Name
    issuer: x509.Name
    spki: bytes
    serial: int
    begins: int
    ends: int
    key_id: bytes
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = field(default=())


@dataclass(frozen=True)
class Withdrawn:
    """One line of a revocation list: which, since when, why; `unsafe_since` where that was earlier (ms)."""

    serial: int
    since: int
    reason: x509.ReasonFlags = x509.ReasonFlags.unspecified
    unsafe_since: int | None = None


def certificate(draft: Draft, signer: Signer) -> bytes:
    """A certificate, DER."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(draft.subject)
        .issuer_name(draft.issuer)
        .public_key(_STAND_IN.public_key())
        .serial_number(draft.serial)
        .not_valid_before(moment(draft.begins))
        .not_valid_after(moment(draft.ends))
        .add_extension(x509.SubjectKeyIdentifier(key_id(draft.spki)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(draft.key_id, None, None), critical=False)
    )
    for extension, critical in draft.extensions:
        builder = builder.add_extension(extension, critical)
    made = builder.sign(_STAND_IN, hashes.SHA256())
    parts = list(der.within(made.tbs_certificate_bytes))
    raws = [part.raw for part in parts]
    raws[2], raws[6] = signer.identifier, draft.spki
    return _signed(der.encode(der.SEQUENCE, b"".join(raws)), signer)


def revocation_list(
    issuer: x509.Name,
    signer: Signer,
    withdrawn: Iterable[Withdrawn],
    *,
    number: int,
    begins: int,
    ends: int,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> bytes:
    """A revocation list, DER, of an issuer by its name and key."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer)
        .last_update(moment(begins))
        .next_update(moment(ends))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier(key_id(signer.spki), None, None), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    for one in withdrawn:
        line = x509.RevokedCertificateBuilder().serial_number(one.serial).revocation_date(moment(one.since))
        if one.reason is not x509.ReasonFlags.unspecified:
            line = line.add_extension(x509.CRLReason(one.reason), critical=False)
        if one.unsafe_since is not None:
            line = line.add_extension(x509.InvalidityDate(moment(one.unsafe_since)), critical=False)
        builder = builder.add_revoked_certificate(line.build())
    made = builder.sign(_STAND_IN, hashes.SHA256())
    raws = [part.raw for part in der.within(made.tbs_certlist_bytes)]
    raws[1] = signer.identifier
    return _signed(der.encode(der.SEQUENCE, b"".join(raws)), signer)


@dataclass(frozen=True, kw_only=True)
class Status:
    """What an answer is to say of one certificate of an issuer; `since` where it is revoked; times in ms."""

    issuer: x509.Name
    issuer_spki: bytes
    serial: int
    begins: int
    ends: int
    since: int | None = None
    known: bool = True
    nonce: bytes = b""


def answer(status: Status, answerer: x509.Name, signer: Signer, with_certificate: bytes = b"") -> bytes:
    """An answer, DER; `with_certificate` is the answerer's, where that is not the issuer itself."""
    digest = hashes.SHA256()
    revoked = status.since is not None
    stands = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=_hash(status.issuer.public_bytes()),
        issuer_key_hash=_hash(key_bits(status.issuer_spki)),
        serial_number=status.serial,
        algorithm=digest,
        cert_status=stands if status.known else ocsp.OCSPCertStatus.UNKNOWN,
        this_update=moment(status.begins),
        next_update=moment(status.ends),
        revocation_time=moment(status.since) if status.since is not None else None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, _stand_in_named(answerer))
    if with_certificate:
        builder = builder.certificates([x509.load_der_x509_certificate(with_certificate)])
    if status.nonce:
        builder = builder.add_extension(x509.OCSPNonce(status.nonce), critical=False)
    made = builder.sign(_STAND_IN, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    # OCSPResponse {status, [0] {type, OCTET STRING of {what is signed, algorithm, signature, certificates}}}
    outcome, wrapped = der.within(made)
    kind, octets = der.within(der.only(wrapped.raw, 0xA0).content)
    signed, _, _, *certificates = der.within(octets.content)
    basic = _signed(signed.raw, signer, *(one.raw for one in certificates))
    inner = der.encode(der.SEQUENCE, kind.raw + der.encode(der.OCTET_STRING, basic))
    return der.encode(der.SEQUENCE, outcome.raw + der.encode(0xA0, inner))


def key_bits(spki: bytes) -> bytes:
    """The key itself within a SubjectPublicKeyInfo."""
    return der.bits(der.within(spki)[1].raw)


def key_id(spki: bytes) -> bytes:
    """How certificates name a key: SHA-1 of its bits (RFC 5280 4.2.1.2, method 1); a name, no signature."""
    return _hash(key_bits(spki), hashes.SHA1())  # noqa: S303 - a name


def usage(*names: str) -> x509.KeyUsage:
    """A key usage of the named bits (`digital_signature`, …)."""
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    assert set(names) <= set(every)
    return x509.KeyUsage(**{name: name in names for name in every})


def answerer_extensions() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """What makes a certificate one for answering and for nothing else (RFC 6960 4.2.2.2)."""
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage("digital_signature"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
        (x509.OCSPNoCheck(), False),
    )


def stamper_extensions() -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """What makes a certificate one for time-stamping and for nothing else (RFC 3161, 2.3)."""
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage("digital_signature", "content_commitment"), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
    )


def moment(at: int) -> datetime:
    """A moment in ms, to the second below, as the builders want it."""
    return datetime.fromtimestamp(at // 1000, UTC)


def _signed(content: bytes, signer: Signer, *after: bytes) -> bytes:
    signature = der.encode(der.BIT_STRING, b"\0" + signer.sign(content))
    return der.encode(der.SEQUENCE, content + signer.identifier + signature + b"".join(after))


def _stand_in_named(name: x509.Name) -> x509.Certificate:
    """Something that bears a name: an answer is built from its answerer's certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_STAND_IN.public_key())
        .serial_number(1)
        .not_valid_before(moment(0))
        .not_valid_after(moment(1000))
        .sign(_STAND_IN, hashes.SHA256())
    )


def _hash(data: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
    digest = hashes.Hash(algorithm or hashes.SHA256())
    digest.update(data)
    return digest.finalize()
