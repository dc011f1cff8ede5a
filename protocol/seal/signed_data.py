"""A signature beside a file (SM2 签名数据, GM/T 0010-2012, 8): its bytes, made and read.

Owns the form alone: one signer, no content within, authenticated attributes of the content's type, its SM3
and what is signed for; the time-stamp beside the signature. GM/T 0010 is PKCS #7 with object identifiers of
its own. Makes no signature, judges no certificate, knows no PDF.
SPEC 29.5.
"""

from typing import Final

from msgspec import Struct

from protocol.seal import sm2
from protocol.seal.trust import certificate, der
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.der import NotDer

SET: Final = 0x31
SIGNED_DATA_BYTES_MAX: Final = 262_144
"""A signature with its certificates, revocation lists and time-stamp."""


def _oid(content: str) -> bytes:
    return der.encode(der.OBJECT, bytes.fromhex(content))


DATA: Final = _oid("2a811ccf550601040201")
"""1.2.156.10197.6.1.4.2.1: data."""
SIGNED_DATA: Final = _oid("2a811ccf550601040202")
"""1.2.156.10197.6.1.4.2.2: signed data."""
SM3: Final = der.encode(der.SEQUENCE, _oid("2a811ccf55018311"))
"""1.2.156.10197.1.401."""
SM2_SIGNING: Final = der.encode(der.SEQUENCE, _oid("2a811ccf5501822d01"))
"""1.2.156.10197.1.301.1, as GM/T 0010 names the signer's algorithm."""
_ALSO_SIGNING: Final = der.encode(der.SEQUENCE, _oid("2a811ccf55018375"))
"""1.2.156.10197.1.501, SM2 with SM3: written by others, and read."""
_CONTENT_TYPE: Final = _oid("2a864886f70d010903")
_MESSAGE_DIGEST: Final = _oid("2a864886f70d010904")
STATEMENT: Final = _oid("2b0601040183b2030103")
"""1.3.6.1.4.1.55555.1.3: what is signed for; a number of nobody's, as the demonstration policies are."""
_TIME_STAMP: Final = _oid("2a864886f70d010910020e")
_VERSION: Final = der.encode(der.INTEGER, b"\1")


class SignedData(Struct, frozen=True):
    """What is read of one: `attributes` is what the signature is over, `statement` what it is given for.

    `others` are the certificates besides the signer's; `crls` and `token` (empty: none) DER.
    """

    own: Certificate
    others: tuple[Certificate, ...]
    crls: tuple[bytes, ...]
    attributes: bytes
    digest: bytes
    statement: bytes
    signature: bytes
    token: bytes


def attributes(content: bytes, statement: bytes) -> bytes:
    """What is signed over a content: the attributes, DER SET."""
    every = (
        _attribute(_CONTENT_TYPE, DATA),
        _attribute(_MESSAGE_DIGEST, der.encode(der.OCTET_STRING, sm2.sm3(content))),
        _attribute(STATEMENT, der.encode(der.OCTET_STRING, statement)),
    )
    return der.encode(SET, b"".join(sorted(every)))


def write(said: SignedData) -> bytes:
    """The bytes of a signature, ContentInfo in DER."""
    parts = der.within(said.own.signed)
    sid = der.encode(der.SEQUENCE, parts[3].raw + parts[1].raw)
    own = der.only(said.attributes, SET).content
    unsigned = der.encode(0xA1, _attribute(_TIME_STAMP, said.token)) if said.token else b""
    signer = der.encode(
        der.SEQUENCE,
        _VERSION + sid + SM3 + der.encode(0xA0, own) + SM2_SIGNING
        + der.encode(der.OCTET_STRING, said.signature) + unsigned,
    )  # fmt: skip
    certificates = b"".join(one.raw for one in (said.own, *said.others))
    crls = der.encode(0xA1, b"".join(said.crls)) if said.crls else b""
    body = der.encode(
        der.SEQUENCE,
        _VERSION + der.encode(SET, SM3) + der.encode(der.SEQUENCE, DATA)
        + der.encode(0xA0, certificates) + crls + der.encode(SET, signer),
    )  # fmt: skip
    return der.encode(der.SEQUENCE, SIGNED_DATA + der.encode(0xA0, body))


