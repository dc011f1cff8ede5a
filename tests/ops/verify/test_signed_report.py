"""The report as it was signed goes into the archive, and is the one that the record names (SPEC 26.1, 7a)."""

import base64
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ops import archive as making
from ops.trouble import Trouble
from protocol import archive
from tests.attacks.archive_mutants import Mutant, judge
from tests.attacks.forged_archive import packed
from tests.ops import stage
from tests.ops.verify.test_alone import KEPT

BESIDE = ("M2", "M5", "witness-hangzhou", "witness-shanghai")


def kept() -> dict[str, bytes]:
    """The members of the kept archive, with the report that its nine places signed, in the PDF or beside."""
    with zipfile.ZipFile(KEPT / "version-4.zip") as found:
        members = {one: found.read(one) for one in found.namelist()}
    members["signed/report.pdf"] = members["report.pdf"] + (KEPT / "version-4.signed-tail").read_bytes()
    seals = {f"signed/{one}.p7s": (KEPT / f"version-4.{one}.p7s").read_bytes() for one in BESIDE}
    return members | seals


def rule(members: dict[str, bytes], where: Path) -> tuple[int, str]:
    """The independent program's verdict on an archive of these members."""
    told = json.loads(members["archive.json"])
    rest = {name: raw for name, raw in members.items() if name != "archive.json"}
    raw = packed(rest, told["session"], told["size"], base64.b64decode(told["root"]), told["withheld"])
    found = judge(Mutant("signed", raw, (KEPT / "version-4.policy").read_bytes()), where)
    return found.code, found.rule


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def test_the_signed_report_is_held_against_the_record(tmp_path: Path) -> None:
    members = kept()
    pdf, bare = members["signed/report.pdf"], len(members["report.pdf"])
    assert rule(members, tmp_path) == (0, "")
    wrong: list[dict[str, Any]] = [
        {"signed/report.pdf": flipped(pdf, bare // 2)},  # a changed byte of the report
        {"signed/report.pdf": flipped(pdf, len(pdf) - 400)},  # and of its last signature
        {"signed/report.pdf": pdf[:bare]},  # nothing of what was signed
        {"signed/M2.p7s": members["signed/M5.p7s"]},  # another's signature
        {"signed/M1.p7s": members["signed/M5.p7s"]},  # of one who signed in the PDF
        {"report.pdf": flipped(members["report.pdf"], 90)},  # another report than was signed
    ]
    for change in wrong:
        assert rule(members | change, tmp_path) == (1, "ReportFalse"), change.keys()
    alone = {name: raw for name, raw in members.items() if name != "signed/report.pdf"}
    assert rule(alone, tmp_path) == (1, "ReportFalse")


def test_whoever_verifies_the_archive_has_its_signatures_checked_with_what_it_holds(tmp_path: Path) -> None:
    shutil.copy(KEPT / "version-4.policy", tmp_path)
    rule(kept(), tmp_path)
    call = ("verify", "archive.zip", "--policy", "version-4.policy", "--signed", "--json")
    found = stage.call(*call, cwd=tmp_path)
    assert (found.code, found.told["findings"]) == (0, []), found.told
    assert len(found.told["signatures"]) == 9
    rule({name: raw for name, raw in kept().items() if name != "signed/M5.p7s"}, tmp_path)
    missing = stage.call(*call, cwd=tmp_path)
    assert missing.code == 1
    assert [(one["code"], one["of"]) for one in missing.told["findings"]] == [
        ("SignatureMissing", "member-M5")
    ]


def test_an_archive_takes_the_signed_report_and_no_other_and_none_once_personal_data_are_erased(
    tmp_path: Path,
) -> None:
    members = kept()
    (tmp_path / "s.record").write_bytes(members["record.jsonl"])
    (tmp_path / "signed.pdf").write_bytes(members["signed/report.pdf"])
    seals = tuple(KEPT / f"version-4.{one}.p7s" for one in BESIDE)
    wanted: dict[str, Any] = {"signed": tmp_path / "signed.pdf", "beside": seals}
    made = making.make(tmp_path / "s.record", tmp_path / "whole.zip", making.Wanted(**wanted))
    held = archive.read(Path(made.archive).read_bytes())
    assert isinstance(held, archive.Archive)
    names = [name for name in members if name.startswith("signed/")] + ["report.pdf"]
    assert all(held.members[name] == members[name] for name in names)
    erased = making.make(
        tmp_path / "s.record", tmp_path / "erased.zip",
        making.Wanted(**wanted, withheld=("person", "delegation", "certificate")),
    )  # fmt: skip
    proved = archive.read(Path(erased.archive).read_bytes())
    assert isinstance(proved, archive.Archive)
    assert not [name for name in proved.members if name.startswith(("signed/", "report."))]
    assert proved.manifest.root == held.manifest.root
    # The signed report itself, handed over apart, is held against what is left.
    smuggled = dict(proved.members) | {"signed/report.pdf": members["signed/report.pdf"]}
    assert rule(smuggled, tmp_path) == (1, "ArchiveRefused")
    for stranger in ({"signed": KEPT / "version-4.M2.p7s"}, {"beside": (KEPT / "version-4.zip",)}):
        with pytest.raises(Trouble):
            making.make(tmp_path / "s.record", tmp_path / "no.zip", making.Wanted(**wanted | stranger))
