"""The vector of section 29: preparing gives those bytes, reasons those lines, both signatures hold."""

import base64
import hashlib
import json
from typing import Any

import msgspec
import pytest

from main_venue.signing import check, manifest, prepared, revision, statement
from main_venue.signing.check import Expected
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached
from main_venue.signing.statement import Statement
from protocol.refusals import Refusal
from protocol.seal.trust import trust_list
from protocol.seal.trust.trust_list import Trusted
from tests.house import ground

VECTOR: dict[str, Any] = json.loads(
    (ground.ROOT / "tests/protocol/golden/papers-1.json").read_text(encoding="utf-8")
)
READY = base64.b64decode(VECTOR["prepared"]["raw"])
SIGNED = READY + base64.b64decode(VECTOR["signed"]["behind"])
SEAL = base64.b64decode(VECTOR["seal"])


@pytest.fixture(scope="module")
def trusted() -> Trusted:
    found = trust_list.read(VECTOR["trust_list"].encode())
    assert not isinstance(found, Refusal)
    return found


def test_preparing_the_report_gives_the_published_bytes() -> None:
    fields = tuple(msgspec.convert(one, Field) for one in VECTOR["fields"])
    annexes = tuple(Attached(one["name"], base64.b64decode(one["raw"])) for one in VECTOR["annexes"])
    report = base64.b64decode(VECTOR["report"])
    made = prepared.prepare(report, fields, annexes, VECTOR["at"])
    assert made == READY
    assert hashlib.sha256(made).hexdigest() == VECTOR["prepared"]["digest"]
    assert [one.name for one in fields] == VECTOR["names"]
    said = prepared.manifest_of(revision.read(made))
    assert manifest.encode(said).decode() == VECTOR["manifest"]


def test_what_is_signed_for_is_one_line_and_is_read_back() -> None:
    for one in VECTOR["reasons"]:
        said = Statement(
            one["role"], bytes.fromhex(one["dissent"]), tuple(one["deemed"]), tuple(one["dissented"])
        )
        assert said.text == one["text"]
        assert statement.read(one["text"], one["role"]) == said


def test_one_signature_in_the_pdf_and_one_beside_it_hold_for_ever(trusted: Trusted) -> None:
    found = check.check(SIGNED, trusted, seals=(SEAL,))
    assert [[one.code, one.of] for one in found.findings] == VECTOR["findings"]
    told = [
        {"at": one.at_ms, "kind": one.kind, "seat": one.seat, "signer": one.signer}
        for one in found.signatures
    ]
    assert told == VECTOR["signatures"]
    assert [one.kind for one in found.signatures] == ["pades", "sm2-signed-data"]


def test_an_annex_swapped_before_it_was_signed_breaks_both_kinds(trusted: Trusted) -> None:
    """Another annex, prepared anew and never signed: the signatures given for the first are not for it."""
    fields = tuple(msgspec.convert(one, Field) for one in VECTOR["fields"])
    report = base64.b64decode(VECTOR["report"])
    swapped = prepared.prepare(
        report, fields, (Attached(VECTOR["annexes"][0]["name"], report),), VECTOR["at"]
    )
    wanted = Expected(prepared=bytes.fromhex(VECTOR["prepared"]["digest"]))
    found = check.check(swapped, trusted, wanted, seals=(SEAL,))
    codes = {(one.code, one.of) for one in found.findings}
    assert {("SignatureBroken", "member-M2"), ("SignatureMissing", "member-M1")} <= codes
    assert "ReportForeign" in {code for code, _ in codes}
    moved = swapped + base64.b64decode(VECTOR["signed"]["behind"])
    assert check.check(moved, trusted, wanted, seals=(SEAL,)).outcome != "valid"
