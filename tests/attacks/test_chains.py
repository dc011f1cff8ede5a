"""Ways to a root that must not be gone, of each kind.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ops.ca import making
from ops.ca.keys import Kind
from tests.attacks.province import (
    ANY_POLICY,
    AT,
    DAY,
    EVERY_KIND,
    Province,
    ca_extensions,
    code,
    key,
    name,
    person_extensions,
    trusting,
)

pytestmark = pytest.mark.parametrize("kind", EVERY_KIND)


def test_a_ca_that_ran_out_takes_what_it_issued_with_it(kind: Kind) -> None:
    """Had: a person's good certificate.

    Tried: to use it after its issuing CA's end. Stopped by: every validity.
    """
    province = Province(kind)
    ended = province.make(
        "root",
        province.issuing_name,
        province.issuing_key,
        ca_extensions(0, ANY_POLICY),
        serial=2,
        ends=AT - 1000,
    )
    person = province.person()
    assert code(province.judged(person, others=(ended,))) == "CertificateExpired"
    assert code(province.judged(person)) == "valid"


def test_no_more_authorities_stand_between_than_the_issuer_may_have(kind: Kind) -> None:
    """Had: an issuing CA of path length 0.

    Tried: another CA below it. Stopped by: the path length.
    """
    province = Province(kind)
    below_key, below_name = key(kind, "below"), name("below")
    below = province.make("issuing", below_name, below_key, ca_extensions(None, ANY_POLICY), serial=3)
    person = province.person(signer=below_key, issuer=below_name)
    crls = (
        *province.crls(),
        making.revocation_list(below_name, below_key, (), number=1, begins=AT - DAY, ends=AT + DAY),
    )
    assert code(province.judged(person, others=(below, province.issuing), crls=crls)) == "ChainTooLong"
    longer = province.make(
        "root", province.issuing_name, province.issuing_key, ca_extensions(1, ANY_POLICY), serial=2
    )
    assert code(province.judged(person, others=(below, longer), crls=crls)) == "valid"


def test_a_chain_is_no_longer_than_the_house_looks_at(kind: Kind) -> None:
    """Had: CAs without a path length.

    Tried: a chain of six. Stopped by: our own bound; one of five passes.
    """
    province = Province(kind)
    outcome = {}
    for many in (3, 4):
        above_key, above_name, others, crls = province.root_key, province.root_name, [], [province.crls()[0]]
        for level in range(many):
            own_key, own_name = key(kind, f"level {level}"), name(f"level {level}")
            others.append(
                province.make(
                    "root", own_name, own_key, ca_extensions(None, ANY_POLICY), serial=50 + level,
                    signer=above_key, issuer=above_name,
                )
            )  # fmt: skip
            crls.append(
                making.revocation_list(own_name, own_key, (), number=1, begins=AT - DAY, ends=AT + DAY)
            )
            above_key, above_name = own_key, own_name
        person = province.person(signer=above_key, issuer=above_name)
        outcome[many] = code(province.judged(person, others=tuple(others), crls=tuple(crls)))
    assert outcome == {3: "valid", 4: "ChainTooLong"}


def test_a_person_issues_no_certificates(kind: Kind) -> None:
    """Had: a person's good certificate and key.

    Tried: to issue one. Stopped by: a person is no CA.
    """
    province = Province(kind)
    other = key(kind, "other")
    own = province.person()
    issued = province.person(
        of=other, subject=name("李四"), signer=province.person_key, issuer=name("张三"), serial=5
    )
    assert code(province.judged(issued, others=(own, province.issuing))) == "NotACa"
    assert code(province.judged(own)) == "valid"


def test_a_ca_that_may_not_sign_certificates_has_signed_none(kind: Kind) -> None:
    """Had: a CA certificate for revocation lists alone.

    Tried: to issue by it. Stopped by: its key usage.
    """
    province = Province(kind)
    lists_only = (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (making.usage("crl_sign"), True),
        ANY_POLICY,
    )
    issuing = province.make("root", province.issuing_name, province.issuing_key, lists_only, serial=2)
    assert code(province.judged(province.person(), others=(issuing,))) == "NotACa"
    assert code(province.judged(province.person())) == "valid"


def test_the_right_to_sign_certificates_makes_no_ca_of_a_person(kind: Kind) -> None:
    """Had: a person's certificate with one usage too many.

    Tried: to issue by it. Stopped by: it is no CA's.
    """
    province = Province(kind)
    own = province.person(person_extensions("digital_signature", "key_cert_sign"))
    issued = province.person(
        of=key(kind, "other"), signer=province.person_key, issuer=name("张三"), serial=5, subject=name("李四")
    )
    longer = province.make(
        "root", province.issuing_name, province.issuing_key, ca_extensions(3, ANY_POLICY), serial=2
    )
    assert code(province.judged(issued, others=(own, longer))) == "NotACa"
    assert code(province.judged(province.person(), others=(longer,))) == "valid"


def test_a_ca_for_servers_certifies_no_people(kind: Kind) -> None:
    """Had: an issuing CA that its root limited to servers. Tried: a person's certificate by it.

    Stopped by: extended usages of the CAs on the way limit those below.
    """
    province = Province(kind)
    limited = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    open_ = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    for usage, expected in ((limited, "WrongPurpose"), (open_, "valid")):
        issuing = province.make(
            "root",
            province.issuing_name,
            province.issuing_key,
            ca_extensions(0, ANY_POLICY, usage),
            serial=2,
        )
        assert code(province.judged(province.person(), others=(issuing,))) == expected


def test_an_authority_is_no_person(kind: Kind) -> None:
    """Had: an issuing CA's key.

    Tried: to sign a report by it. Stopped by: nobody acts by a CA's certificate.
    """
    province = Province(kind)
    extensions = (*person_extensions("digital_signature", "key_cert_sign", ca=True),)
    acting = province.person(extensions)
    assert code(province.judged(acting)) == "IsACa"
    assert code(province.judged(province.root, others=())) in {"IsACa", "CaUnknown"}
    assert code(province.judged(province.person())) == "valid"


def test_a_name_outside_what_its_ca_may_certify_is_refused(kind: Kind) -> None:
    """Had: a CA for people of Anhui.

    Tried: somebody of Jiangsu, by subject or alternative name. Stopped by: its names.
    """
    province = Province(kind)
    of_anhui = x509.Name(list(name("x"))[:2])
    constraint = x509.NameConstraints([x509.DirectoryName(of_anhui)], [x509.DNSName("localhost")])
    issuing = province.make(
        "root",
        province.issuing_name,
        province.issuing_key,
        ca_extensions(0, ANY_POLICY, (constraint, True)),
        serial=2,
    )
    foreign = province.person(subject=name("张三", "Jiangsu"))
    also = person_extensions(
        more=((x509.SubjectAlternativeName([x509.DirectoryName(name("张三", "Jiangsu"))]), False),)
    )
    host = person_extensions(more=((x509.SubjectAlternativeName([x509.DNSName("hefei.localhost")]), False),))
    for person in (foreign, province.person(also), province.person(host)):
        assert code(province.judged(person, others=(issuing,))) == "NameNotAllowed"
    assert code(province.judged(province.person(), others=(issuing,))) == "valid"


def test_a_constraint_that_is_not_understood_refuses_the_chain(kind: Kind) -> None:
    """Had: a CA bound to addresses of the network.

    Tried: to have that overlooked. Stopped by: what we do not read.
    """
    province = Province(kind)
    constraint = x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None)
    issuing = province.make(
        "root",
        province.issuing_name,
        province.issuing_key,
        ca_extensions(0, ANY_POLICY, (constraint, True)),
        serial=2,
    )
    assert code(province.judged(province.person(), others=(issuing,))) == "ExtensionUnknown"
    assert code(province.judged(province.person())) == "valid"


def test_a_policy_that_is_not_recognised_does_not_count(kind: Kind) -> None:
    """Had: a certificate issued without a look at the person.

    Tried: to sign. Stopped by: the policies of the list.
    """
    province = Province(kind)
    assert code(province.judged(province.person(person_extensions(policy="1.2.3.4")))) == "PolicyMissing"
    assert code(province.judged(province.person(person_extensions(policy="")))) == "PolicyMissing"
    narrow = province.make("root", province.issuing_name, province.issuing_key, ca_extensions(0), serial=2)
    assert code(province.judged(province.person(), others=(narrow,))) == "PolicyMissing"
    assert code(province.judged(province.person())) == "valid"


def test_a_ca_counts_from_and_until_the_list_says(kind: Kind) -> None:
    """Had: a certificate of a CA that is recognised no longer, or not yet.

    Tried: to sign. Stopped by: the list's dates.
    """
    province = Province(kind)
    person = province.person()
    gone, to_come = province.authority(valid_until=AT), province.authority(valid_from=AT + 1)
    assert code(province.judged(person, trusted=trusting(gone))) == "CaNotInForce"
    assert code(province.judged(person, trusted=trusting(gone), at=AT - 1)) == "valid"
    assert code(province.judged(person, trusted=trusting(to_come))) == "CaNotInForce"
    assert code(province.judged(person, trusted=trusting(to_come), at=AT + 1)) == "valid"
