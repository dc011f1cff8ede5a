"""Revoked certificates, and evidence that proves nothing, of each kind.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

from typing import Any

import pytest
from cryptography import x509

from ops.ca import making
from ops.ca.keys import Kind
from ops.ca.making import Withdrawn
from protocol import limits
from protocol.seal.trust.noted import Act, Noted, doubtful, may_act
from tests.attacks.province import (
    ANY_POLICY,
    AT,
    DAY,
    EVERY_KIND,
    Province,
    code,
    key,
    person_extensions,
    weak,
)

every_kind = pytest.mark.parametrize("kind", EVERY_KIND)
PERSON = 1001
"""The serial of a person's certificate here."""


@every_kind
def test_a_revoked_certificate_acts_no_more(kind: Kind) -> None:
    """Had: a stolen key. Tried: to sign after its loss was reported. Stopped by: the CA's revocation list."""
    province = Province(kind)
    person = province.person()
    crls = province.crls(Withdrawn(PERSON, AT - 1000, x509.ReasonFlags.key_compromise))
    verdict = province.judged(person, crls=crls)
    assert (code(verdict), verdict.outcome) == ("CertificateRevoked", "invalid")
    assert code(province.judged(person, crls=crls, at=AT - 2000)) == "valid"
    assert code(province.judged(person, crls=province.crls(Withdrawn(PERSON + 1, AT - 1000)))) == "valid"


@every_kind
def test_a_revoked_certificate_is_told_by_an_answer_too(kind: Kind) -> None:
    """Had: the same. Tried: to be quicker than the next list. Stopped by: the CA's answer on this one."""
    province = Province(kind)
    person = province.person()
    verdict = province.judged(person, answers=province.answers(since=AT - 1000))
    assert (code(verdict), verdict.outcome) == ("CertificateRevoked", "invalid")
    assert code(province.judged(person, answers=province.answers())) == "valid"


@every_kind
def test_one_piece_that_shows_it_revoked_outweighs_all_others(kind: Kind) -> None:
    """Had: a good answer of an hour ago.

    Tried: to show that one. Stopped by: the list that says otherwise.
    """
    province = Province(kind)
    revoked, good = province.crls(Withdrawn(PERSON, AT - 1000)), province.answers()
    assert code(province.judged(province.person(), crls=revoked, answers=good)) == "CertificateRevoked"
    assert code(province.judged(province.person(), crls=province.crls(), answers=good)) == "valid"


@every_kind
def test_a_revoked_issuing_ca_takes_all_of_its_own_with_it(kind: Kind) -> None:
    """Had: an issuing CA's key.

    Tried: to issue after that CA was revoked. Stopped by: evidence on every link.
    """
    province = Province(kind)
    root = making.revocation_list(
        province.root_name,
        province.root_key,
        (Withdrawn(2, AT - 1),),
        number=4,
        begins=AT - DAY,
        ends=AT + DAY,
    )
    _, own = province.crls()
    assert code(province.judged(province.person(), crls=(root, own))) == "CertificateRevoked"
    assert code(province.judged(province.person())) == "valid"


@every_kind
def test_without_evidence_nobody_acts(kind: Kind) -> None:
    """Had: the line to the CA, cut.

    Tried: to act by a revoked certificate meanwhile. Stopped by: fail closed.
    """
    province = Province(kind)
    _, own = province.crls()
    root, _ = province.crls()
    for purpose in ("sign-in", "sign", "view"):
        verdict = province.judged(province.person(), crls=(), purpose=purpose)
        assert (code(verdict), verdict.outcome) == ("RevocationUnknown", "undecided")
    # On one of the two links alone it is not enough either.
    for part in (own, root):
        assert province.judged(province.person(), crls=(part,)).outcome == "undecided"
    assert code(province.judged(province.person(), crls=(root, own))) == "valid"


@every_kind
def test_a_list_that_ran_out_proves_nothing_for_an_act(kind: Kind) -> None:
    """Had: last week's list.

    Tried: to show it after the revocation. Stopped by: its end; viewing has some grace.
    """
    province = Province(kind)
    person, crls = province.person(), province.crls(ends=AT - 1000)
    verdict = province.judged(person, crls=crls)
    assert (code(verdict), verdict.outcome) == ("EvidenceStale", "undecided")
    assert code(province.judged(person, crls=crls, purpose="view")) == "valid"
    over = AT - 1000 - limits.VIEWING_GRACE_MS
    late = province.crls(ends=over, begins=over - DAY)
    assert code(province.judged(person, crls=late, purpose="view")) == "EvidenceStale"
    assert code(province.judged(person, crls=crls, at=AT - 2000)) == "valid"


