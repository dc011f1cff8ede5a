"""A passkey as a phone has just made it: is it one, made for us, now, with its holder verified (SPEC 19.5).

Owns reading a registration (W3C WebAuthn Level 2, 7.1) through the `webauthn` library; assertions are judged
by `protocol.seal.trust.scanned`, by whoever holds the record. No statement of a maker is asked for
(attestation `none`): whose passkey it is, its certificate says.
"""

import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from msgspec import Struct
from webauthn import verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorAttestationResponse,
    PublicKeyCredentialType,
    RegistrationCredential,
)

from protocol.refusals import Refusal, refuse
from protocol.seal.trust.scanned import host_of
from protocol.voices import ScanEnrol


class Made(Struct, frozen=True):
    """A passkey: SHA-256 of its id, its public key (DER), how often it says it has signed."""

    credential: bytes
    spki: bytes
    count: int


def made_passkey(given: ScanEnrol, nonce: bytes, audience: str) -> Made | Refusal:
    """The passkey that was made in answer to a nonce at an origin.

    Returns:
      Refusal: `AssertionMismatch` where it is not what was asked for, whatever differs.
    """
    credential = RegistrationCredential(
        id=bytes_to_base64url(given.credential), raw_id=given.credential,
        response=AuthenticatorAttestationResponse(
            client_data_json=given.client, attestation_object=given.attestation
        ),
        type=PublicKeyCredentialType.PUBLIC_KEY,
    )  # fmt: skip
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=host_of(audience),
            expected_origin=audience,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
        key = decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        return refuse("AssertionMismatch", field=str(error)[:200] or "registration")
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return refuse("AssertionMismatch", field="algorithm")
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Made(hashlib.sha256(verified.credential_id).digest(), spki, verified.sign_count)
