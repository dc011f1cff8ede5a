"""Answers on one certificate (OCSP) that must not count, of each kind.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ops.ca import making
from ops.ca.keys import Kind
from tests.attacks.province import (
    AT,
    DAY,
    EVERY_KIND,
    Province,
    code,
    key,
    name,
    person_extensions,
    weak,
)

every_kind = pytest.mark.parametrize("kind", EVERY_KIND)
PERSON = 1001
"""The serial of a person's certificate here."""


@every_kind
def test_an_answer_that_ran_out_proves_nothing(kind: Kind) -> None:
    """Had: an answer from before the revocation. Tried: to replay it. Stopped by: its end."""
    province = Province(kind)
    verdict = province.judged(province.person(), answers=province.answers(ends=AT))
    assert (code(verdict), verdict.outcome) == ("EvidenceStale", "undecided")
    assert code(province.judged(province.person(), answers=province.answers(ends=AT + 1000))) == "valid"


@every_kind
def test_an_answer_with_a_weak_hash_does_not_count(kind: Kind) -> None:
    """Had: the same. Tried: an answer signed with it. Stopped by: the allow-list on answers, too."""
    province = Province(kind)
    answers = province.answers(signer=weak(province.issuing_key))
    verdict = province.judged(province.person(), answers=answers)
    assert (code(verdict), verdict.outcome) == ("EvidenceWeak", "undecided")
    assert code(province.judged(province.person(), answers=province.answers())) == "valid"


@every_kind
def test_an_answer_on_another_certificate_says_nothing(kind: Kind) -> None:
    """Had: a good answer on its own certificate.

    Tried: to show it for a revoked one. Stopped by: what it is about.
    """
    province, other = Province(kind), Province(kind, "jiangsu-ca")
    root, mine = province.answers()
    _, another = province.answers(serial=PERSON + 1)
    _, foreign = other.answers()
    for wrong in (another, foreign):
        verdict = province.judged(province.person(), answers=(root, wrong))
        assert (code(verdict), verdict.outcome) == ("EvidenceForeign", "undecided")
    assert code(province.judged(province.person(), answers=(root, wrong, mine))) == "valid"


@every_kind
def test_an_answer_by_somebody_else_is_forged(kind: Kind) -> None:
    """Had: a certificate of the same CA, but for signing.

    Tried: to answer by it. Stopped by: the answerer's purpose.
    """
    province, other = Province(kind), key(kind, "answerer")
    at_name = name("OCSP")
    person = province.make("issuing", at_name, other, person_extensions(), serial=77)
    root, posed = province.answers(signer=other, answerer=at_name, with_certificate=person)
    assert code(province.judged(province.person(), answers=(root, posed))) == "EvidenceForged"
    _, own = province.answers(signer=other)
    assert code(province.judged(province.person(), answers=(root, own))) == "EvidenceForged"
    unchecked = person_extensions(more=((x509.OCSPNoCheck(), False),))
    person = province.make("issuing", at_name, other, unchecked, serial=77)
    root, posed = province.answers(signer=other, answerer=at_name, with_certificate=person)
    assert code(province.judged(province.person(), answers=(root, posed))) == "EvidenceForged"
    appointed = province.make("issuing", at_name, other, making.answerer_extensions(), serial=78)
    _, good = province.answers(signer=other, answerer=at_name, with_certificate=appointed)
    assert code(province.judged(province.person(), answers=(root, good))) == "valid"


@every_kind
def test_an_answerer_of_another_ca_answers_for_its_own_alone(kind: Kind) -> None:
    """Had: an answerer that another CA of the list appointed.

    Tried: to answer here. Stopped by: who appointed it.
    """
    province, other = Province(kind), Province(kind, "jiangsu-ca")
    answerer, at_name = key(kind, "answerer"), name("OCSP")
    appointed = other.make("issuing", at_name, answerer, making.answerer_extensions(), serial=78)
    root, posed = province.answers(signer=answerer, answerer=at_name, with_certificate=appointed)
    assert code(province.judged(province.person(), answers=(root, posed))) == "EvidenceForged"
    own = province.make("issuing", at_name, answerer, making.answerer_extensions(), serial=78)
    _, good = province.answers(signer=answerer, answerer=at_name, with_certificate=own)
    assert code(province.judged(province.person(), answers=(root, good))) == "valid"


@every_kind
def test_an_answerer_that_must_itself_be_checked_is_not_believed(kind: Kind) -> None:
    """Had: an answerer's stolen key, since revoked. Tried: to answer by it.

    Stopped by: only those count whose certificate runs out before it would have to be revoked (no check).
    """
    province, answerer, at_name = Province(kind), key(kind, "answerer"), name("OCSP")
    to_check = tuple(one for one in making.answerer_extensions() if not isinstance(one[0], x509.OCSPNoCheck))
    weaker = province.make("issuing", at_name, answerer, to_check, serial=78)
    root, posed = province.answers(signer=answerer, answerer=at_name, with_certificate=weaker)
    assert code(province.judged(province.person(), answers=(root, posed))) == "EvidenceForged"
    ended = province.make(
        "issuing", at_name, answerer, making.answerer_extensions(), serial=78, ends=AT - 2 * DAY
    )
    _, late = province.answers(signer=answerer, answerer=at_name, with_certificate=ended)
    assert code(province.judged(province.person(), answers=(root, late))) == "EvidenceForged"


@every_kind
def test_an_answerer_who_does_not_know_the_certificate_decides_nothing(kind: Kind) -> None:
    """Had: a certificate that its CA has no record of.

    Tried: to act by it. Stopped by: unknown is not good.
    """
    province = Province(kind)
    verdict = province.judged(province.person(), answers=province.answers(known=False))
    assert (code(verdict), verdict.outcome) == ("RevocationUnknown", "undecided")


def test_nobody_signs_by_an_answerers_certificate() -> None:
    """Had: an answerer's key. Tried: to sign a report by it. Stopped by: its one purpose."""
    province = Province("ecdsa")
    more = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),)
    assert code(province.judged(province.person(person_extensions(more=more)))) == "WrongPurpose"
    assert code(province.judged(province.person())) == "valid"


@every_kind
def test_an_answerers_certificate_in_the_issuers_name_is_not_the_issuers(kind: Kind) -> None:
    """Had: a key of its own, and the issuer's name.

    Tried: to appoint itself. Stopped by: the issuer's signature.
    """
    province, thief, at_name = Province(kind), key(kind, "thief"), name("OCSP")
    own = province.make("issuing", at_name, thief, making.answerer_extensions(), serial=78, signer=thief)
    root, posed = province.answers(signer=thief, answerer=at_name, with_certificate=own)
    assert code(province.judged(province.person(), answers=(root, posed))) == "EvidenceForged"
    appointed = province.make("issuing", at_name, thief, making.answerer_extensions(), serial=78)
    _, good = province.answers(signer=thief, answerer=at_name, with_certificate=appointed)
    assert code(province.judged(province.person(), answers=(root, good))) == "valid"


@every_kind
def test_an_answer_names_the_issuers_key_and_not_its_name_alone(kind: Kind) -> None:
    """Had: a CA's answer on the same number under its former key.

    Tried: to show it for the new. Stopped by: the key.
    """
    province = Province(kind)
    root, former = province.answers(issuer_spki=key(kind, "former").spki)
    assert code(province.judged(province.person(), answers=(root, former))) == "EvidenceForeign"
    assert code(province.judged(province.person(), answers=province.answers())) == "valid"
