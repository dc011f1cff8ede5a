"""What is allowed and what is not, by the bytes of an identifier and of a key."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ops.ca.making import Withdrawn
from protocol.refusals import Refusal
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import NotAllowed, PublicKey
from tests.attacks.province import Province, Weak, code, key, private

P256 = ec.derive_private_key(7, ec.SECP256R1())
P384 = ec.derive_private_key(7, ec.SECP384R1())


def spki(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def own(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> PublicKey:
    found = algorithms.key_of(spki(public))
    assert isinstance(found, PublicKey)
    return found


def test_every_algorithm_has_an_identifier_that_is_its_own() -> None:
    forms = [raw for name in algorithms.ALGORITHMS for raw in algorithms.IDENTIFIERS[name]]
    assert len(set(forms)) == len(forms)
    for name in algorithms.ALGORITHMS:
        for raw in algorithms.IDENTIFIERS[name]:
            assert algorithms.algorithm_of(raw) == name


@pytest.mark.parametrize(
    "identifier",
    [
        "300d06092a864886f70d0101050500",  # RSA with SHA-1
        "300d06092a864886f70d0101040500",  # RSA with MD5
        "300b06092a864886f70d01010b",  # RSA with SHA-256, parameters left out
        "300c06082a8648ce3d0403020500",  # ECDSA with SHA-256, parameters where there are none
        "300906072a8648ce3d0401",  # ECDSA with SHA-1
        "300a06082a811ccf55018376",  # SM2 with SHA-1
        "300b06092a864886f70d01010a",  # RSASSA-PSS by its defaults, which are SHA-1
        "3000",
        "",
        "0500",
    ],
)
def test_an_identifier_that_is_not_on_the_list_is_named_instead(identifier: str) -> None:
    assert isinstance(algorithms.algorithm_of(bytes.fromhex(identifier)), NotAllowed)


def test_a_signature_is_of_the_kind_that_its_key_makes() -> None:
    made = P256.sign(b"said", ec.ECDSA(hashes.SHA256()))
    assert algorithms.verify("ecdsa-p256-sha256", own(P256.public_key()), b"said", made)
    assert not algorithms.verify("rsa-sha256", own(P256.public_key()), b"said", made)
    assert not algorithms.verify("rsa-pss-sha256", own(P256.public_key()), b"said", made)
    longer = P384.sign(b"said", ec.ECDSA(hashes.SHA256()))
    assert not algorithms.verify("ecdsa-p256-sha256", own(P384.public_key()), b"said", longer)
    right = P384.sign(b"said", ec.ECDSA(hashes.SHA384()))
    assert algorithms.verify("ecdsa-p384-sha384", own(P384.public_key()), b"said", right)


def test_both_paddings_of_rsa_are_told_apart() -> None:
    signer = private(key("rsa", "two paddings"))
    public = own(signer.public_key())
    digest = hashes.SHA384()
    pss = signer.sign(b"said", padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    assert algorithms.verify("rsa-pss-sha384", public, b"said", pss)
    assert not algorithms.verify("rsa-sha384", public, b"said", pss)
    salted_otherwise = signer.sign(b"said", padding.PSS(padding.MGF1(digest), 20), digest)
    assert not algorithms.verify("rsa-pss-sha384", public, b"said", salted_otherwise)
    plain = signer.sign(b"said", padding.PKCS1v15(), digest)
    assert algorithms.verify("rsa-sha384", public, b"said", plain)
    assert not algorithms.verify("rsa-pss-sha384", public, b"said", plain)


def test_a_key_with_a_small_exponent_is_not_certified() -> None:
    small = rsa.generate_private_key(3, 2048).public_key()
    found = algorithms.key_of(spki(small))
    assert found == NotAllowed("RSA 2048, e = 3")
    assert isinstance(algorithms.key_of(spki(private(key("rsa", "two paddings")).public_key())), PublicKey)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        b"\x30\x02\x05\x00",
        spki(P256.public_key())[:-1] + b"\xff",  # a point that is not on the curve
        spki(P256.public_key()) + b"\0",
        base64.b64decode(  # the curve of SM2, a point that is not on it
            "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE" + "A" * 86 + "=="
        ),
    ],
)
def test_what_is_no_key_is_not_allowed(raw: bytes) -> None:
    assert isinstance(algorithms.key_of(raw), NotAllowed)


def test_an_authority_signs_its_lists_by_what_the_trust_list_allows_it_alone() -> None:
    province = Province("rsa")
    signer = private(province.issuing_key)
    other = Weak(
        province.issuing_key.spki,
        algorithms.IDENTIFIERS["rsa-sha512"][0],
        lambda raw: signer.sign(raw, padding.PKCS1v15(), hashes.SHA512()),
    )
    crls = province.crls(Withdrawn(5, 0), signer=other)
    assert code(province.judged(province.person(), crls=crls)) == "EvidenceWeak"
    assert code(province.judged(province.person(), crls=province.crls(Withdrawn(5, 0)))) == "valid"


@pytest.mark.parametrize(
    "serial", ["0200", "020100", "0201ff", "0214" + "80" + "00" * 19, "0215" + "01" * 21]
)
def test_a_serial_number_is_positive_and_not_too_long(serial: str) -> None:
    person = Province("ecdsa").person(serial=0x0102)
    assert person.count(bytes.fromhex("02020102")) == 1
    # The length of what is around it changes too: the outer two, of two bytes each.
    changed = bytes.fromhex(serial)
    inner = person[8:].replace(bytes.fromhex("02020102"), changed, 1)
    grown = len(changed) - 4
    outer = int.from_bytes(person[2:4], "big") + grown, int.from_bytes(person[6:8], "big") + grown
    raw = b"\x30\x82" + outer[0].to_bytes(2, "big") + b"\x30\x82" + outer[1].to_bytes(2, "big") + inner
    found = certificate.read(raw)
    assert isinstance(found, Refusal)
    assert "serial number" in found.detail["why"]