@every_kind
def test_a_list_by_another_issuer_says_nothing(kind: Kind) -> None:
    """Had: another CA's fresh list, in which the certificate is not.

    Tried: to pass it off. Stopped by: whose it is.
    """
    province, other = Province(kind), Province(kind, "jiangsu-ca")
    root, own = province.crls()
    _, foreign = other.crls()
    verdict = province.judged(province.person(), crls=(root, foreign))
    assert (code(verdict), verdict.outcome) == ("EvidenceForeign", "undecided")
    assert code(province.judged(province.person(), crls=(root, foreign, own))) == "valid"


@every_kind
def test_a_list_in_the_issuers_name_by_another_key_is_forged(kind: Kind) -> None:
    """Had: the issuer's name.

    Tried: a list of its own under it. Stopped by: the key identifier, then the key.
    """
    province, thief = Province(kind), key(kind, "thief")
    root, named = province.crls(signer=thief)
    assert code(province.judged(province.person(), crls=(root, named))) == "EvidenceForeign"

    class Posing:
        """Signs with its own key and says that it is the issuer's."""

        spki = province.issuing_key.spki
        identifier = thief.identifier

        def sign(self, message: bytes) -> bytes:
            return thief.sign(message)

    root, posed = province.crls(signer=Posing())
    assert code(province.judged(province.person(), crls=(root, posed))) == "EvidenceForged"
    assert code(province.judged(province.person())) == "valid"


@every_kind
def test_a_list_with_a_weak_hash_does_not_count(kind: Kind) -> None:
    """Had: a collision of SHA-1. Tried: a list signed with it. Stopped by: the allow-list on lists, too."""
    province = Province(kind)
    verdict = province.judged(province.person(), crls=province.crls(signer=weak(province.issuing_key)))
    assert (code(verdict), verdict.outcome) == ("EvidenceWeak", "undecided")
    assert code(province.judged(province.person())) == "valid"


@every_kind
def test_a_ca_that_may_not_sign_lists_has_signed_none(kind: Kind) -> None:
    """Had: an issuing CA without the right to sign lists. Tried: a list by it. Stopped by: its key usage."""
    province = Province(kind)
    bare = (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (making.usage("key_cert_sign"), True),
        ANY_POLICY,
    )
    issuing = province.make("root", province.issuing_name, province.issuing_key, bare, serial=2)
    assert code(province.judged(province.person(), others=(issuing,))) == "EvidenceForged"
    assert code(province.judged(province.person())) == "valid"


PARTIAL: dict[str, tuple[Any, bool]] = {
    "of CAs alone": (x509.IssuingDistributionPoint(None, None, False, True, None, False, False), True),
    "of some reasons": (
        x509.IssuingDistributionPoint(
            None, None, False, False, frozenset({x509.ReasonFlags.key_compromise}), False, False
        ),
        True,
    ),
    "indirect": (x509.IssuingDistributionPoint(None, None, False, False, None, True, False), True),
    "of a part that the certificate is not in": (
        x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier("http://127.0.0.1/part-2")],
            None,
            False,
            False,
            None,
            False,
            False,
        ),
        True,
    ),
    "of changes": (x509.DeltaCRLIndicator(6), True),
    "limited in a way unknown here": (
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
        True,
    ),
}


@pytest.mark.parametrize("part", PARTIAL)
@every_kind
def test_a_list_of_a_part_does_not_speak_for_the_whole(kind: Kind, part: str) -> None:
    """Had: a true list in which the certificate is not, since it is another list's. Tried: to show that one.

    Stopped by: a list counts only for what it says it covers.
    """
    province = Province(kind)
    verdict = province.judged(province.person(), crls=province.crls(extensions=(PARTIAL[part],)))
    assert (code(verdict), verdict.outcome) == ("EvidencePartial", "undecided")
    whole = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    crls = province.crls(extensions=((whole, True),))
    assert code(province.judged(province.person(), crls=crls)) == "valid"


