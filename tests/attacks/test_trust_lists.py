"""Trust lists that must not be followed.

Each says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ops.ca import keys
from ops.ca.keys import ALGORITHM, Key, Kind
from protocol import limits
from protocol.refusals import Refusal
from protocol.seal import signing
from protocol.seal.trust import algorithms, der, trust_list
from protocol.seal.trust.trust_list import ListSignature, SignedList, Signers, Trusted, TrustList
from tests.attacks.province import (
    AT,
    DAY,
    OTHER_SIGNER,
    SIGNER,
    Province,
    code,
    listed,
    signed,
    trusting,
)


@pytest.fixture(scope="module")
def province() -> Province:
    return Province("ecdsa")


def held(province: Province, version: int = 2) -> Trusted:
    return trusting(province.authority(), version=version)


def test_an_older_list_is_refused_by_whoever_has_seen_a_newer(province: Province) -> None:
    """Had: version 1, well signed, in which a CA still counts that was struck off since.

    Tried: to have it used again. Stopped by: a node that has seen version 2 goes not back; forward it does.
    """
    own = held(province)
    older = signed(listed(province.authority(), version=1))
    newer = signed(listed(province.authority(), version=3))
    assert code(trust_list.follow(own, older)) == "TrustListOlder"
    followed = trust_list.follow(own, newer)
    assert isinstance(followed, Trusted)
    assert followed.list.version == 3
    assert code(trust_list.follow(followed, signed(own.list))) == "TrustListOlder"


def test_the_same_list_again_is_no_news(province: Province) -> None:
    own = held(province)
    assert trust_list.follow(own, signed(own.list)) is own


def test_two_lists_of_one_version_are_an_alarm(province: Province) -> None:
    """Had: the signer's key. Tried: another list of the same version for one node. Stopped by: the digest."""
    own = held(province)
    other = signed(listed(province.authority(name="别的"), version=2))
    assert code(trust_list.follow(own, other)) == "TrustListForked"
    assert trust_list.follow(own, signed(own.list)) is own


def test_a_list_signed_by_another_is_refused(province: Province) -> None:
    """Had: keys of its own. Tried: a newer list that names and is signed by them.

    Stopped by: only those hand on whom the held list names. Control: they name another, and that one counts.
    """
    own = held(province)
    usurped = signed(listed(province.authority(), version=3, signer=OTHER_SIGNER), OTHER_SIGNER)
    assert code(trust_list.read(usurped)) == "valid"
    assert code(trust_list.follow(own, usurped)) == "TrustListForeign"
    handed_on = signed(listed(province.authority(), version=3, signer=OTHER_SIGNER), SIGNER, OTHER_SIGNER)
    followed = trust_list.follow(own, handed_on)
    assert isinstance(followed, Trusted)
    after = signed(listed(province.authority(), version=4, signer=OTHER_SIGNER), OTHER_SIGNER)
    assert code(trust_list.follow(followed, after)) == "valid"


def test_a_list_without_enough_signatures_is_refused(province: Province) -> None:
    """Had: one signer's key of two.

    Tried: a list by one alone, or by one twice. Stopped by: how many are needed.
    """
    two = Signers((signing.public_text(SIGNER), signing.public_text(OTHER_SIGNER)), 2)
    said = listed(province.authority(), signers=two)
    for short in (signed(said), signed(said, SIGNER, SIGNER), signed(said, OTHER_SIGNER)):
        assert code(trust_list.read(short)) == "TrustListUnsigned"
    assert code(trust_list.read(signed(said, SIGNER, OTHER_SIGNER))) == "valid"


def test_a_changed_list_is_refused(province: Province) -> None:
    """Had: a signed list. Tried: an authority more under the same signatures. Stopped by: what is signed."""
    small = trust_list.read(signed(listed()))
    assert isinstance(small, Trusted)
    signature = ListSignature(
        signing.public_text(SIGNER), signing.sign(SIGNER, trust_list.signed_bytes(small.list))
    )
    grown = trust_list.encode(SignedList(listed(province.authority()), (signature,)))
    assert code(trust_list.read(grown)) == "TrustListUnsigned"
    assert code(trust_list.read(trust_list.encode(SignedList(small.list, (signature,))))) == "valid"


def test_a_reader_who_knows_the_signers_takes_no_others_word(province: Province) -> None:
    """Had: a list of its own making, whole and signed.

    Tried: to be a newcomer's first. Stopped by: pinned keys.
    """
    own = signed(listed(province.authority(), signer=OTHER_SIGNER), OTHER_SIGNER)
    pinned = Signers((signing.public_text(SIGNER),), 1)
    assert code(trust_list.read(own, pinned)) == "TrustListForeign"
    assert code(trust_list.read(signed(listed(province.authority())), pinned)) == "valid"


def test_a_list_of_another_alliance_is_not_followed(province: Province) -> None:
    """Had: another alliance's list by the same signer. Tried: to have it followed. Stopped by: its name."""
    other = signed(listed(province.authority(), version=9, alliance="pearl-river"))
    assert code(trust_list.follow(held(province), other)) == "TrustListForeign"


def test_a_newer_version_is_not_older_than_what_it_follows(province: Province) -> None:
    """Had: a signer's clock, set back.

    Tried: a higher version from before the one in use. Stopped by: its date.
    """
    own = held(province)
    back = signed(listed(province.authority(), version=3, issued_at=AT - DAY - 1))
    assert code(trust_list.follow(own, back)) == "TrustListForeign"
    assert code(trust_list.follow(own, signed(listed(province.authority(), version=3)))) == "valid"


