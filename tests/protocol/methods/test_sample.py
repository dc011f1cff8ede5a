"""The sample tender to the cent, and what changes when a rule or a score does."""

from typing import Any

import msgspec
import pytest

from protocol import canonical
from protocol.methods.evaluate import evaluate, explain
from protocol.methods.evaluation import Evaluation, Inputs
from protocol.methods.from_case import inputs_from
from protocol.plan.case import Case
from protocol.plan.plan import Plan

# SAMPLE: bidder → (members' totals for A, A, B, C, total).
TABLE: dict[str, tuple[tuple[str, ...], str, str, str, str]] = {
    "b1": (("34.5", "35", "35.5", "35", "29.5"), "34.83", "14.00", "43.24", "92.07"),
    "b3": (("33.5", "34", "34.5", "34", "39.5"), "34.17", "13.00", "44.44", "91.61"),
    "b4": (("37", "36.5", "37", "37.5", "36"), "36.83", "15.00", "39.43", "91.26"),
    "b2": (("35", "35.5", "35", "34.5", "34"), "34.83", "15.00", "41.36", "91.19"),
    "b5": (("31.5", "32", "31", "32", "30.5"), "31.50", "10.00", "44.33", "85.83"),
}


@pytest.fixture
def inputs(case: Case) -> Inputs:
    return inputs_from(case, "01")


def done(plan: Plan, inputs: Inputs) -> Evaluation:
    result = evaluate(plan, "01", inputs)
    assert isinstance(result, Evaluation), result
    return result


def with_plan(case: Case, change: Any) -> Plan:
    value = msgspec.json.decode(msgspec.json.encode(case.plan))
    change(value["schemes"][0])
    return msgspec.convert(value, Plan)


def test_the_whole_table_comes_out_to_the_cent(case: Case, inputs: Inputs) -> None:
    result = done(case.plan, inputs)
    assert [(row.bidder, row.rank, row.tied) for row in result.rows] == [
        (bidder, place, False) for place, bidder in enumerate(TABLE, start=1)
    ]
    for row in result.rows:
        parts = {part.criterion: part.points for part in row.parts}
        assert (parts["A"], parts["B"], parts["C"], row.total) == TABLE[row.bidder][1:]
        assert row.candidate == (row.rank <= 3)
    assert (result.mean_price, result.base_price, result.draws) == ("4540.98", "4450.16", {"K": "98"})
    assert result.blocked is False
    assert result.mismatches == ()


def test_the_members_totals_are_those_of_the_table(case: Case, inputs: Inputs) -> None:
    result = done(case.plan, inputs)
    for bidder, row in TABLE.items():
        given = {one.seat: one.points for one in result.deviations if one.bidder == bidder}
        assert tuple(given[f"M{i}"] for i in range(1, 6)) == row[0]


def test_m5_alone_lies_over_the_threshold_on_two_bidders(case: Case, inputs: Inputs) -> None:
    result = done(case.plan, inputs)
    over = [(one.seat, one.bidder, one.percent, one.mean) for one in result.deviations if one.over]
    assert over == [("M5", "b1", "-15.71", "35"), ("M5", "b3", "16.18", "34")]
    assert len(result.deviations) == 25


def test_against_the_mean_of_all_nobody_lies_over_the_threshold(case: Case, inputs: Inputs) -> None:
    plan = with_plan(case, lambda scheme: scheme["deviation"].update(against="all"))
    assert not [one for one in done(plan, inputs).deviations if one.over]


def test_with_the_plain_mean_bing_would_win(case: Case, inputs: Inputs) -> None:
    plan = with_plan(case, lambda scheme: scheme["criteria"][0].update(aggregate={"of": "totals"}))
    rows = done(plan, inputs).rows
    totals = {row.bidder: row.total for row in rows}
    assert rows[0].bidder == "b3"
    assert (totals["b3"], totals["b1"]) == ("92.54", "91.14")


def test_another_drawn_k_changes_the_base_price_and_the_points(case: Case, inputs: Inputs) -> None:
    other = done(case.plan, msgspec.structs.replace(inputs, draws={"K": "97"}))
    assert other.base_price == "4404.75"
    assert other.rows[0].total != "92.07"


def test_one_changed_score_changes_the_ranking(case: Case, inputs: Inputs) -> None:
    value = msgspec.to_builtins(inputs)
    value["sheets"]["M1"]["b4"]["A1"] = 0
    result = done(case.plan, msgspec.convert(value, Inputs))
    assert [row.bidder for row in result.rows] == ["b1", "b3", "b2", "b4", "b5"]


def test_m4_s_first_entry_differs_on_an_objective_item_and_blocks(case: Case, inputs: Inputs) -> None:
    turn = case.turns[0]
    value = msgspec.to_builtins(inputs)
    value["sheets"][turn.seat][turn.bidder][turn.criterion] = turn.points_centi
    result = done(case.plan, msgspec.convert(value, Inputs))
    assert result.blocked is True
    (mismatch,) = result.mismatches
    assert (mismatch.criterion, mismatch.bidder) == ("B2", "b3")
    assert mismatch.scores == {"M1": 400, "M2": 400, "M3": 400, "M4": 600, "M5": 400}
    noted = with_plan(case, lambda scheme: scheme.update(objective_mismatch="note"))
    assert done(noted, msgspec.convert(value, Inputs)).blocked is False


def test_the_turns_of_m5_explain_exactly_what_lies_over(case: Case, inputs: Inputs) -> None:
    over = {(one.seat, one.bidder, one.criterion) for one in done(case.plan, inputs).deviations if one.over}
    explained = {(turn.seat, turn.bidder, turn.criterion) for turn in case.turns if turn.kind == "explain"}
    assert explained == over


def test_an_evaluation_has_canonical_bytes_and_so_no_float(case: Case, inputs: Inputs) -> None:
    result = done(case.plan, inputs)
    raw = canonical.encode(result)
    assert canonical.decode(raw, Evaluation) == result
    assert canonical.decode(canonical.encode(inputs), Inputs) == inputs


def test_the_working_is_told_in_words(case: Case, inputs: Inputs) -> None:
    steps = explain(case.plan, "01", inputs)
    assert any("去掉 1 个最高、1 个最低" in step.zh for step in steps)
    assert any("平均价 4540.98 万元,K 值 98%,评标基准价 4450.16 万元" in step.zh for step in steps)
    assert all(step.zh and step.en for step in steps)
