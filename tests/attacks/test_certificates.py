"""Certificates that must not count, of each kind.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ops.ca import making
from ops.ca.keys import Kind
from protocol.refusals import Refusal
from protocol.seal.trust import certificate
from tests.attacks.province import (
    ANY_POLICY,
    AT,
    EVERY_KIND,
    YEAR,
    Province,
    ca_extensions,
    code,
    key,
    name,
    person_extensions,
    short_key,
    trusting,
    weak,
)

pytestmark = pytest.mark.parametrize("kind", EVERY_KIND)


def test_an_expired_certificate_signs_nothing(kind: Kind) -> None:
    """Had: the key of a certificate that ran out a second ago.

    Tried: to sign. Stopped by: the validity at that time.
    """
    province = Province(kind)
    person = province.person(ends=AT - 1000)
    assert code(province.judged(person)) == "CertificateExpired"
    assert province.judged(person).outcome == "invalid"
    assert code(province.judged(person, at=AT - 1000)) == "valid"


def test_a_certificate_is_not_used_before_it_begins(kind: Kind) -> None:
    """Had: a certificate that begins in a second.

    Tried: to sign. Stopped by: the validity at that time.
    """
    province = Province(kind)
    person = province.person(begins=AT + 1000)
    assert code(province.judged(person)) == "CertificateNotYet"
    assert code(province.judged(person, at=AT + 1000)) == "valid"


def test_a_certificate_of_an_unknown_ca_is_nobodys(kind: Kind) -> None:
    """Had: a CA of its own, named as the province's.

    Tried: to be recognised. Stopped by: the list holds keys, not names.
    """
    province, stranger = Province(kind), Province(kind, "evil-ca")
    stranger.root_name, stranger.issuing_name = province.root_name, province.issuing_name
    mine = stranger.make(
        "root", stranger.issuing_name, stranger.issuing_key, ca_extensions(0, ANY_POLICY), serial=2
    )
    person = stranger.person()
    assert code(province.judged(person, others=(mine,))) == "CaUnknown"
    assert code(province.judged(person, others=(province.issuing,))) == "CaUnknown"
    assert code(province.judged(province.person())) == "valid"


def test_a_forged_signature_under_the_right_names_is_seen(kind: Kind) -> None:
    """Had: the CA's name and key identifier.

    Tried: its own signature under them. Stopped by: the CA's key.
    """
    province = Province(kind)
    thief = key(kind, "thief")
    forged = making.certificate(
        making.Draft(
            subject=name("张三"),
            issuer=province.issuing_name,
            spki=thief.spki,
            serial=1001,
            begins=AT - YEAR,
            ends=AT + YEAR,
            key_id=making.key_id(province.issuing_key.spki),
            extensions=person_extensions(),
        ),
        thief,
    )
    assert code(province.judged(forged)) == "CertificateForged"
    assert code(province.judged(province.person(of=thief))) == "valid"


def test_a_changed_byte_is_seen(kind: Kind) -> None:
    """Had: somebody's certificate.

    Tried: to put another name into it. Stopped by: the CA's signature.
    """
    province = Province(kind)
    person = province.person(subject=name("Zhang San"))
    assert code(province.judged(person.replace(b"Zhang San", b"Zhang Sun"))) == "CertificateForged"
    assert code(province.judged(person)) == "valid"


def test_a_signature_with_a_weak_hash_does_not_count(kind: Kind) -> None:
    """Had: a collision of SHA-1, say.

    Tried: a certificate signed with it. Stopped by: our own allow-list.
    """
    province = Province(kind)
    person = province.person(signer=weak(province.issuing_key))
    assert code(province.judged(person)) == "AlgorithmNotAllowed"
    assert code(province.judged(province.person())) == "valid"


def test_a_weak_hash_between_does_not_count_either(kind: Kind) -> None:
    """Had: the same for the issuing CA.

    Tried: a good certificate below it. Stopped by: the allow-list on every one.
    """
    province = Province(kind)
    issuing = province.make(
        "root", province.issuing_name, province.issuing_key, ca_extensions(0, ANY_POLICY), serial=2,
        signer=weak(province.root_key),
    )  # fmt: skip
    assert code(province.judged(province.person(), others=(issuing,))) == "AlgorithmNotAllowed"
    assert code(province.judged(province.person())) == "valid"


def test_a_weak_hash_on_the_root_itself_is_not_passed_over(kind: Kind) -> None:
    """Had: a list with an old root.

    Tried: to be under it. Stopped by: the allow-list on the root too.
    """
    province = Province(kind)
    old = province.make(
        "root",
        province.root_name,
        province.root_key,
        ca_extensions(),
        serial=1,
        signer=weak(province.root_key),
    )
    trusted = trusting(province.authority(roots=(old,)))
    assert code(province.judged(province.person(), trusted=trusted)) == "AlgorithmNotAllowed"
    assert code(province.judged(province.person(), trusted=trusting(province.authority()))) == "valid"


def test_a_short_key_or_a_strange_curve_is_not_certified(kind: Kind) -> None:
    """Had: RSA-1024, or a curve that is not on the list.

    Tried: a certificate on it. Stopped by: the keys allowed.
    """
    province = Province(kind)
    verdict = province.judged(province.person(of=short_key(kind)))
    assert code(verdict) == "AlgorithmNotAllowed"
    assert code(province.judged(province.person(of=key(kind, "another")))) == "valid"


def test_a_key_of_another_kind_than_the_ca_may_certify_does_not_count(kind: Kind) -> None:
    """Had: a CA recognised for one kind.

    Tried: to certify another. Stopped by: what the list allows this CA.
    """
    province = Province(kind)
    another: Kind = "ecdsa" if kind == "rsa" else "rsa"
    person = province.person(of=key(another, "person of another kind"))
    assert code(province.judged(person)) == "AlgorithmNotAllowed"
    assert code(province.judged(province.person())) == "valid"


def test_a_certificate_says_the_same_algorithm_twice(kind: Kind) -> None:
    """Had: a certificate.

    Tried: another algorithm outside than inside. Stopped by: reading compares the two.
    """
    province = Province(kind)
    person = province.person()
    own = province.issuing_key.identifier
    at = person.rindex(own)
    # The last byte of the object identifier, which is followed by parameters or by nothing.
    last = at + own.index(b"\x06") + 1 + own[own.index(b"\x06") + 1]
    swapped = person[:last] + bytes((person[last] ^ 1,)) + person[last + 1 :]
    found = certificate.read(swapped)
    assert isinstance(found, Refusal)
    assert found.code == "CertificateUnreadable"
    assert code(province.judged(person)) == "valid"


@pytest.mark.parametrize(
    ("usages", "extended", "purpose"),
    [
        (("key_encipherment", "data_encipherment"), None, "sign"),
        (("digital_signature", "content_commitment"), None, "open"),
        (("digital_signature", "content_commitment"), None, "encrypt"),
        (("content_commitment",), None, "sign-in"),
        (("digital_signature",), ExtendedKeyUsageOID.SERVER_AUTH, "sign"),
        (("digital_signature",), ExtendedKeyUsageOID.TIME_STAMPING, "sign"),
        (("digital_signature",), ExtendedKeyUsageOID.EMAIL_PROTECTION, "sign-in"),
        (("key_encipherment",), ExtendedKeyUsageOID.CODE_SIGNING, "open"),
    ],
)
def test_a_certificate_is_used_for_what_it_says_alone(
    kind: Kind, usages: tuple[str, ...], extended: x509.ObjectIdentifier | None, purpose: str
) -> None:
    """Had: the other one of a person's two certificates, or a server's.

    Tried: to act by it. Stopped by: the purpose.
    """
    province = Province(kind)
    more = () if extended is None else ((x509.ExtendedKeyUsage([extended]), False),)
    person = province.person(person_extensions(*usages, more=more))
    assert code(province.judged(person, purpose=purpose)) == "WrongPurpose"  # type: ignore[arg-type]
    right = ("key_encipherment",) if purpose in {"open", "encrypt"} else ("digital_signature",)
    client = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),)
    good = province.person(person_extensions(*right, more=client))
    assert code(province.judged(good, purpose=purpose)) == "valid"  # type: ignore[arg-type]


def test_a_certificate_that_says_no_purpose_has_none(kind: Kind) -> None:
    """Had: a certificate without key usage.

    Tried: everything. Stopped by: what is not said is not allowed.
    """
    province = Province(kind)
    bare = tuple(one for one in person_extensions() if not isinstance(one[0], x509.KeyUsage))
    for purpose in ("sign-in", "sign", "encrypt", "open", "view"):
        assert code(province.judged(province.person(bare), purpose=purpose)) == "WrongPurpose"
    assert code(province.judged(province.person())) == "valid"


def test_an_unknown_critical_extension_is_not_passed_over(kind: Kind) -> None:
    """Had: a certificate that its CA limited in a way unknown here.

    Tried: to use it. Stopped by: RFC 5280 4.2.
    """
    province = Province(kind)
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    assert (
        code(province.judged(province.person(person_extensions(more=((strange, True),)))))
        == "ExtensionUnknown"
    )
    assert code(province.judged(province.person(person_extensions(more=((strange, False),))))) == "valid"
