"""Whatever bytes come: a refusal or a verdict, never an exception, and never `valid` for what was changed."""

import doctest
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.ca.keys import Kind
from protocol import limits
from protocol.refusals import Refusal
from protocol.seal.trust import certificate, crl, der, judge, moment, noted, ocsp
from protocol.seal.trust.judge import Evidence
from tests.attacks.province import AT, EVERY_KIND, Province, read, trusting


def changed(raw: bytes) -> Iterator[bytes]:
    """The bytes with one bit of each in turn changed."""
    for at in range(len(raw)):
        yield raw[:at] + bytes((raw[at] ^ 1 << at % 8,)) + raw[at + 1 :]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_no_changed_byte_of_a_certificate_leaves_it_valid(kind: Kind) -> None:
    province = Province(kind)
    trusted, evidence = trusting(province.authority()), judge.read_evidence(province.crls(), ())
    person, others = province.person(), (read(province.issuing),)
    assert judge.judge(read(person), others, trusted, AT, "sign", evidence).outcome == "valid"
    for raw in changed(person):
        leaf = certificate.read(raw)
        if not isinstance(leaf, Refusal):
            assert judge.judge(leaf, others, trusted, AT, "sign", evidence).outcome != "valid"


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_no_changed_byte_of_evidence_leaves_it_counting(kind: Kind) -> None:
    province = Province(kind)
    trusted = trusting(province.authority())
    person, others = read(province.person()), (read(province.issuing),)
    (above, own), (told_above, told) = province.crls(), province.answers()
    for raw in changed(own):
        evidence = judge.read_evidence((above, raw), ())
        assert judge.judge(person, others, trusted, AT, "sign", evidence).outcome != "valid"
    for raw in changed(told):
        evidence = judge.read_evidence((), (told_above, raw))
        assert judge.judge(person, others, trusted, AT, "sign", evidence).outcome != "valid"


@given(raw=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_noise_is_refused(raw: bytes) -> None:
    assert isinstance(certificate.read_file(raw), Refusal)
    assert isinstance(crl.read(raw), Refusal)
    assert isinstance(ocsp.read(raw), Refusal)


@given(keep=st.integers(0, 699), tail=st.binary(max_size=8))
@settings(max_examples=100, deadline=None)
def test_what_is_cut_off_or_has_something_behind_it_is_refused(keep: int, tail: bytes) -> None:
    person = Province("sm2").person()
    cut = person[:keep] + tail
    if cut != person:
        assert isinstance(certificate.read(cut), Refusal)
    if tail:
        assert isinstance(certificate.read(person + tail), Refusal)


def test_files_that_are_no_certificates_are_refused_by_what_they_are() -> None:
    province = Province("ecdsa")
    wrong = {
        b"": "an empty file",
        b" \n": "an empty file",
        province.person_key.pem(): "PRIVATE KEY, no CERTIFICATE",
        b"-----BEGIN CERTIFICATE-----\nMII": "a PEM block that does not end, no CERTIFICATE",
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----": "a PEM block that is not base64",
    }
    for raw, why in wrong.items():
        found = certificate.read_file(raw)
        assert isinstance(found, Refusal)
        assert (found.code, found.detail["why"]) == ("CertificateUnreadable", why)
    for raw in (province.crls()[0], province.answers()[0], province.person_key.der, b'{"list":1}'):
        found = certificate.read_file(raw)
        assert isinstance(found, Refusal)
        assert found.code == "CertificateUnreadable"


def test_a_file_may_be_der_or_pem_with_what_goes_with_it() -> None:
    province = Province("sm2")
    person = province.person()
    assert certificate.read_file(person) == (read(person),)
    both = b"Bag attributes\n" + certificate.pem(person) + certificate.pem(province.issuing)
    assert certificate.read_file(both) == (read(person), read(province.issuing))
    assert certificate.read_file(both.replace(b"\n", b"\r\n")) == (read(person), read(province.issuing))


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    for raw, reading in (
        (b"0" * (limits.CERTIFICATE_BYTES_MAX + 1), certificate.read),
        (b"0" * (limits.CERTIFICATE_FILE_BYTES_MAX + 1), certificate.read_file),
        (b"0" * (limits.OCSP_BYTES_MAX + 1), ocsp.read),
        (b"0" * (limits.CRL_BYTES_MAX + 1), crl.read),
    ):
        found = reading(raw)
        assert isinstance(found, Refusal)
        assert found.code == "TooLarge"
    province = Province("ecdsa")
    person = read(province.person())
    verdict = judge.judge(person, (person,) * 17, trusting(province.authority()), AT, "sign", Evidence())
    assert (verdict.outcome, verdict.reason and verdict.reason.code) == ("undecided", "TooLarge")


def test_many_ways_to_a_root_are_looked_at_only_so_far() -> None:
    # Each of these may have issued each other: names alone make a thicket that is not walked whole.
    province = Province("ecdsa")
    same = province.issuing_name
    others = tuple(
        read(province.make("issuing", same, province.issuing_key, (), serial=100 + one))
        for one in range(limits.CHAIN_OFFERED_MAX)
    )
    person = read(province.person())
    verdict = judge.judge(person, others, trusting(province.authority()), AT, "sign")
    assert verdict.outcome == "invalid"


def test_der_is_read_in_its_one_form_only() -> None:
    for wrong in ("30", "3080", "308100", "30820001ff", "3001", "1f0100", "3085ffffffffff", "30020400ff"):
        with pytest.raises(der.NotDer):
            der.within(bytes.fromhex(wrong))
    with pytest.raises(der.NotDer):
        der.bits(bytes.fromhex("030204f0"))
    assert der.within(der.encode(der.SEQUENCE, b"\x05\x00" * 200))[199].raw == b"\x05\x00"


@pytest.mark.parametrize("room", [der, moment, noted])
def test_the_examples_in_the_texts_hold(room: object) -> None:
    assert doctest.testmod(room).failed == 0  # type: ignore[arg-type]
