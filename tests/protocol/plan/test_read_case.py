"""A case file says which line is wrong, and why; each fault is planted into the sample tender's own file."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical, limits
from protocol.plan.case import CASE_BYTES_MAX, Case, read_case, without_expected
from protocol.plan.findings import Finding
from protocol.plan.validate import validate_case, validate_plan

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "ops" / "sample" / "case.json"
TEXT = SAMPLE.read_text()
CASES = sorted((ROOT / "ops" / "cases").glob("*.json"))


def findings(text: str) -> tuple[Finding, ...]:
    found = read_case(text.encode())
    assert isinstance(found, tuple), "the fault was not found"
    assert all(one.zh and one.en for one in found)
    return found


def changed(old: str, new: str, after: str = "") -> tuple[str, int]:
    """The sample's text with one place changed (the first one after `after`), and the line of the change."""
    start = TEXT.index(old, TEXT.index(after) if after else 0)
    text = TEXT[:start] + new + TEXT[start + len(old) :]
    assert text != TEXT
    return text, text.count("\n", 0, start) + 1


def rewritten(change: Any) -> str:
    """The sample with a change to its plain values, written anew."""
    value = json.loads(TEXT)
    change(value)
    return json.dumps(value, ensure_ascii=False, indent=1)


def only(text: str, code: str) -> Finding:
    found = [one for one in findings(text) if one.code == code]
    assert found, [one.code for one in findings(text)]
    return found[0]


def line_of(text: str, part: str) -> int:
    return text.count("\n", 0, text.index(part)) + 1


@pytest.mark.parametrize("path", [*CASES, SAMPLE], ids=lambda path: path.stem)
def test_every_committed_case_reads_without_a_warning(path: Path) -> None:
    text = path.read_bytes()
    case = read_case(text)
    assert isinstance(case, Case), case
    assert validate_case(case, text) == ()
    assert validate_plan(case.plan) == ()
    assert case.source.text
    assert case.id == (path.stem if path is not SAMPLE else "sample")


@pytest.mark.parametrize("path", [*CASES, SAMPLE], ids=lambda path: path.stem)
def test_every_case_and_its_plan_have_canonical_bytes(path: Path) -> None:
    case = read_case(path.read_bytes())
    assert isinstance(case, Case)
    raw = canonical.encode(case)
    assert canonical.decode(raw, Case, CASE_BYTES_MAX) == case
    assert read_case(raw) == case
    assert len(canonical.encode(case.plan)) < limits.DISCLOSURE_BYTES_MAX


def test_there_are_ten_published_cases_and_all_carry_their_expectation() -> None:
    assert len(CASES) == 10
    for path in CASES:
        case = read_case(path.read_bytes())
        assert isinstance(case, Case)
        assert case.expected is not None
        assert without_expected(case).expected is None


def test_the_sample_says_that_it_is_fictional_and_seats_five_members_at_four_places() -> None:
    case = read_case(TEXT.encode())
    assert isinstance(case, Case)
    assert "虚构示例" in case.plan.notice_zh
    assert "虚构示例" in case.source.text
    seated = {member.seat: member.venue for member in case.members if not member.reserve}
    assert seated == {"M1": "hefei", "M2": "shanghai", "M3": "nanjing", "M4": "nanjing", "M5": "hangzhou"}
    assert [venue.id for venue in case.venues if venue.role == "main"] == ["hefei"]


def test_a_wrong_weight_sum_is_told_at_the_full_marks_of_its_group() -> None:
    text, line = changed('"max_centi": 4000', '"max_centi": 4100')
    found = [one for one in findings(text) if one.code == "WeightSum"]
    assert [one.line for one in found] == [line, line_of(text, '"max_centi": 10000')]
    assert "40 分,应为 41 分" in found[0].zh
    assert "40 points instead of 41" in found[0].en


def test_weights_that_do_not_add_up_are_told() -> None:
    path = ROOT / "ops" / "cases" / "textbook_cn_87_low_price_priority.json"
    text = path.read_text().replace('"weight": "0.7"', '"weight": "0.6"')
    wrong = only(text, "WeightSum")
    assert wrong.pointer == "/plan/schemes/0/max_centi"
    assert "90 分,应为 100 分" in wrong.zh


