"""An expert pool out of a table: every row looked at, every fault with its line and column."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from ops import pool
from ops.trouble import Trouble
from protocol.pool.expert import Kin, Leave, Penalty, Post

HEAD = "编号,姓名,省份,专业,工作单位,单位代码,历任单位,亲属,处罚,请假"
GOOD = (
    "e1,李明,安徽省,A08;B01,南京市设计院,91320100MA1000001A,安徽建工|2019-01-01|2023/6/30,"
    "李华|子|安徽建工,2025-01-01||1号,2026-11-20|2026年11月30日"
)


def written(folder: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = folder / "pool.csv"
    path.write_bytes("\n".join((HEAD, *rows)).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_row_becomes_an_expert_in_whatever_encoding(tmp_path: Path, encoding: str) -> None:
    found = pool.read_pool(written(tmp_path, GOOD, encoding=encoding))
    assert found.errors == ()
    (one,) = found.experts
    assert (one.id, one.province, one.specialities) == ("e1", "anhui", ("A08", "B01"))
    assert one.posts == (
        Post("南京市设计院", "91320100MA1000001A"),
        Post("安徽建工", "", "2019-01-01", "2023-06-30"),
    )
    assert one.kin == (Kin("李华", "子", "安徽建工"),)
    assert one.penalties == (Penalty("2025-01-01", "", "1号"),)
    assert one.leaves == (Leave("2026-11-20", "2026-11-30"),)


def test_an_excel_file_gives_the_same(tmp_path: Path) -> None:
    book = Workbook()
    for row in (HEAD, GOOD):
        book.active.append(row.split(","))
    book.save(tmp_path / "pool.xlsx")
    assert pool.read_pool(tmp_path / "pool.xlsx") == pool.read_pool(written(tmp_path, GOOD))


def test_every_fault_is_told_with_its_line_and_column_and_good_rows_are_kept(tmp_path: Path) -> None:
    found = pool.read_pool(
        written(
            tmp_path, "e 1,李明,安徽,A08,甲院", GOOD, "e3,,安徽,A08,甲院,123", "", "e1,李明,安徽,A08,甲院",
            "e5,王五,江苏,A08,甲院,,,,2026-13-01||", "e6,王六,江苏,,甲院,,,,,2026-01-01",
        )
    )  # fmt: skip
    assert [one.id for one in found.experts] == ["e1"]
    assert [(one.line, one.column) for one in found.errors] == [
        (2, "编号"), (4, "姓名"), (4, "单位代码"), (6, "编号"), (7, "处罚"), (8, "专业"), (8, "请假"),
    ]  # fmt: skip
    assert all(one.zh and one.en for one in found.errors)


def test_a_table_without_a_needed_column_or_no_table_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    path.write_text("编号,姓名\ne1,李明\n")
    with pytest.raises(Trouble, match="工作单位"):
        pool.read_pool(path)
    path.write_bytes(b"\x00\x01\x02")
    with pytest.raises(Trouble):
        pool.read_pool(path)
    with pytest.raises(Trouble):
        pool.read_pool(tmp_path / "nothing.csv")


def test_the_command_ends_with_one_where_a_row_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pool.check(written(tmp_path, GOOD), as_json=False) == 0
    assert pool.check(written(tmp_path, GOOD, "x"), as_json=True) == 1
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["experts"] == 1
    assert {one["line"] for one in told["errors"]} == {3}
