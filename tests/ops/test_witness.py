"""`tongchang witness`: certificates and lists out of a record, and a list checked by whoever gets it."""

import json
from pathlib import Path

import pypdf
import pytest

from tests.house import ground
from tests.main_venue.typeset import pages
from tests.ops import stage

GOLDEN = ground.ROOT / "tests" / "protocol" / "golden"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with everything that is written of a session in which two witnesses signed."""
    folder = tmp_path_factory.mktemp("见证")
    (folder / "场次.record").write_bytes((GOLDEN / "record-2.jsonl").read_bytes())
    done = stage.call("witness", "make", "场次.record", "--json", cwd=folder)
    assert done.code == 0, done.err
    assert [one["seat"] for one in done.told["witnesses"]] == ["witness-hefei", "witness-nanjing"]
    for one in done.told["witnesses"]:
        assert Path(one["certificate"]).is_file()
        assert Path(one["list"]).is_file()
    return folder


def test_a_certificate_says_what_was_noted_and_what_was_not(made: Path) -> None:
    raw = (made / "场次-witness-nanjing.pdf").read_bytes()
    told = pages.flowed(raw)
    for wanted in (
        "远程异地评标见证书", "江苏省(nanjing)", "共3条", "正常1条、异常1条、已处置1条", "人员行动",
        "M3离席两分钟", "身份核验100", "录音录像运行未记录", "见证人员:示例人员witness-nanjing",
        "见会话记录第",
    ):  # fmt: skip
        assert wanted.replace("(", "（").replace(")", "）").replace(":", "：") in told, wanted
    assert pages.unembedded_fonts(raw) == set()
    assert len(pypdf.PdfReader(made / "场次-witness-nanjing.pdf").pages) == 2


def test_the_same_record_gives_the_same_files(made: Path, tmp_path: Path) -> None:
    again = stage.call(
        "witness", "make", str(made / "场次.record"), "--out", str(tmp_path / "又"), cwd=tmp_path
    )
    assert again.code == 0, again.err
    for path in (tmp_path / "又").iterdir():
        assert path.read_bytes() == (made / path.name).read_bytes()


def test_a_list_is_checked_away_from_the_session(made: Path, tmp_path: Path) -> None:
    """Nothing but the list lies where it is checked."""
    handed = tmp_path / "移交.json"
    handed.write_bytes((made / "场次-witness-nanjing.json").read_bytes())
    done = stage.call("witness", "check", str(handed), "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    assert (done.told["venue"], done.told["observations"], done.told["remarks"]) == ("nanjing", 3, 1)
    head = f"{done.told['head']['size']}:{done.told['head']['root']}"
    same = stage.call("witness", "check", str(handed), "--head", head, cwd=tmp_path)
    assert same.code == 0
    assert "移交清单成立" in same.err


@pytest.mark.parametrize(
    ("change", "code", "wanted"),
    [
        (lambda told: told["observations"].pop(), 1, "observations"),
        (lambda told: told.update(seat="witness-hefei"), 1, "bound"),
        (lambda told: told.pop("root"), 2, "file"),
    ],
)
def test_a_list_that_does_not_hold_is_refused_with_the_part(
    made: Path, tmp_path: Path, change: object, code: int, wanted: str
) -> None:
    told = json.loads((made / "场次-witness-nanjing.json").read_text())
    change(told)  # type: ignore[operator]
    handed = tmp_path / "handed.json"
    handed.write_text(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
    done = stage.call("witness", "check", str(handed), cwd=tmp_path)
    assert done.code == code
    assert wanted in done.err
    assert "Traceback" not in done.err


def test_another_head_and_one_that_is_no_head_are_told_apart(made: Path, tmp_path: Path) -> None:
    handed = str(made / "场次-witness-nanjing.json")
    other = stage.call("witness", "check", handed, "--head", f"54:{'0' * 64}", cwd=tmp_path)
    assert (other.code, "head" in other.err) == (1, True)
    typo = stage.call("witness", "check", handed, "--head", "54", cwd=tmp_path)
    assert (typo.code, "54:" not in typo.err) == (2, True)


def test_a_session_in_which_nobody_signed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "one.record"
    path.write_bytes((GOLDEN / "record-1.jsonl").read_bytes())
    done = stage.call("witness", "make", str(path), cwd=tmp_path)
    assert done.code == 1
    assert "尚无见证人员签署" in done.err
    assert [one.name for one in tmp_path.iterdir()] == ["one.record"]