def test_a_score_over_its_range_is_told_with_its_line() -> None:
    text, line = changed('"A1": ', '"A1": 9', after='"M3": {')
    wrong = only(text, "ScoreRange")
    assert (wrong.line, wrong.pointer) == (line, "/sheets/01/M3/b1/A1")
    assert "0 至 8 分" in wrong.zh


def test_a_score_off_its_step_is_told_with_its_line() -> None:
    text = rewritten(lambda case: case["sheets"]["01"]["M2"]["b4"].update(A2=525))
    wrong = only(text, "ScoreStep")
    assert wrong.line == line_of(text, '"A2": 525')
    assert "5.25" in wrong.zh
    assert "0.5" in wrong.zh


def test_a_missing_sheet_is_told_for_its_seat() -> None:
    text = rewritten(lambda case: case["sheets"]["01"].pop("M5"))
    wrong = only(text, "MissingSheet")
    assert (wrong.line, wrong.pointer) == (line_of(text, '"sheets": {') + 1, "/sheets/01")
    assert "“M5”" in wrong.zh


def test_a_missing_score_and_a_missing_bidder_are_told() -> None:
    text = rewritten(lambda case: case["sheets"]["01"]["M4"]["b3"].pop("B2"))
    assert "B2" in only(text, "MissingScore").zh
    text = rewritten(lambda case: case["sheets"]["01"]["M4"].pop("b3"))
    assert only(text, "MissingScore").pointer == "/sheets/01/M4"


def test_a_duplicate_bidder_is_told_whether_by_id_code_name_or_bid() -> None:
    text, line = changed('"id": "b2"', '"id": "b1"')
    wrong = only(text, "DuplicateBidder")
    assert (wrong.line, wrong.pointer) == (line, "/bidders/1/id")
    text, line = changed('"code": "乙"', '"code": "甲"')
    assert only(text, "DuplicateBidder").line == line
    text, line = changed('"name": "苏越建工"', '"name": "皖澄市政"')
    assert only(text, "DuplicateBidder").line == line
    text, line = changed('"bidder": "b2"', '"bidder": "b1"', after='"bids"')
    assert only(text, "DuplicateBidder").line == line


def test_a_price_over_the_ceiling_is_told() -> None:
    text, line = changed('"4698.00"', '"4860.01"')
    wrong = only(text, "PriceOverCeiling")
    assert (wrong.line, wrong.pointer) == (line, "/bids/3/price")
    assert "4860.00" in wrong.zh


@pytest.mark.parametrize(
    "price", ['"4,528.60"', '"4528.60万元"', '"04528"', '"-1"', '"1e3"', '"4528.60\\n"', '" 1"']
)
def test_a_price_that_is_no_decimal_is_told(price: str) -> None:
    text, line = changed('"4528.60"', price)
    wrong = only(text, "BadForm")
    assert (wrong.line, wrong.pointer) == (line, "/bids/0/price")
    assert "4528.60" in wrong.en


def test_a_price_as_a_json_number_is_refused_because_it_would_be_a_float() -> None:
    text, line = changed('"4528.60"', "4528.60")
    wrong = only(text, "WrongType")
    assert wrong.line == line
    assert "带小数的数字 4528.60" in wrong.zh


def test_missing_and_zero_prices_are_told() -> None:
    text, line = changed('"price": "4528.60"', '"price": ""')
    assert (only(text, "PriceMissing").line, only(text, "PriceMissing").pointer) == (line, "/bids/0")
    text, line = changed('"price": "4528.60"', '"price": "0.00"')
    assert only(text, "PriceZero").line == line


def test_a_duplicate_key_is_told_with_both_lines() -> None:
    text, line = changed('"regime": "TENDER",', '"regime": "TENDER",\n    "regime": "GOV_PROC",')
    wrong = only(text, "DuplicateKey")
    assert wrong.line == line + 1
    assert f"第 {line} 行" in wrong.zh


