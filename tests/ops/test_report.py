"""`tongchang report`: from a record alone, in a fresh process, and what is said where that cannot be."""

import json
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from main_venue.report import paper
from main_venue.typeset.document import GlyphMissing
from ops import report
from ops.trouble import Trouble
from protocol import record
from tests.house import ground
from tests.main_venue.report import records
from tests.protocol.world import World

GOLDEN = ground.ROOT / "tests" / "protocol" / "golden" / "record-1.jsonl"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "会话.record"
    path.write_bytes(GOLDEN.read_bytes())
    return path


def test_a_fresh_process_makes_both_files_and_tells_them(kept: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops.command", "report", str(kept), "--json"],
        cwd=ground.ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert [one["number"] for one in told["sections"]][:3] == ["一", "二", "三"]
    assert told["outcome"] == json.loads((GOLDEN.parent / "vectors-1.json").read_text())["outcome"]
    assert told["tree_head"]["size"] == len(record.read(GOLDEN.read_bytes()).entries)
    assert len(pypdf.PdfReader(kept.with_suffix(".pdf")).pages) > 1
    assert kept.with_suffix(".xlsx").read_bytes()[:2] == b"PK"
    assert told["pdf"]["bytes"] == kept.with_suffix(".pdf").stat().st_size


def test_only_what_was_asked_for_is_written(kept: Path, tmp_path: Path) -> None:
    made = report.report(kept, None, tmp_path / "only.xlsx")
    assert made.pdf is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["only.xlsx", "会话.record"]


def test_a_file_that_is_no_record_ends_with_2_and_writes_nothing(tmp_path: Path) -> None:
    wrong = tmp_path / "x.record"
    wrong.write_bytes(b"PK\x03\x04")
    with pytest.raises(Trouble) as refused:
        report.report(wrong, None, None)
    assert refused.value.exit_code == 2
    assert "不是可读的记录文件" in refused.value.zh
    assert [path.name for path in tmp_path.iterdir()] == ["x.record"]


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as refused:
        report.report(tmp_path / "none.record", None, None)
    assert refused.value.exit_code == 2


def test_a_record_that_breaks_a_rule_has_no_report(kept: Path) -> None:
    lines = kept.read_bytes().split(b"\n")
    lines[7], lines[8] = lines[8], lines[7]
    kept.write_bytes(b"\n".join(lines))
    with pytest.raises(Trouble) as refused:
        report.report(kept, None, None)
    assert refused.value.exit_code == 1
    assert "不符合规则" in refused.value.zh


def test_a_withheld_tally_is_named(kept: Path) -> None:
    read = record.read(kept.read_bytes())
    fewer = [one for one in read.disclosed.values() if one.field != "tally"]
    kept.write_bytes(record.write(read.session, read.entries, fewer))
    with pytest.raises(Trouble, match="tally"):
        report.report(kept, None, None)


def test_a_session_under_way_is_told_to_wait(tmp_path: Path, world: World) -> None:
    world.to_scoring()
    path = tmp_path / "early.record"
    path.write_bytes(record.write(world.session, world.entries, world.held))
    with pytest.raises(Trouble) as refused:
        report.report(path, None, None)
    assert refused.value.exit_code == 1
    assert "尚未完成排序" in refused.value.zh


def test_a_character_without_a_glyph_says_what_to_install(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_found: object) -> bytes:
        raise GlyphMissing("the text `X` could not be displayed with font")

    monkeypatch.setattr(paper, "pdf", missing)
    with pytest.raises(Trouble) as refused:
        report.report(kept, None, None)
    assert "apt-get install fonts-noto-cjk" in refused.value.zh
    assert not kept.with_suffix(".pdf").exists()


@pytest.fixture
def world() -> World:
    return World(records.case(records.SAMPLE))
