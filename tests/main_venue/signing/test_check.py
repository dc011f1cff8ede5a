"""What a check finds of a signed report: all well, and each thing that somebody might do to it."""

from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic

from main_venue.signing import check, prepared, revision
from main_venue.signing.check import Checked, Expected
from main_venue.signing.findings import TEXTS, WEIGHTS
from main_venue.signing.prepared import Attached
from main_venue.signing.revision import Revision
from main_venue.signing.statement import Statement
from ops.ca import alliance
from protocol.seal.trust import judge
from tests.main_venue.signing import signing_house
from tests.main_venue.signing.signing_house import FIELDS, House

ALL = [one.name for one in FIELDS]


def told(found: Checked) -> set[tuple[str, str]]:
    return {(one.code, one.of) for one in found.findings}


def codes(found: Checked) -> set[str]:
    return {one.code for one in found.findings}


def test_a_report_signed_by_all_is_valid_and_says_by_whom_and_when(
    house: House, signed_by_all: bytes
) -> None:
    found = check.check(signed_by_all, house.trusted)
    assert (found.outcome, found.findings) == ("valid", ())
    assert [one.field for one in found.signatures] == ALL
    assert found.prepared == prepared.digest(house.prepared)
    assert {one.authority for one in found.signatures} == {"anhui", "jiangsu"}
    assert {one.stamp_authority for one in found.signatures} == {"jiangsu"}
    assert all(house.now_ms - 1000 <= one.at_ms for one in found.signatures)
    assert [one.fingerprint for one in found.signatures] == [
        house.signers[name].own.fingerprint for name in ALL
    ]


def test_no_signature_breaks_an_earlier_one(house: House, signed_by_all: bytes) -> None:
    reader = revision.read(signed_by_all)
    for signature in reader.embedded_regular_signatures:
        signature.compute_integrity_info()
        assert signature.docmdp_level is not None or signature.field_name != ALL[0]
        assert not (signature.diff_result is None and signature.coverage.value < 3)
    assert check.check(signed_by_all, house.trusted).outcome == "valid"


@pytest.mark.parametrize("where", ["report", "annex", "signature", "later"])
def test_a_changed_byte_is_found(house: House, signed_by_all: bytes, where: str) -> None:
    report = prepared.manifest_of(revision.read(house.prepared)).report.bytes
    at = {
        "report": report // 3,
        "annex": signed_by_all.index(b"/EmbeddedFile", report) + 400,
        "signature": signed_by_all.index(b"/Contents <", report) + 400,
        "later": signed_by_all.rindex(b"/Reason") + 12,
    }[where]
    changed = bytearray(signed_by_all)
    changed[at] ^= 1
    found = check.check(bytes(changed), house.trusted)
    assert found.outcome != "valid"
    assert codes(found) & {"ReportChanged", "SignatureBroken", "ReportUnreadable", "AnnexSwapped"}


def test_a_removed_signature_is_found(house: House, signed_by_all: bytes) -> None:
    reader = revision.read(signed_by_all)
    last = reader.embedded_regular_signatures[-1].signed_revision
    without_last = signed_by_all[: revision.ends_at(signed_by_all, reader, last - 1)]
    assert told(check.check(without_last, house.trusted)) == {("SignatureMissing", "witness-w1")}
    none = check.check(house.prepared, house.trusted)
    assert told(none) == {("SignatureMissing", name) for name in ALL}
    assert none.outcome == "invalid"


def test_a_signature_taken_out_of_the_middle_is_found(house: House, signed_by_all: bytes) -> None:
    writer = Revision(signed_by_all)
    field = writer.root["/AcroForm"]["/Fields"][2]
    del field["/V"]
    writer.update_container(field)
    found = check.check(writer.appended(), house.trusted)
    assert ("SignatureMissing", "member-e3") in told(found)
    assert "ReportExtended" in codes(found)


def swapped_later(pdf: bytes) -> bytes:
    """The annex's stream replaced by a revision behind all signatures."""
    writer = Revision(pdf)
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"].raw_get("/F")
    writer.objects[(stream.generation, stream.idnum)] = generic.StreamObject(
        {generic.pdf_name("/Type"): generic.pdf_name("/EmbeddedFile")}, stream_data=b"%PDF-another"
    )
    return writer.appended()


def rewritten(pdf: bytes) -> bytes:
    """A page's text overlaid by a revision behind all signatures."""
    writer = Revision(pdf)
    writer.root["/Pages"]["/Kids"][0]["/Rotate"] = generic.NumberObject(90)
    writer.update_container(writer.root["/Pages"]["/Kids"][0])
    return writer.appended()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (swapped_later, "AnnexSwapped"),
        (rewritten, "ReportExtended"),
        (lambda pdf: pdf + b"\n%", "ReportExtended"),
    ],
)
def test_what_is_added_behind_the_signatures_is_found(
    house: House, signed_by_all: bytes, change: Callable[[bytes], bytes], code: str
) -> None:
    found = check.check(change(signed_by_all), house.trusted)
    assert found.outcome == "invalid"
    assert code in codes(found)


