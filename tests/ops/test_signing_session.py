"""A demonstration's report is signed by everybody: in the PDF or beside it, as each one's authority can."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from main_venue.signing import check, prepared, revision
from main_venue.signing.check import Expected
from ops import archive
from ops.archive import Wanted
from ops.signing import archived, room, session
from protocol.refusals import Refusal
from protocol.seal.trust import trust_list
from tests.main_venue.report import records, turned


def test_who_did_not_sign_is_accounted_for(tmp_path: Path) -> None:
    record = tmp_path / "s.record"
    record.write_bytes(turned.turned())
    made = archive.make(record, None, Wanted())
    found = asyncio.run(session.sign(tmp_path, record, Path(made.archive)))
    assert found is not None
    listed = trust_list.read(found.trust.read_bytes())
    assert not isinstance(listed, Refusal)
    pdf = found.report.read_bytes()
    seals = tuple(one.read_bytes() for one in found.beside)
    expected = room.by_record(record, Expected(prepared=found.prepared))
    checked = check.check(pdf, listed, expected, seals=seals)
    assert checked.outcome == "valid", checked.findings
    assert checked.manifest is not None
    _, bare = prepared.base_of(pdf, revision.read(pdf))
    assert hashlib.sha256(bare).digest() == found.prepared
    told = {(one.code, one.of) for one in checked.findings}
    left = {("DissentedUnsigned", "member-M2"), ("DeemedAgreed", "member-M5")}
    assert told == left
    assert sorted(one.name for one in checked.manifest.annexes) == ["dissent-M2.pdf"]


def test_a_signed_report_is_held_against_its_own_sessions_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archives = {}
    for name, raw in (("own", records.archived(records.SAMPLE)), ("other", turned.straight())):
        record = tmp_path / f"{name}.record"
        record.write_bytes(raw)
        archives[name] = Path(archive.make(record, None, Wanted()).archive)
    found = asyncio.run(session.sign(tmp_path, tmp_path / "own.record", archives["own"]))
    assert found is not None
    assert [one.name for one in found.beside] != []
    against = (found.report, found.trust, found.beside)
    assert archived.check(archives["own"], *against, as_json=True) == 0
    assert archived.check(archives["other"], *against, as_json=True) == 1
    assert "ReportForeign" in capsys.readouterr().out