def test_a_list_of_a_part_speaks_for_certificates_that_name_that_part() -> None:
    province = Province("ecdsa")
    address = [x509.UniformResourceIdentifier("http://127.0.0.1/part-2")]
    point = x509.CRLDistributionPoints([x509.DistributionPoint(address, None, None, None)])
    part = x509.IssuingDistributionPoint(address, None, False, False, None, False, False)
    person = province.person(person_extensions(more=((point, False),)))
    assert code(province.judged(person, crls=province.crls(extensions=((part, True),)))) == "valid"


@every_kind
def test_garbage_as_evidence_decides_nothing(kind: Kind) -> None:
    """Had: whoever hands in the evidence.

    Tried: noise, or another file. Stopped by: it is refused, not passed over.
    """
    province = Province(kind)
    for garbage in (b"", b"\x30\x03\x02\x01\x00", province.root, b"-----BEGIN X509 CRL-----"):
        verdict = province.judged(province.person(), crls=(garbage,))
        assert (code(verdict), verdict.outcome) == ("EvidenceUnreadable", "undecided")
        verdict = province.judged(province.person(), answers=(garbage,))
        assert (code(verdict), verdict.outcome) == ("EvidenceUnreadable", "undecided")
    assert code(province.judged(province.person(), crls=(b"", *province.crls()))) == "valid"


@every_kind
def test_a_later_list_speaks_for_an_earlier_moment_unless_the_certificate_had_run_out(kind: Kind) -> None:
    """Had: a certificate that was revoked, and ran out since.

    Tried: today's list, which leaves it out by now. Stopped by: a list from after a certificate's end says
    nothing of it. Control: one from before that.
    """
    province = Province(kind)
    person = province.person(ends=AT - 10 * DAY)
    then = AT - 20 * DAY
    good = {"begins": AT - 11 * DAY, "ends": AT}
    root, late = province.crls()
    _, early = province.crls(**good)
    root = making.revocation_list(province.root_name, province.root_key, (), number=1, begins=then, ends=AT)
    assert code(province.judged(person, crls=(root, late), at=then)) == "EvidenceStale"
    assert code(province.judged(person, crls=(root, early), at=then)) == "valid"


@every_kind
def test_a_key_that_was_unsafe_earlier_counts_as_revoked_from_then(kind: Kind) -> None:
    """Had: a key stolen on Monday, reported on Wednesday.

    Tried: to date an act to Tuesday. Stopped by: since when.
    """
    province = Province(kind)
    crls = province.crls(Withdrawn(PERSON, AT - DAY, unsafe_since=AT - 3 * DAY))
    person = province.person()
    assert code(province.judged(person, crls=crls, at=AT - 2 * DAY)) == "CertificateRevoked"
    assert code(province.judged(person, crls=crls, at=AT - 3 * DAY - 1000)) == "valid"


@every_kind
def test_a_verdict_says_until_when_it_may_be_used(kind: Kind) -> None:
    province = Province(kind)
    assert province.judged(province.person()).until == AT + DAY
    soon = province.person(ends=AT + 5000)
    assert province.judged(soon).until == AT + 5001
    assert province.judged(province.person(), answers=province.answers()).until == AT + 3_600_000


def test_a_revocation_acts_from_its_seq_and_names_what_is_doubtful() -> None:
    """Had: a key stolen at ten, known to the session at `seq` 40. Tried: acts before and after that.

    Stopped by: from 40 on nothing stands; what stood before it and was done after ten is named to people.
    """
    mine, other = b"m" * 32, b"o" * 32
    known = (Noted(mine, 40, 10_000), Noted(mine, 55, 9_000))
    assert may_act(known, mine, 39) is None
    assert may_act(known, other, 99) is None
    for seq in (40, 41, 99):
        refusal = may_act(known, mine, seq)
        assert refusal is not None
        assert refusal.code == "CertificateRevoked"
    acts = (
        Act(mine, 39, 10_500),
        Act(mine, 20, 9_500),
        Act(mine, 10, 8_000),
        Act(other, 30, 10_500),
    )
    assert doubtful(known, acts) == (Act(mine, 20, 9_500), Act(mine, 39, 10_500))
    assert doubtful(known[:1], (Act(mine, 30, 10_000), Act(mine, 31, 9_999))) == (Act(mine, 30, 10_000),)
    assert doubtful(known[:1], acts) == (Act(mine, 39, 10_500),)
    assert doubtful((), acts) == ()