def test_a_page_turned_by_the_revision_that_brings_the_places_is_found_though_all_signed_it(
    house: House,
) -> None:
    """Whoever prepares the report could show everybody another one: the file in front is as it was."""
    manifest = prepared.manifest_of(revision.read(house.prepared))
    bare = house.prepared[: manifest.report.bytes]
    at_ms = manifest.at
    turned = prepared.prepare(bare, FIELDS, (Attached("dissent-e3.pdf", house.annex),), at_ms)
    writer = Revision(turned)
    writer.root["/Pages"]["/Kids"][0]["/Rotate"] = generic.NumberObject(90)
    writer.update_container(writer.root["/Pages"]["/Kids"][0])
    pdf = house.sign(writer.appended(), *((one.name, Statement(one.role)) for one in FIELDS))
    found = check.check(pdf, house.trusted)
    assert (found.outcome, codes(found)) == ("invalid", {"ReportChanged"})


def test_another_annex_prepared_and_signed_is_not_the_sessions_report(house: House) -> None:
    manifest = prepared.manifest_of(revision.read(house.prepared))
    bare = house.prepared[: manifest.report.bytes]
    other = prepared.prepare(bare, FIELDS, (Attached("dissent-e3.pdf", bare + b"\n"),), manifest.at)
    expected = Expected(prepared=prepared.digest(house.prepared))
    assert "ReportForeign" in codes(check.check(other, house.trusted, expected))
    assert "ReportForeign" not in codes(check.check(house.prepared, house.trusted, expected))


def test_who_neither_signs_nor_gives_reasons_is_deemed_to_agree_by_the_witness_or_the_record(
    house: House,
) -> None:
    signing = [one for one in FIELDS if one.seat not in {"e2", "e4", "w1"}]
    own = bytes(range(32))
    pdf = house.sign(
        house.prepared,
        *((one.name, Statement("member", dissent=own if one.seat == "e3" else b"")) for one in signing),
    )
    missing = check.check(pdf, house.trusted)
    assert {("SignatureMissing", "member-e2"), ("SignatureMissing", "member-e4")} < told(missing)
    by_record = Expected(deemed=frozenset({"e2"}), dissented=frozenset({"e4"}))
    assert told(check.check(pdf, house.trusted, by_record)) == {
        ("DeemedAgreed", "member-e2"),
        ("DissentedUnsigned", "member-e4"),
        ("SignatureMissing", "witness-w1"),
        ("DissentSigned", "member-e3"),
    }
    witnessed = house.sign(pdf, ("witness-w1", Statement("witness", deemed=("e2",), dissented=("e4",))))
    found = check.check(witnessed, house.trusted)
    assert found.outcome == "valid"
    assert told(found) == {
        ("DeemedAgreed", "member-e2"),
        ("DissentedUnsigned", "member-e4"),
        ("DissentSigned", "member-e3"),
    }
    assert found.signatures[2 - 1].statement.dissent == own


def test_a_member_cannot_account_for_another(house: House) -> None:
    pdf = house.sign(house.prepared, ("member-e1", Statement("member", deemed=("e2", "e3"))))
    assert {("SignatureMissing", "member-e2"), ("SignatureMissing", "member-e3")} < told(
        check.check(pdf, house.trusted)
    )


def test_a_certificate_in_another_name_or_of_nobodys_authority_is_found(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = signing_house.person(alliance.named(house.folder, "jiangsu"), "陌生人", house.now_ms)
    pdf = house.sign(house.prepared, ("member-e1", Statement("member")), signers={"member-e1": stranger})
    assert ("SignerAnother", "member-e1") in told(check.check(pdf, house.trusted))
    foreign = tmp_path_factory.mktemp("foreign") / "ca"
    alliance.make(foreign, house.now_ms)
    found = check.check(
        house.sign(house.prepared, ("member-e1", Statement("member"))), signing_house.trusted(foreign)
    )
    assert {("SignerNotTrusted", "member-e1"), ("StampNotTrusted", "member-e1")} <= told(found)


def test_a_certificate_revoked_before_the_time_stamp_does_not_count_and_one_revoked_later_does(
    house: House, signed_by_all: bytes
) -> None:
    by = alliance.named(house.folder, "jiangsu")
    at_ms = check.check(signed_by_all, house.trusted).signatures[1].at_ms
    serial = house.signers["member-e2"].own.serial
    for since, outcome in ((at_ms - 60_000, "invalid"), (at_ms + 60_000, "valid")):
        by.book.revoked.clear()
        by.revoke(serial, since, "key-compromise")
        lists = by.write_lists(at_ms + 120_000)
        evidence = judge.read_evidence(tuple(one.read_bytes() for one in lists), ())
        found = check.check(signed_by_all, house.trusted, None, evidence)
        assert found.outcome == outcome, found.findings
        assert (("SignerNotTrusted", "member-e2") in told(found)) is (outcome == "invalid")
    by.book.revoked.clear()


def test_without_evidence_nothing_can_be_said(house: House) -> None:
    bare = house.sign(house.prepared, ("member-e1", Statement("member")))
    reader = revision.read(bare)
    cut = bare[: revision.ends_at(bare, reader, reader.embedded_regular_signatures[0].signed_revision)]
    found = check.check(cut, house.trusted)
    assert {("SignerUndecided", "member-e1"), ("StampUndecided", "member-e1")} <= told(found)


def test_every_code_has_its_texts_and_what_is_no_report_is_said_to_be_none(house: House) -> None:
    assert set(WEIGHTS) <= set(TEXTS)
    for pdf, code in ((b"", "ReportUnreadable"), (b"%PDF-1.7\nnonsense", "ReportUnreadable")):
        found = check.check(pdf, house.trusted)
        assert (found.outcome, codes(found)) == ("undecided", {code})
    size = prepared.manifest_of(revision.read(house.prepared)).report.bytes
    assert codes(check.check(house.prepared[:size], house.trusted)) == {"ReportNotPrepared"}
