"""Statements by certificate that must not be believed: signing in, and a seat's delegation.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import base64
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ops.ca.keys import ALGORITHM, Kind
from ops.ca.making import Withdrawn
from protocol import limits
from protocol.seal import signing
from protocol.seal.trust import judge, spoken
from protocol.seal.trust.noted import Noted
from protocol.seal.trust.spoken import (
    Challenge,
    SignedDelegation,
)
from tests.attacks.person import CHALLENGE, SEAT_KEY, Person
from tests.attacks.province import (
    AT,
    DAY,
    EVERY_KIND,
    OTHER_SIGNER,
    key,
    person_extensions,
    private,
    trusting,
)

every_kind = pytest.mark.parametrize("kind", EVERY_KIND)
GOOD = "CN anhui-ca"


@every_kind
def test_whoever_holds_the_certificates_key_signs_in_and_nobody_else(kind: Kind) -> None:
    """Had: somebody's certificate, which is public.

    Tried: to sign in by it. Stopped by: the key is not theirs.
    """
    person = Person(kind)
    assert person.entering(person.signed_in(by=key(kind, "thief"))) == "StatementForged"
    assert person.entering(person.signed_in()) == GOOD


@every_kind
def test_an_assertion_is_not_used_a_second_time_elsewhere_or_later(kind: Kind) -> None:
    """Had: a sign-in that was overheard. Tried: to replay it to another challenge, or a minute later.

    Stopped by: nonce, audience and time are signed or known to whoever challenged.
    """
    person = Person(kind)
    overheard = person.signed_in()
    assert person.entering(overheard, challenge=Challenge(b"\x08" * 32, AT)) == "StatementMismatch nonce"
    assert person.entering(overheard, at=CHALLENGE.issued_at + limits.CHALLENGE_MS) == "ChallengeStale"
    assert person.entering(overheard, at=CHALLENGE.issued_at - 1) == "ChallengeStale"
    assert person.entering(overheard, at=CHALLENGE.issued_at + limits.CHALLENGE_MS - 1) == GOOD


@every_kind
def test_a_relayed_challenge_is_signed_for_the_place_that_the_person_sees(kind: Kind) -> None:
    """Had: a page of its own that passes on a true challenge. Tried: to use what is signed there.

    Stopped by: what is signed names the origin at which the person is.
    """
    person = Person(kind)
    relayed = person.signed_in(audience="https://hefei.examp1e")
    assert person.entering(relayed) == "StatementMismatch audience"
    assert person.entering(person.signed_in()) == GOOD


@every_kind
def test_a_certificate_that_does_not_count_speaks_for_nobody(kind: Kind) -> None:
    """Had: a revoked certificate, its key, or one to be sealed to. Tried: to sign in, to delegate.

    Stopped by: the certificate is judged, for that purpose, at that moment.
    """
    person = Person(kind)
    good = person.signed_in(), person.delegated()
    person.evidence = judge.read_evidence(person.province.crls(Withdrawn(1001, AT - 1)), ())
    assert person.entering(good[0]) == "CertificateRevoked"
    assert person.handing(good[1]) == "CertificateRevoked"
    person.evidence = judge.read_evidence((), ())
    assert person.entering(good[0]) == "RevocationUnknown"
    person = Person(kind)
    person.certificate = person.province.person(person_extensions("key_encipherment"))
    assert person.entering(person.signed_in()) == "WrongPurpose"
    assert person.handing(person.delegated()) == "WrongPurpose"
    whole = Person(kind)
    assert whole.handing(whole.delegated()) == GOOD


@every_kind
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seat", "M3"),
        ("session", "S-2"),
        ("role", "witness"),
        ("key", signing.public_text(OTHER_SIGNER)),
        ("until", AT + 2 * DAY),
        ("nonce", b"\x09" * 32),
    ],
)
def test_a_delegation_is_for_the_seat_the_session_and_the_key_that_were_shown(
    kind: Kind, field: str, value: Any
) -> None:
    """Had: a delegation that was signed for another seat, session, role, key, time or challenge.

    Tried: to use it here. Stopped by: each of them is signed and compared.
    """
    person = Person(kind)
    assert person.handing(person.delegated(**{field: value})) == f"StatementMismatch {field}"
    assert person.handing(person.delegated()) == GOOD


@every_kind
def test_a_changed_delegation_is_not_what_was_signed(kind: Kind) -> None:
    """Had: a delegation to one key.

    Tried: to put another key in, on both sides. Stopped by: the signature.
    """
    person = Person(kind)
    signed = person.delegated()
    other = signing.public_text(OTHER_SIGNER)
    changed = msgspec.structs.replace(signed, statement=msgspec.structs.replace(signed.statement, key=other))
    assert person.handing(changed, key=other) == "StatementForged"
    assert person.handing(person.delegated(key=other), key=other) == GOOD


@every_kind
def test_a_sign_in_is_no_delegation_and_another_certificate_is_not_this_one(kind: Kind) -> None:
    """Had: what a person signed for one end. Tried: to use it for another, or under a second certificate.

    Stopped by: the tag of each statement, and the certificate's digest in it.
    """
    person = Person(kind)
    statement = person.wanted()
    untagged = person.province.person_key.sign(msgspec.json.encode(statement, order="sorted"))
    signed = SignedDelegation(
        statement=statement,
        certificate=person.certificate,
        others=(person.province.issuing,),
        sig=f"{ALGORITHM[kind]}:{base64.b64encode(untagged).decode()}",
    )
    assert person.handing(signed) == "StatementForged"
    second = msgspec.structs.replace(person.delegated(), certificate=person.province.person(serial=2002))
    assert person.handing(second) == "StatementMismatch certificate"
    assert person.handing(person.delegated()) == GOOD


@every_kind
def test_a_signature_of_an_algorithm_that_its_authority_is_not_allowed_does_not_count(kind: Kind) -> None:
    """Had: a good key. Tried: to name another algorithm, or none. Stopped by: what the list allows."""
    person = Person(kind)
    good = person.delegated()
    _, _, raw = good.sig.partition(":")
    wrong: Kind = "ecdsa" if kind == "rsa" else "rsa"
    for tag in (ALGORITHM[wrong], "rsa-sha1", "ed25519", "rsa-sha512" if kind == "rsa" else "rsa-sha256"):
        assert person.handing(msgspec.structs.replace(good, sig=f"{tag}:{raw}")) == "StatementForged"
    assert person.handing(msgspec.structs.replace(good, sig=f"{ALGORITHM[kind]}:")) == "StatementForged"
    assert person.handing(good) == GOOD


def test_a_delegation_has_an_end_and_a_bound() -> None:
    person = Person("ecdsa")
    for until in (AT, AT - 1, AT + limits.DELEGATION_MS_MAX + 1):
        assert person.handing(person.delegated(until=until), until=until) == "DelegationTooLong"
    last = AT + limits.DELEGATION_MS_MAX
    assert person.handing(person.delegated(until=last), until=last) == GOOD
    assert person.handing(person.delegated(key="ed25519:AAAA"), key="ed25519:AAAA") == "StatementMismatch key"


def test_garbage_in_place_of_a_certificate_is_refused() -> None:
    person = Person("sm2")
    good = person.delegated()
    for wrong in ({"certificate": b"\x30\x00"}, {"others": (b"\x30\x00",)}):
        assert person.handing(msgspec.structs.replace(good, **wrong)) == "CertificateUnreadable"


def test_a_seats_key_speaks_while_it_is_delegated_and_not_revoked() -> None:
    """Had: a seat's machine after its expert has gone, or whose certificate was revoked at `seq` 40.

    Tried: to go on acting. Stopped by: the delegation's end, and the revocation's `seq`.
    """
    said = Person("ecdsa").wanted()
    revoked = (Noted(said.certificate, 40, AT),)

    def spoke(key: str, at: int, seq: int) -> str:
        found = spoken.may_speak(said, key, at, revoked, seq)
        return found.code if found is not None else ""

    assert spoke(SEAT_KEY, AT + DAY - 1, 39) == ""
    assert spoke(SEAT_KEY, AT + DAY, 39) == "DelegationEnded"
    assert spoke(SEAT_KEY, AT, 40) == "CertificateRevoked"
    assert spoke(signing.public_text(OTHER_SIGNER), AT, 1) == "StatementMismatch"


def test_a_true_signature_by_an_algorithm_that_the_list_leaves_out_does_not_count() -> None:
    """Had: a good RSA key. Tried: a true signature with SHA-512 where the list allows SHA-256 alone.

    Stopped by: what the list allows this authority holds for what its people sign, too.
    """
    person = Person("rsa")
    good = person.delegated()
    made = private(person.province.person_key).sign(
        spoken.signed_bytes(good.statement), padding.PKCS1v15(), hashes.SHA512()
    )
    other = msgspec.structs.replace(good, sig=f"rsa-sha512:{base64.b64encode(made).decode()}")
    assert person.handing(other) == "StatementForged"
    allowed = trusting(person.province.authority(algorithms=("rsa-sha256", "rsa-sha512")))
    person.trusted = allowed
    assert person.handing(other) == GOOD
