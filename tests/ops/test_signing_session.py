"""A demonstration's report is signed by everybody: in the PDF or beside it, as each one's authority can."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from main_venue.signing import check, prepared, revision
from main_venue.signing.check import Expected
from ops import archive
from ops.archive import Wanted
from ops.signing import room, session
from protocol.refusals import Refusal
from protocol.seal.trust import trust_list
from tests.main_venue.report import records, turned


@pytest.mark.parametrize("grown", [False, True])
def test_members_and_witnesses_sign_and_who_did_not_is_accounted_for(tmp_path: Path, grown: bool) -> None:
    record = tmp_path / "s.record"
    record.write_bytes(turned.turned() if grown else records.archived(records.SAMPLE))
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
    assert {one.kind for one in checked.signatures} == {"pades"} | (set() if grown else {"sm2-signed-data"})
    assert checked.manifest is not None
    _, bare = prepared.base_of(pdf, revision.read(pdf))
    assert hashlib.sha256(bare).digest() == found.prepared
    told = {(one.code, one.of) for one in checked.findings}
    left = {("DissentedUnsigned", "member-M2"), ("DeemedAgreed", "member-M5")}
    assert told == (left if grown else set())
    assert sorted(one.name for one in checked.manifest.annexes) == (["dissent-M2.pdf"] if grown else [])
