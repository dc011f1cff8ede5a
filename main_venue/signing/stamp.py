"""One time-stamp token (RFC 3161, 2.4.2; RFC 5652) read and checked against what it stamps.

Owns whether a token is by its certificate's key and over these bytes; whether that certificate counts is the
trust list's to say. For signatures that stand beside the PDF: within it the library asks the same.
"""

import hashlib
from typing import Any

from asn1crypto import cms
from msgspec import Struct

from main_venue.signing.moments import as_ms
from main_venue.signing.revision import UNREADABLE
from protocol import canonical
from protocol.refusals import Refusal
from protocol.seal import sm2
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import AlgorithmName, NotAllowed
from protocol.seal.trust.certificate import Certificate


class Stamp(Struct, frozen=True):
    """A token that holds: when (ms), by which certificate, with which others, signed how."""

    at_ms: int
    own: Certificate
    others: tuple[Certificate, ...]
    algorithm: AlgorithmName


class NotStamped(Exception):
    """The token does not stamp these bytes, or is none."""


def read(token: bytes, over: bytes) -> Stamp:
    """The time-stamp of some bytes.

    Raises:
      NotStamped: it is none, is over others, or is not by the certificate that it names.
    """
    try:
        return _read(token, over)
    except UNREADABLE as error:
        raise NotStamped("no token that can be read") from error


def _read(token: bytes, over: bytes) -> Stamp:
    signed = cms.ContentInfo.load(token, strict=True)["content"]
    content = signed["encap_content_info"]["content"]
    told: Any = content.parsed
    imprint = told["message_imprint"]
    if imprint["hashed_message"].native != _digest(imprint["hash_algorithm"]["algorithm"].dotted, over):
        raise NotStamped("over other bytes")
    (signer,) = signed["signer_infos"]
    every = [certificate.read(one.chosen.dump()) for one in signed["certificates"]]
    known = [one for one in every if not isinstance(one, Refusal)]
    own = next((one for one in known if _is(signer, one)), None)
    if own is None:
        raise NotStamped("without its certificate")
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    digest = attributes["message_digest"].native
    if digest != _digest(signer["digest_algorithm"]["algorithm"].dotted, bytes(content)):
        raise NotStamped("another content than was signed")
    named = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    key = algorithms.key_of(own.spki)
    name = algorithms.algorithm_of(signer["signature_algorithm"].dump())
    if named != own.fingerprint or isinstance(key, NotAllowed) or isinstance(name, NotAllowed):
        raise NotStamped("another certificate, or an algorithm that does not count")
    # What is signed is the SET itself, not the tag under which it stands (RFC 5652, 5.4).
    over_attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    if not algorithms.verify(name, key, over_attributes, signer["signature"].native):
        raise NotStamped("not by the certificate's key")
    others = tuple(one for one in known if one != own)
    return Stamp(as_ms(told["gen_time"].native), own, others, name)


def _is(signer: Any, one: Certificate) -> bool:
    sid = signer["sid"].chosen
    return bool(
        sid["serial_number"].native == one.serial and sid["issuer"].dump() == one.parsed.issuer.public_bytes()
    )


def _digest(dotted: str, data: bytes) -> bytes:
    """A digest by its algorithm's identifier; of another algorithm, nothing that equals anything."""
    if dotted == "2.16.840.1.101.3.4.2.1":
        return canonical.sha256(data)
    if dotted == "2.16.840.1.101.3.4.2.2":
        return hashlib.sha384(data).digest()
    if dotted == "2.16.840.1.101.3.4.2.3":
        return hashlib.sha512(data).digest()
    if dotted == "1.2.156.10197.1.401":
        return sm2.sm3(data)
    raise NotStamped(f"digest {dotted}")
