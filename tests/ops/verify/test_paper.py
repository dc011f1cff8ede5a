"""What the single-file verifier reads of a signed report (SPEC 26.3): the golden one, and hostile bytes."""

import base64
import hashlib
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from ops.verify import tongchang_verify as verifier

GOLDEN = Path(__file__).resolve().parents[2] / "protocol" / "golden" / "papers-1.json"


def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def parts() -> tuple[bytes, bytes, bytes]:
    """The bare report, the prepared one, and the one that M1 signed."""
    golden = told()
    prepared = base64.b64decode(golden["prepared"]["raw"])
    return (
        base64.b64decode(golden["report"]),
        prepared,
        prepared + base64.b64decode(golden["signed"]["behind"]),
    )


def read(whole: bytes, bare: bytes, prepared: bytes) -> Any:
    ends = [hashlib.sha256(prepared).digest(), hashlib.sha256(whole).digest()]
    return verifier.SignedReport(whole, len(bare), ends)


def test_the_golden_report_is_read_as_it_was_prepared_and_signed() -> None:
    golden = told()
    bare, prepared, whole = parts()
    report = read(whole, bare, prepared)
    assert report.places == [len(prepared), len(whole)]
    manifest = report.manifest()
    assert verifier.canonical(manifest).decode() == golden["manifest"]
    assert [(one["role"], one["seat"]) for one in manifest["fields"]] == [
        (one["role"], one["seat"]) for one in golden["fields"]
    ]
    report.annexes(manifest)
    raw, *span = report.signature(0)
    cms = verifier.SignedData(raw, verifier.OID_SIGNED, verifier.OID_DATA)
    signer = cms.certificate(named=True)
    assert signer.common_name() == manifest["fields"][0]["person"]
    assert cms.holds(signer, report.covered(cms.digest, *span))
    assert not cms.holds(signer, bytes(32))
    stamp = verifier.TimeStamp(cms.unsigned[verifier.OID_STAMP_OF])
    assert stamp.stamps(cms.signature)
    assert stamp.holds(stamp.certificate())
    assert stamp.at == golden["signatures"][0]["at"]


def test_the_golden_signature_beside_the_report_holds() -> None:
    golden = told()
    cms = verifier.SignedData(base64.b64decode(golden["seal"]), verifier.OID_GM_SIGNED, verifier.OID_GM_DATA)
    signer = cms.certificate(named=False)
    assert cms.holds(signer, verifier.sm3(parts()[1]))
    assert not cms.holds(signer, verifier.sm3(parts()[0]))
    stamp = verifier.TimeStamp(cms.unsigned[verifier.OID_STAMP_OF])
    assert (stamp.stamps(cms.signature), stamp.at) == (True, golden["signatures"][1]["at"])


def test_the_golden_certificates_count_by_its_list_and_the_evidence_that_the_report_holds() -> None:
    golden = told()
    bare, prepared, whole = parts()
    report = read(whole, bare, prepared)
    pieces, certificates = report.evidence()
    seal = verifier.SignedData(base64.b64decode(golden["seal"]), verifier.OID_GM_SIGNED, verifier.OID_GM_DATA)
    inside = verifier.SignedData(report.signature(0)[0], verifier.OID_SIGNED, verifier.OID_DATA)
    trust = verifier.TrustList(
        verifier.canonical(golden["trust_list"])
        if isinstance(golden["trust_list"], dict)
        else golden["trust_list"].encode()
    )
    judge = verifier.Judge(trust, [*pieces, *seal.lists], certificates)
    for one, named in ((inside, True), (seal, False)):
        stamp = verifier.TimeStamp(one.unsigned[verifier.OID_STAMP_OF])
        signer = one.certificate(named=named)
        assert judge.verdict(signer.raw, one.certificates, stamp.at, "sign")[:2] == ("valid", "")
        own = stamp.certificate()
        assert judge.verdict(own.raw, stamp.certificates, stamp.at, "time-stamp")[:2] == ("valid", "")


def test_a_swapped_annex_is_told_and_one_too_many() -> None:
    bare, prepared, whole = parts()
    report = read(whole, bare, prepared)
    manifest = report.manifest()
    other = {**manifest["annexes"][0], "digest": base64.b64encode(bytes(32)).decode()}
    for annexes, rule in (([other], "AnnexSwapped"), ([], "AnnexAdded"), ([other, other], "AnnexMissing")):
        with pytest.raises(verifier.Invalid) as refused:
            report.annexes({**manifest, "annexes": annexes})
        assert refused.value.rule == rule


def test_hostile_reports_are_refused_and_never_crash() -> None:
    bare, prepared, whole = parts()
    dice, verdicts = random.Random("paper"), set[object]()
    start = len(prepared)
    seal = base64.b64decode(told()["seal"])
    for _ in range(300):
        raw = bytearray(whole)
        for _ in range(dice.choice((1, 3))):
            at = dice.randrange(start, len(raw))
            match dice.randrange(3):
                case 0:
                    raw[at] ^= 1 << dice.randrange(8)
                case 1:
                    raw[at : at + dice.randrange(1, 2_000)] = b""
                case _:
                    raw[at:at] = dice.choice(
                        (b"/ByteRange [0 1 2 3]", b"%%EOF\n", b"<" * 400, b">>\nstream\n")
                    )
        try:
            report = read(bytes(raw), bare, prepared)
            found, *span = report.signature(0)
            report.evidence()
            cms = verifier.SignedData(found, verifier.OID_SIGNED, verifier.OID_DATA)
            verdicts.add(cms.holds(cms.certificate(named=True), report.covered(cms.digest, *span)))
        except (verifier.Stop, ValueError, IndexError) as refused:
            verdicts.add(type(refused).__name__)
        broken = bytearray(seal)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        try:
            cms = verifier.SignedData(bytes(broken), verifier.OID_GM_SIGNED, verifier.OID_GM_DATA)
            cms.certificate(named=False)
            verifier.TimeStamp(cms.unsigned[verifier.OID_STAMP_OF]).certificate()
        except (verifier.Stop, ValueError, IndexError, KeyError):
            pass
    assert {"Invalid", False} <= verdicts


@pytest.mark.parametrize(
    "filling",
    [
        b"%%EOF\n",
        b"/ByteRange ",
        b">>\nstream\n",
        b"/Private <00",
        b"/Type /EmbeddedFile ",
        b"<" * 9,
        b"0" * 9,
    ],
)
def test_much_of_one_thing_takes_neither_time_nor_memory_without_end(filling: bytes) -> None:
    """Eight megabytes of each; bounded by counts that are named, as `TooLarge` or a refusal."""
    bare, prepared, _ = parts()
    whole = prepared + filling * (8_000_000 // len(filling)) + b"\n%%EOF\n"
    told, began = "", time.monotonic()
    try:
        report = read(whole, bare, prepared)
        report.annexes(report.manifest())
        report.evidence()
        report.signature(0)
    except verifier.Stop as stop:
        told = stop.rule
    assert told in {"TooLarge", "SignatureMissing", "SignatureForeign", "SignatureBroken", "ReportFalse"}
    assert time.monotonic() - began < 20