def test_an_unknown_field_is_told_with_what_may_have_been_meant() -> None:
    text, line = changed('"price_ceiling"', '"price_celing"')
    wrong = only(text, "UnknownField")
    assert (wrong.line, wrong.pointer) == (line, "/plan/lots/0/price_celing")
    assert "price_ceiling" in wrong.zh
    assert "Did you mean “price_ceiling”" in wrong.en


def test_a_missing_field_is_told_at_its_object() -> None:
    text = rewritten(lambda case: case["plan"]["schemes"][0].pop("wins"))
    wrong = only(text, "MissingField")
    assert wrong.pointer == "/plan/schemes/0"
    assert "wins" in wrong.zh


def test_an_unknown_version_stops_the_reading() -> None:
    text, line = changed('"v": 1', '"v": 2')
    found = findings(text)
    assert [(one.code, one.line) for one in found] == [("VersionUnknown", line)]
    assert findings(text.replace('"v": 2', '"v": "1"', 1))[0].code == "VersionUnknown"
    assert findings("{}")[0].code == "MissingField"
    assert findings("[]")[0].code == "WrongType"


def test_a_drawn_value_outside_the_candidates_is_told() -> None:
    text, line = changed('{"K": "98"}', '{"K": "96"}')
    wrong = only(text, "DrawNotCandidate")
    assert (wrong.line, wrong.pointer) == (line, "/draws/01/K")
    assert "97、97.5、98、98.5、99" in wrong.zh


def test_a_missing_or_unknown_draw_is_told() -> None:
    assert only(rewritten(lambda case: case.pop("draws")), "DrawMissing").pointer == "/draws"
    wrong = only(rewritten(lambda case: case["draws"]["01"].update(k="98")), "UnknownId")
    assert wrong.pointer == "/draws/01/k"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda case: case["members"][0].update(venue="wuhan"), "/members/0/venue"),
        (lambda case: case["bids"][0].update(bidder="b9"), "/bids/0/bidder"),
        (lambda case: case["bids"][0].update(lot="02"), "/bids/0/lot"),
        (lambda case: case["plan"]["lots"][0].update(scheme="other"), "/plan/lots/0/scheme"),
        (lambda case: case["sheets"]["01"]["M1"]["b1"].update(A9=100), "/sheets/01/M1/b1/A9"),
        (lambda case: case["sheets"]["01"]["M1"].update(b9={}), "/sheets/01/M1/b9"),
        (lambda case: case["sheets"]["01"].update(M9={}), "/sheets/01/M9"),
        (lambda case: case["sheets"]["01"].update(M6={}), "/sheets/01/M6"),
        (lambda case: case["sheets"].update({"02": {}}), "/sheets/02"),
        (lambda case: case["turns"][0].update(seat="M6"), "/turns/0/seat"),
        (lambda case: case["turns"][0].update(criterion="B9"), "/turns/0/criterion"),
        (lambda case: case["expected"]["lots"][0]["totals"].update(b9="1"), "/expected/lots/0/totals/b9"),
        (lambda case: case["expected"]["lots"][0].update(winner="b9"), "/expected/lots/0/winner"),
        (
            lambda case: case.update(rejections=[{"lot": "01", "bidder": "b9", "ground_zh": "未盖章"}]),
            "/rejections/0/bidder",
        ),
        (
            lambda case: case["plan"]["schemes"][0]["deviation"].update(of=["D"]),
            "/plan/schemes/0/deviation/of/0",
        ),
        (
            lambda case: case["plan"]["schemes"][0].update(ties=[{"by": "higher_points", "of": "D"}]),
            "/plan/schemes/0/ties/0/of",
        ),
        (
            lambda case: case["plan"]["schemes"][0]["criteria"][0].update(envelope="9"),
            "/plan/schemes/0/criteria/0/envelope",
        ),
        (
            lambda case: case["plan"]["schemes"][0]["criteria"][2]["formula"]["terms"][0]["factors"][
                0
            ].update(rate="Q"),
            "/plan/schemes/0/criteria/2/formula/terms/0/factors/0/rate",
        ),
    ],
)
def test_ids_that_nothing_answers_to_are_told_where_they_stand(change: Any, pointer: str) -> None:
    wrong = only(rewritten(change), "UnknownId")
    assert wrong.pointer == pointer
    assert wrong.line > 0


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda case: case["members"].pop(4), "CommitteeUnfit", "少于规定的 5 人"),
        (lambda case: case["members"][5].update(reserve=False), "CommitteeUnfit", "单数"),
        (lambda case: case["members"][1].update(kind="tenderee_rep"), "CommitteeUnfit", "2/3"),
        (lambda case: case["venues"][1].update(role="main"), "VenuesUnfit", "现有 2 个"),
        (lambda case: case["members"][1].update(seat="M1"), "DuplicateId", "M1"),
        (lambda case: case["venues"][1].update(id="hefei"), "DuplicateId", "hefei"),
        (lambda case: case["bids"].__delitem__(slice(2, 5)), "TooFewBids", "少于 3 份"),
        (lambda case: case["expected"]["lots"][0]["ranking"].append("b1"), "ExpectedUnfit", "重复"),
        (lambda case: case["turns"][0].update(points_centi=700), "ScoreRange", "0 至 6 分"),
    ],
)
def test_what_does_not_fit_together_is_told(change: Any, code: str, words: str) -> None:
    wrong = only(rewritten(change), code)
    assert words in wrong.zh
    assert wrong.line > 0


