"""HPKE's receiving side and the derivations under it, against RFC 9180, RFC 5869 and Wycheproof."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke as theirs
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from protocol import canonical
from protocol.seal import hpke, suites
from tests.protocol.seal import vectors

ROWS = vectors.hpke()


def agreed(row: dict[str, Any]) -> bytes:
    """The Diffie–Hellman step by the receiver's private key."""
    secret, peer = bytes.fromhex(row["skRm"]), bytes.fromhex(row["enc"])
    if row["kem_id"] == hpke.X25519:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(peer))
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), peer))


def shared(row: dict[str, Any], **changed: Any) -> hpke.Opened:
    now = row | changed
    return hpke.schedule(
        row["kem_id"],
        row["aead_id"],
        agreed(now),
        bytes.fromhex(now["enc"]),
        bytes.fromhex(now["pkRm"]),
        bytes.fromhex(now["info"]),
    )


@pytest.mark.parametrize("row", ROWS, ids=[f"kem {row['kem_id']} aead {row['aead_id']}" for row in ROWS])
def test_every_published_message_opens(row: dict[str, Any]) -> None:
    found = shared(row)
    assert (found.key.hex(), found.base_nonce.hex()) == (row["key"], row["base_nonce"])
    for one in row["encryptions"]:
        number = int.from_bytes(found.base_nonce, "big") ^ int(one["nonce"], 16)
        ciphertext, associated = bytes.fromhex(one["ct"]), bytes.fromhex(one["aad"])
        assert found.open(ciphertext, associated, number).hex() == one["pt"]
        with pytest.raises(InvalidTag):
            found.open(ciphertext, associated + b"!", number)
        with pytest.raises(InvalidTag):
            found.open(ciphertext, associated, number + 1)
        with pytest.raises(InvalidTag):
            shared(row, info="00").open(ciphertext, associated, number)


def test_the_vectors_hold_the_suite_that_boxes_use() -> None:
    assert (hpke.P256, hpke.AES_256_GCM) in {(row["kem_id"], row["aead_id"]) for row in ROWS}


def test_a_box_is_what_cryptographys_own_receiver_opens() -> None:
    suite = suites.get("intl-1")
    number = 0x0123456789ABCDEF
    key = suite.private_key(suite.private_der(number.to_bytes(32, "big")))
    box = suite.wrap(key.public, b"info", b"a share")
    info = canonical.tag("box/v1/intl-1") + b"info"
    receiver = theirs.Suite(theirs.KEM.P256, theirs.KDF.HKDF_SHA256, theirs.AEAD.AES_256_GCM)
    private = ec.derive_private_key(number, ec.SECP256R1())
    assert receiver.decrypt(box[1:], private, info) == b"a share"


def test_the_derivation_gives_rfc_5869s_and_wycheproofs_bytes() -> None:
    derive = suites.get("intl-1").derive
    for published in vectors.nist("rfc-5869-HKDF-SHA256.txt"):
        material, salt, info = (bytes.fromhex(published[name]) for name in ("IKM", "salt", "info"))
        assert derive(material, salt, info, int(published["L"])).hex() == published["OKM"]
    outcomes = set()
    for _, row in vectors.wycheproof("hkdf_sha256_test.json"):
        material, salt, info = (bytes.fromhex(row[name]) for name in ("ikm", "salt", "info"))
        outcomes.add(row["result"])
        if row["result"] == "valid":
            assert derive(material, salt, info, row["size"]).hex() == row["okm"]
        else:
            with pytest.raises(ValueError):
                derive(material, salt, info, row["size"])
    assert outcomes == {"valid", "invalid"}


def test_the_agreement_under_the_other_kem_is_wycheproofs() -> None:
    for _, row in vectors.wycheproof("x25519_test.json"):
        key = X25519PrivateKey.from_private_bytes(bytes.fromhex(row["private"]))
        peer = X25519PublicKey.from_public_bytes(bytes.fromhex(row["public"]))
        if int(row["shared"], 16):
            assert key.exchange(peer).hex() == row["shared"]
        else:
            with pytest.raises(ValueError):  # a point of low order
                key.exchange(peer)
