"""One time-stamp (RFC 3161, 2.4): a request in, a signed answer out; no clock, no network.

Owns the form of request, token and refusal. Signs by an RSA or ECDSA key of `ops.ca.keys` over digests that
count today (SHA-256, SHA-384, SHA-512, and SM3 for those who keep theirs in it). Must not know where the
time comes from. Sources: RFC 3161; RFC 5816 (ESSCertIDv2); RFC 5652 5.3.
"""

from typing import Any, Final

from asn1crypto import algos, cms, core, tsp, x509
from msgspec import Struct

from main_venue.signing.moments import as_datetime
from ops.ca.keys import Key
from protocol import canonical
from protocol.seal.trust import der
from protocol.seal.trust.certificate import Certificate

POLICY: Final = "1.3.6.1.4.1.55555.1.2"
"""The policy under which this authority stamps: a number of nobody's, for demonstrations."""
DIGEST_BYTES: Final = {
    "2.16.840.1.101.3.4.2.1": 32, "2.16.840.1.101.3.4.2.2": 48, "2.16.840.1.101.3.4.2.3": 64,
    "1.2.156.10197.1.401": 32,
}  # fmt: skip
"""The digests that are stamped, dotted, and their sizes."""
ACCURACY_MS: Final = 999
"""The time is told to the second below."""


class Own(Struct, frozen=True):
    """The authority: its key, its certificate, and what is between that and its root."""

    key: Key
    certificate: Certificate
    others: tuple[Certificate, ...]


def answer(request: bytes, own: Own, at_ms: int, serial: int) -> bytes:
    """The answer to a request, DER: a token, or a refusal with its reason.

    Args:
      request: TimeStampReq, DER, as it came.
      own: who stamps.
      at_ms: the time, ms since 1970.
      serial: a number that this authority has never given.
    """
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        digest_oid = imprint["hash_algorithm"]["algorithm"].dotted
        hashed = imprint["hashed_message"].native
        policy = asked["req_policy"].native
        extensions = asked["extensions"].native
        version = asked["version"].native
        wants_certificates = bool(asked["cert_req"].native)
    except (ValueError, TypeError, KeyError, AttributeError):
        return _refused("bad_data_format")
    if version != "v1" or DIGEST_BYTES.get(digest_oid) != len(hashed):
        return _refused("bad_alg")
    if policy not in {None, POLICY}:
        return _refused("unaccepted_policy")
    if extensions:
        return _refused("unaccepted_extensions")
    told = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": serial,
            "gen_time": as_datetime(at_ms),
            "accuracy": tsp.Accuracy({"seconds": 0, "millis": ACCURACY_MS}),
            **({"nonce": asked["nonce"]} if asked["nonce"].native is not None else {}),
        }
    )
    token = _signed(told, own, with_certificates=wants_certificates)
    status = tsp.PKIStatusInfo({"status": "granted"})
    return bytes(tsp.TimeStampResp({"status": status, "time_stamp_token": token}).dump())


def _signed(told: Any, own: Own, *, with_certificates: bool) -> Any:
    """The token: signed over its content's digest, its time and whose certificate it is."""
    parsed = x509.Certificate.load(own.certificate.raw)
    content = told.dump()
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    ess = tsp.ESSCertIDv2({"hash_algorithm": digest, "cert_hash": own.certificate.fingerprint})
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("message_digest", canonical.sha256(content)),
            _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [ess]})),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
                    )
                }
            ),
            "digest_algorithm": digest,
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm.load(own.key.identifier),
            "signature": own.key.sign(attributes.dump()),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [digest],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "signer_infos": [signer],
        }
    )
    if with_certificates:
        every = (own.certificate, *own.others)
        signed["certificates"] = [x509.Certificate.load(one.raw) for one in every]
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _attribute(kind: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": kind, "values": (value,)})


def _refused(why: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {why}})
    return der.encode(der.SEQUENCE, status.dump())  # no token follows: RFC 3161, 2.4.2