def test_a_rejected_bidder_needs_no_price_and_no_scores() -> None:
    def reject(case: Any) -> None:
        case["rejections"] = [{"lot": "01", "bidder": "b5", "ground_zh": "投标函未盖章"}]
        case["bids"][4]["price"] = ""
        case["expected"] = None
        for sheet in case["sheets"]["01"].values():
            del sheet["b5"]

    assert isinstance(read_case(rewritten(reject).encode()), Case)


def test_fewer_than_three_valid_bids_are_a_warning_not_an_error() -> None:
    def reject(case: Any) -> None:
        names = ("b3", "b4", "b5")
        case["rejections"] = [{"lot": "01", "bidder": name, "ground_zh": "实质性不响应"} for name in names]
        case["expected"] = None
        case["turns"] = []

    text = rewritten(reject).encode()
    case = read_case(text)
    assert isinstance(case, Case)
    assert [(one.code, one.severity) for one in validate_case(case, text)] == [("TooFewBids", "warning")]


def test_all_faults_of_form_are_told_at_once_in_order_of_their_lines() -> None:
    def spoil(case: Any) -> None:
        case["kind"] = "novel"
        case["plan"]["lots"][0]["currency"] = "yuan"
        case["members"][0]["reserve"] = "no"
        case["bids"][0]["price"] = None

    found = findings(rewritten(spoil))
    assert [one.code for one in found] == ["NotAllowedValue", "BadForm", "WrongType", "WrongType"]
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_a_session_still_to_be_held_needs_neither_sheets_nor_draws() -> None:
    def empty(case: Any) -> None:
        case["sheets"] = {}
        case["draws"] = {}
        case["expected"] = None

    text = rewritten(empty)
    assert {one.code for one in findings(text)} == {"MissingSheet", "DrawMissing"}
    assert isinstance(read_case(text.encode(), complete=False), Case)


def test_a_file_that_is_too_large_is_not_read() -> None:
    found = read_case(b" " * (CASE_BYTES_MAX + 1))
    assert isinstance(found, tuple)
    assert found[0].code == "TooLarge"


def test_local_preference_in_a_criterion_is_a_warning_with_its_line() -> None:
    text, line = changed(
        "投标人近五年类似工程业绩,每项 2 分,最多 6 分,不限地区", "投标人近五年本市类似工程业绩,每项 2 分"
    )
    case = read_case(text.encode())
    assert isinstance(case, Case)
    (warned,) = validate_case(case, text.encode())
    assert (warned.code, warned.severity, warned.line) == ("RegionalPreference", "warning", line)
    assert "355号" in warned.zh
    assert "本市…业绩" in warned.zh