def read(raw: bytes) -> SignedData:
    """A signature from its bytes; whether it holds is not judged here.

    Raises:
      NotDer: it is none of this form.
    """
    if len(raw) > SIGNED_DATA_BYTES_MAX:
        raise NotDer("too large")
    kind, wrapped = _exactly(der.within(raw), 2)
    if kind.raw != SIGNED_DATA:
        raise NotDer("no signed data of GM/T 0010")
    _, digests, content, *rest = der.within(der.only(wrapped.raw, 0xA0).content)
    if digests.content != SM3 or content.content != DATA or not 2 <= len(rest) <= 3:
        raise NotDer("another digest, a content within, or parts missing")
    certificates = tuple(_certificate(one.raw) for one in der.within(rest[0].raw, 0xA0))
    crls = tuple(one.raw for one in der.within(rest[1].raw, 0xA1)) if len(rest) == 3 else ()
    (signer,) = _exactly(der.within(rest[-1].raw, SET), 1)
    _, sid, digest, own, algorithm, signature, *unsigned = der.within(signer.raw)
    if digest.raw != SM3 or algorithm.raw not in {SM2_SIGNING, _ALSO_SIGNING}:
        raise NotDer("another algorithm")
    if signature.tag != der.OCTET_STRING or len(unsigned) > 1:
        raise NotDer("not the parts of a signer")
    told = _values(der.within(own.raw, 0xA0))
    if told.get(_CONTENT_TYPE) != DATA:
        raise NotDer("attributes of another content")
    found = next((one for one in certificates if _named(one) == sid.content), None)
    if found is None:
        raise NotDer("the signer's certificate is not there")
    beside = _values(der.within(unsigned[0].raw, 0xA1)) if unsigned else {}
    return SignedData(
        own=found,
        others=tuple(one for one in certificates if one != found),
        crls=crls,
        attributes=der.encode(SET, own.content),
        digest=_octets(told, _MESSAGE_DIGEST),
        statement=_octets(told, STATEMENT),
        signature=signature.content,
        token=beside.get(_TIME_STAMP, b""),
    )


def holds(said: SignedData, content: bytes) -> bool:
    """Whether the signature is the certificate's key's over this content."""
    return said.digest == sm2.sm3(content) and sm2.verify(said.own.spki, said.attributes, said.signature)


def _named(one: Certificate) -> bytes:
    """How a signer is named: issuer and serial number."""
    parts = der.within(one.signed)
    return parts[3].raw + parts[1].raw


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.encode(der.SEQUENCE, kind + der.encode(SET, value))


def _values(several: tuple[der.Element, ...]) -> dict[bytes, bytes]:
    """Attributes by their kind; each once, with one value."""
    found: dict[bytes, bytes] = {}
    for one in several:
        kind, values = _exactly(der.within(one.raw), 2)
        (value,) = _exactly(der.within(values.raw, SET), 1)
        if kind.raw in found:
            raise NotDer("an attribute twice")
        found[kind.raw] = value.raw
    return found


def _octets(told: dict[bytes, bytes], kind: bytes) -> bytes:
    if kind not in told:
        raise NotDer("an attribute is missing")
    return der.only(told[kind], der.OCTET_STRING).content


def _exactly(found: tuple[der.Element, ...], size: int) -> tuple[der.Element, ...]:
    if len(found) != size:
        raise NotDer(f"{size} parts expected")
    return found


def _certificate(raw: bytes) -> Certificate:
    found = certificate.read(raw)
    if not isinstance(found, Certificate):
        raise NotDer("a certificate that cannot be read")
    return found
