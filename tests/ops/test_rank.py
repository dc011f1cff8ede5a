"""`tongchang rank`: every case to its published result, one line of JSON, and what is wrong by its line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ops.rank import rank
from ops.ranked import rank_case
from protocol.plan.case import Case, read_case, without_expected

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "ops" / "sample" / "case.json"
CASES = sorted((ROOT / "ops" / "cases").glob("*.json"))

Told = tuple[int, dict[str, Any]]


def as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    code = rank(path, True)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.endswith("\n")
    return code, json.loads(out)


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    """Write a case with a change to its plain values, and give the path."""

    def write(change: Any, source: Path = SAMPLE) -> Path:
        value = json.loads(source.read_text())
        change(value)
        path = tmp_path / "case.json"
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1))
        return path

    return write


# The published figures, written out once more and apart from the case files.
PUBLISHED: dict[str, list[tuple[str, float]]] = {
    "cn_sdjzu_2024_pkg2": [
        ("山东航盛建设工程有限公司", 97.17),
        ("山东众海工程有限公司", 94.85),
        ("山东尚安智能科技有限公司", 93.13),
        ("山东亿邦建设工程有限公司", 87.31),
        ("建臻建设实业有限公司", 76.1),
    ],
    "textbook_cn_87_low_price_priority": [("丙", 92.75), ("乙", 92.05), ("甲", 87.4)],
    "textbook_cn_base_price_e1e2": [
        ("庚", 99.05),
        ("甲", 97.08),
        ("乙", 95.37),
        ("丙", 93.53),
        ("丁", 92.47),
        ("戊", 89.98),
        ("己", 86.56),
    ],
    "textbook_felp_80_20": [("Firm B", 97.27), ("Firm C", 96.85), ("Firm A", 95.14), ("Firm D", 92.56)],
    "textbook_osce_days": [("B", 10.0), ("C", 9.1667), ("D", 8.75), ("A", 7.5)],
    "textbook_rcuh_price_points": [("A", 35.0), ("B", 28.0), ("C", 23.3)],
    "us_chsra_cp23_2014_partial": [("Dragados/Flatiron/Shimmick", 96.67)],
    "us_fdot_pensacola_2016_partial": [
        ("Skanska USA Civil Southeast", 5069974.55),
        ("Anderson/De Moya/Leware", 5461373.39),
    ],
    "us_mndot_i35w_2007": [
        ("Flatiron-Manson", 3511129.33),
        ("C.S. McCrossan", 3798179.34),
        ("Walsh/American Bridge", 4513847.97),
        ("Ames/Lunda", 4588942.48),
    ],
    "us_woodlands_transit_rfq_2015": [
        ("The Goodman Corporation", 96.3333),
        ("Walter P. Moore", 96.0),
        ("HDR Engineering, Inc.", 95.0),
    ],
    "case": [
        ("皖澄市政", 92.07),
        ("浙衡水务", 91.61),
        ("沪岳建设", 91.26),
        ("苏越建工", 91.19),
        ("淮泰工程", 85.83),
    ],
}


@pytest.mark.parametrize("path", [*CASES, SAMPLE], ids=lambda path: path.stem)
def test_every_case_comes_out_as_published(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = as_json(path, capsys)
    assert code == 0
    assert [(row["bidder"], row["total"]) for row in told["ranking"]] == PUBLISHED[path.stem]
    assert [row["rank"] for row in told["ranking"]] == list(range(1, len(told["ranking"]) + 1))
    assert told["matches_expected"] is True
    assert told["differences"] == []
    assert told["warnings"] == []
    assert all(row["total"] == pytest.approx(float(row["total_text"])) for row in told["ranking"])


def test_the_sample_gives_parts_base_price_and_deviations(capsys: pytest.CaptureFixture[str]) -> None:
    _, told = as_json(SAMPLE, capsys)
    first = told["ranking"][0]
    assert (first["id"], first["code"], first["price"], first["total_text"]) == (
        "b1",
        "甲",
        "4528.60",
        "92.07",
    )
    assert first["parts"] == {"A": "34.83", "B": "14.00", "C": "43.24"}
    assert (told["mean_price"], told["base_price"], told["draws"]) == ("4540.98", "4450.16", {"K": "98"})
    assert [(one["seat"], one["bidder"], one["percent"]) for one in told["deviations"]] == [
        ("M5", "b1", "-15.71"),
        ("M5", "b3", "16.18"),
    ]
    assert "虚构示例" in told["notice"]
    assert told["blocked"] is False


def test_what_a_partial_source_leaves_open_is_bounded_and_not_ranked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, told = as_json(ROOT / "ops" / "cases" / "us_chsra_cp23_2014_partial.json", capsys)
    assert [(one["bidder"], one["upper"]) for one in told["bounds"]] == [
        ("Tutor Perini/Zachry/Parsons", 76.34),
        ("Golden State Rail Partnership", 68.42),
    ]
    assert "26.67" in told["partial"]


def test_when_the_bounds_overlap_the_known_bidder_is_not_ranked_either(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def close(case: Any) -> None:
        case["expected"] = None
        case["bids"][1]["price"] = "1300000000"

    path = changed(close, ROOT / "ops" / "cases" / "us_chsra_cp23_2014_partial.json")
    code, told = as_json(path, capsys)
    # 66.48 + 26.67 = 93.15 stays below 96.67; with a lower mark of the winner it would not.
    assert (code, [row["rank"] for row in told["ranking"]]) == (0, [1])

    def overlap(case: Any) -> None:
        close(case)
        case["sheets"]["1"]["M1"]["b1"]["technical_points"] = 2000

    code, told = as_json(changed(overlap, ROOT / "ops" / "cases" / "us_chsra_cp23_2014_partial.json"), capsys)
    assert (code, told["ranking"], len(told["bounds"])) == (0, [], 3)
    assert told["matches_expected"] is None


@pytest.mark.parametrize(
    ("stem", "field"),
    [
        ("cn_sdjzu_2024_pkg2", "partial"),
        ("textbook_felp_80_20", "contradicts"),
        ("textbook_osce_days", "contradicts"),
        ("us_woodlands_transit_rfq_2015", "contradicts"),
        ("us_chsra_cp23_2014_partial", "partial"),
        ("us_fdot_pensacola_2016_partial", "partial"),
    ],
)
def test_a_source_at_odds_with_itself_or_partial_says_so(
    stem: str, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / "ops" / "cases" / f"{stem}.json"
    _, told = as_json(path, capsys)
    assert told[field]
    assert rank(path, False) == 0
    shown = capsys.readouterr().out
    assert told[field] in shown
    assert ("来源有出入" if field == "contradicts" else "来源不完整") in shown


def test_with_the_plain_mean_bing_wins(changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def plain(case: Any) -> None:
        del case["plan"]["schemes"][0]["criteria"][0]["aggregate"]["trim"]

    code, told = as_json(changed(plain), capsys)
    assert code == 0
    assert (told["ranking"][0]["code"], told["ranking"][0]["total"]) == ("丙", 92.54)
    assert next(row["total"] for row in told["ranking"] if row["code"] == "甲") == 91.14
    assert told["matches_expected"] is False
    assert any("排序" in one for one in told["differences"])


def test_one_changed_score_changes_the_ranking(changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def lower(case: Any) -> None:
        case["sheets"]["01"]["M1"]["b4"]["A1"] = 0

    code, told = as_json(changed(lower), capsys)
    assert (code, [row["code"] for row in told["ranking"]]) == (0, ["甲", "丙", "乙", "丁", "戊"])
    assert told["matches_expected"] is False


def test_an_objective_item_scored_differently_is_shown_as_blocked(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(lambda case: case["sheets"]["01"]["M4"]["b3"].update(B2=600))
    code, told = as_json(path, capsys)
    assert (code, told["blocked"]) == (0, True)
    assert [(one["bidder"], one["criterion"]) for one in told["mismatches"]] == [("b3", "B2")]
    rank(path, False)
    assert "更正前不得汇总" in capsys.readouterr().out


def test_what_is_expected_has_no_part_in_the_ranking(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = read_case(SAMPLE.read_bytes())
    assert isinstance(case, Case)
    whole, bare = rank_case(case), rank_case(without_expected(case))
    assert [one.evaluation for one in whole] == [one.evaluation for one in bare]  # type: ignore[union-attr]
    code, told = as_json(changed(lambda value: value.pop("expected")), capsys)
    assert (code, told["matches_expected"]) == (0, None)

    def other(value: Any) -> None:
        value["expected"]["lots"][0]["totals"]["b1"] = "92.08"

    code, told = as_json(changed(other), capsys)
    assert (code, told["matches_expected"], told["ranking"][0]["total"]) == (0, False, 92.07)
    assert any("92.08" in one for one in told["differences"])


def test_several_lots_are_ranked_each(changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def double(case: Any) -> None:
        case["plan"]["lots"].append({**case["plan"]["lots"][0], "id": "02", "zh": "标段 02"})
        case["bids"] += [{**bid, "lot": "02"} for bid in case["bids"]]
        case["sheets"]["02"] = case["sheets"]["01"]
        case["draws"]["02"] = {"K": "99"}

    path = changed(double)
    code, told = as_json(path, capsys)
    assert (code, [one["lot"] for one in told["lots"]]) == (0, ["01", "02"])
    assert told["ranking"] == told["lots"][0]["ranking"]
    assert [one["base_price"] for one in told["lots"]] == ["4450.16", "4495.57"]
    assert rank(path, False) == 0
    assert "标段 02" in capsys.readouterr().out


def test_errors_are_one_line_of_json_with_code_line_and_pointer(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(lambda case: case["sheets"]["01"].pop("M3"))
    code, told = as_json(path, capsys)
    assert code == 1
    assert list(told) == ["errors"]
    (error,) = told["errors"]
    assert set(error) == {"code", "severity", "line", "pointer", "zh", "en"}
    assert (error["code"], error["pointer"]) == ("MissingSheet", "/sheets/01")
    assert path.read_text().splitlines()[error["line"] - 1].strip().startswith('"01"')


def test_errors_are_shown_with_line_reason_and_both_languages(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(lambda case: case["plan"]["schemes"][0]["criteria"][1].update(max_centi=1600))
    assert rank(path, False) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.search(r"第 \d+ 行 line \d+ +WeightSum", captured.err)
    assert "15 分,应为 16 分" in captured.err
    assert "15 points instead of 16" in captured.err


def test_a_warning_does_not_keep_a_case_from_being_ranked(
    changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def local(case: Any) -> None:
        case["plan"]["schemes"][0]["criteria"][1]["children"][1]["rule_zh"] = "本市类似业绩每项 2 分"

    path = changed(local)
    code, told = as_json(path, capsys)
    assert code == 0
    assert [one["code"] for one in told["warnings"]] == ["RegionalPreference"]
    assert rank(path, False) == 0
    captured = capsys.readouterr()
    assert "本市…业绩" in captured.err
    assert "92.07" in captured.out


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_cannot_be_read_is_exit_code_2(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = as_json(tmp_path / name, capsys)
    assert (code, told["errors"][0]["code"]) == (2, "CannotRead")
    assert rank(tmp_path / name, False) == 2
    assert "无法读取文件" in capsys.readouterr().err


def test_text_that_is_no_json_is_an_error_of_the_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{\n "v": 1,\n')
    code, told = as_json(path, capsys)
    assert (code, told["errors"][0]["code"], told["errors"][0]["line"]) == (1, "Unreadable", 3)


def test_the_table_shows_names_points_and_totals(capsys: pytest.CaptureFixture[str]) -> None:
    assert rank(SAMPLE, False) == 0
    shown = capsys.readouterr().out
    for word in ("虚构示例", "皖澄市政", "4528.60", "34.83", "92.07", "评标基准价 4450.16", "M5", "-15.71%"):
        assert word in shown
    assert "与公布结果一致" in shown


def test_a_deduction_and_a_low_price_are_shown(changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def change(case: Any) -> None:
        del case["expected"]
        case["bids"][0]["quantities"] = {"small": "100"}
        case["plan"]["schemes"][0] |= {
            "small_business": {"quantity": "small", "percent": "10"},
            "low_prices": [{"than": "mean_of_others", "percent": "95"}],
        }

    path = changed(change, ROOT / "ops" / "cases" / "textbook_cn_87_low_price_priority.json")
    assert rank(path, False) == 0
    shown = capsys.readouterr().out
    assert "评审价格" in shown
    assert "小微企业报价扣除:b1 10%。" in shown
    assert "异常低价 Low price  甲: 低于 below 1030750" in shown
    code, told = as_json(path, capsys)
    assert code == 0
    assert {row["code"]: row["evaluated_price"] for row in told["ranking"]} == {
        "甲": "882000", "乙": "1050000", "丙": "1120000",
    }  # fmt: skip
    assert told["low_prices"] == [{"bidder": "b1", "than": "mean_of_others", "limit": "1030750"}]


@pytest.mark.parametrize(
    ("change", "code", "line_holds"),
    [
        (lambda case: case["plan"]["schemes"][0].update(max_centi=10100), "WeightSum", '"max_centi": 10100'),
        (lambda case: _first_scores(case).update(A1=99900), "ScoreRange", '"A1": 99900'),
        (lambda case: case["sheets"]["01"].pop("M1"), "MissingSheet", '"01": {'),
        (lambda case: case["bidders"][1].update(id="b1"), "DuplicateBidder", '"id": "b1"'),
    ],
)
def test_the_line_that_is_named_holds_the_fault(
    change: Any, code: str, line_holds: str, changed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(change)
    found = as_json(path, capsys)[1]["errors"]
    line = next(one["line"] for one in found if one["code"] == code)
    assert line_holds in path.read_text().splitlines()[line - 1]


def _first_scores(case: Any) -> Any:
    sheet = case["sheets"]["01"]["M1"]
    return sheet[next(iter(sheet))]