def test_a_list_that_ran_out_decides_nothing(province: Province) -> None:
    """Had: a line cut for months. Tried: to go on with an old list. Stopped by: its end."""
    trusted = trusting(province.authority(), next_by=AT)
    verdict = province.judged(province.person(), trusted=trusted)
    assert (code(verdict), verdict.outcome) == ("TrustListStale", "undecided")
    assert code(province.judged(province.person(), trusted=trusted, at=AT - 1)) == "valid"


def malformed(province: Province) -> dict[str, bytes]:
    """Lists that are signed as they stand and wrong in themselves, or are no list at all."""
    own = province.authority()
    key = signing.public_text(SIGNER)
    good = signed(listed(own))
    return {
        "nothing": b"",
        "not JSON": b"\x30\x82",
        "not canonical": good.replace(b'{"list"', b'{ "list"'),
        "a field more": good.replace(b'{"list"', b'{"l":1,"list"'),
        "twice one id": signed(listed(own, own)),
        "out of order": signed(listed(Province("ecdsa", "b-ca").authority(), own)),
        "a root that is none": signed(listed(province.authority(roots=(b"\x30\x00",)))),
        "a root twice": signed(listed(province.authority(roots=(province.root, province.root)))),
        "an end before its beginning": signed(listed(province.authority(valid_until=AT - 400 * DAY))),
        "ended when made": signed(listed(own, next_by=AT - 2 * DAY)),
        "a signer twice": signed(listed(own, signers=Signers((key, key), 1))),
        "more than there are": signed(listed(own, signers=Signers((key,), 2))),
        "a signer's key that is none": signed(listed(own, signers=Signers((key, "ed25519:AAAA"), 1))),
        "algorithms out of order": signed(
            listed(province.authority(algorithms=("ecdsa-p256-sha256", "rsa-sha256")))
        ),
        "an unknown algorithm": good.replace(b"ecdsa-p256-sha256", b"ecdsa-p192-sha001"),
        "an address of a file": good.replace(b"http://127.0.0.1/crl", b"file:/127.0.0.1/crl1"),
    }


def test_a_list_that_is_wrong_in_itself_is_refused_and_says_why(province: Province) -> None:
    for what, raw in malformed(province).items():
        found = trust_list.read(raw)
        assert isinstance(found, Refusal), what
        assert found.code == "TrustListMalformed", what
        assert found.detail["why"], what


def test_a_list_that_is_too_large_is_not_even_read() -> None:
    assert code(trust_list.read(b"[" * (limits.TRUST_LIST_BYTES_MAX + 1))) == "TrustListMalformed"


def signer(kind: Kind) -> tuple[str, Key]:
    """A signer of a kind that authorities have, as a list names it."""
    made = keys.make(kind, keys.PERSON_RSA_BITS)
    return f"{ALGORITHM[kind]}:{base64.b64encode(made.spki).decode()}", made


def signature(what: TrustList, name: str, by: Key, algorithm: str = "") -> ListSignature:
    made = base64.b64encode(by.sign(trust_list.signed_bytes(what))).decode()
    return ListSignature(name, f"{algorithm or ALGORITHM[by.kind]}:{made}")


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_signer_of_any_kind_signs_by_its_own_algorithm_alone(province: Province, kind: Kind) -> None:
    """Had: a list that a province signs with the keys it has, SM2 among them. Tried: another's signature.

    Stopped by: the signature is the named key's, by the algorithm that stands before the key.
    """
    name, by = signer(kind)
    what = listed(province.authority(), version=3, signers=Signers((name,), 1))
    good = SignedList(what, (signature(what, name, by),))
    assert code(trust_list.read(trust_list.encode(good))) == "valid"
    _, another = signer(kind)
    for wrong in (
        signature(what, name, another),
        signature(what, name, by, "rsa-pss-sha256"),
        signature(what, name, by, "sm2-sm4"),
        signature(listed(version=4, signers=what.signers), name, by),
    ):
        bad = SignedList(what, (wrong,))
        assert code(trust_list.read(trust_list.encode(bad))) == "TrustListUnsigned"


def test_a_key_in_a_second_spelling_is_no_second_signer(province: Province) -> None:
    """Had: one of two signers' keys. Tried: to count twice, the same point written in its short form.

    Stopped by: a key has one spelling. Control: two keys of two kinds are two signers.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat
    long = private.public_key().public_bytes(encoding, form.UncompressedPoint)
    short = private.public_key().public_bytes(encoding, form.CompressedPoint)
    identifier = algorithms.KEY_IDENTIFIERS["p256"]
    names = [
        "ecdsa-p256-sha256:"
        + base64.b64encode(der.encode(0x30, identifier + der.encode(0x03, b"\0" + point))).decode()
        for point in (long, short)
    ]
    assert algorithms.tagged_key(names[0]) is not None
    assert algorithms.tagged_key(names[1]) is None
    twice = listed(province.authority(), signers=Signers(tuple(names), 2))
    assert code(trust_list.read(trust_list.encode(SignedList(twice, ())))) == "TrustListMalformed"
    (first, one), (second, two) = signer("sm2"), signer("ecdsa")
    both = listed(province.authority(), signers=Signers((first, second), 2))
    alone = (signature(both, first, one),)
    assert code(trust_list.read(trust_list.encode(SignedList(both, alone)))) == "TrustListUnsigned"
    signed_by_both = SignedList(both, (*alone, signature(both, second, two)))
    assert code(trust_list.read(trust_list.encode(signed_by_both))) == "valid"
