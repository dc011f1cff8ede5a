"""Stages, scored items, and the check of one member's sheet."""

from typing import Any

import msgspec
import pytest

from protocol.plan.case import Case
from protocol.plan.plan import Plan
from protocol.plan.stages import check_sheet, leaves, lot_of, scheme_of, stages


def two_envelopes(plan: Plan) -> Plan:
    """The sample with its price in a second envelope, and a second lot under the same scheme."""
    value: Any = msgspec.json.decode(msgspec.json.encode(plan))
    value["schemes"][0]["envelopes"] = [
        {"id": "2", "zh": "报价文件", "kind": "price", "order": 2},
        {"id": "1", "zh": "技术商务文件", "kind": "technical", "order": 1},
    ]
    value["schemes"][0]["criteria"][2]["envelope"] = "2"
    value["lots"].append({**value["lots"][0], "id": "02"})
    return msgspec.convert(value, Plan)


def test_the_sample_has_one_stage_with_ten_scored_items(case: Case) -> None:
    assert stages(case.plan) == (("01", "1"),)
    items = leaves(case.plan, "01", "1")
    assert [item.id for item in items] == ["A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4"]
    first = items[0]
    assert (first.max_centi, first.step_centi, first.kind, first.blind) == (800, 50, "subjective", True)
    assert (first.path, first.path_zh) == (("A",), ("技术部分(暗标)",))
    assert (items[7].kind, items[7].blind, items[7].rule_zh[-4:]) == ("objective", False, "不限地区")


def test_stages_go_by_lot_and_then_by_the_order_of_envelopes(case: Case) -> None:
    plan = two_envelopes(case.plan)
    assert stages(plan) == (("01", "1"), ("01", "2"), ("02", "1"), ("02", "2"))
    assert len(leaves(plan, "02", "1")) == 10
    assert leaves(plan, "02", "2") == ()


def test_unknown_lots_are_a_mistake_of_the_caller(case: Case) -> None:
    with pytest.raises(KeyError):
        leaves(case.plan, "09", "1")
    with pytest.raises(KeyError):
        lot_of(case.plan, "09")
    with pytest.raises(KeyError):
        scheme_of(msgspec.structs.replace(case.plan, schemes=()), "01")


def test_a_complete_sheet_has_no_findings(case: Case) -> None:
    bidders = tuple(bidder.id for bidder in case.bidders)
    for sheet in case.sheets["01"].values():
        assert check_sheet(case.plan, "01", "1", bidders, sheet) == ()


def test_a_sheet_is_refused_for_what_is_missing_added_out_of_range_or_off_step(case: Case) -> None:
    bidders = ("b1", "b2")
    good = {bidder: dict(case.sheets["01"]["M1"][bidder]) for bidder in bidders}

    def codes(sheet: dict[str, dict[str, int]]) -> list[tuple[str, str]]:
        found = check_sheet(case.plan, "01", "1", bidders, sheet, seat="M1")
        return [(one.code, one.pointer) for one in found]

    assert codes(good) == []
    assert codes({"b1": good["b1"]}) == [("MissingScore", "")]
    assert codes({**good, "b9": good["b1"]}) == [("UnknownId", "/b9")]
    assert codes({**good, "b2": {**good["b2"], "C": 4500}}) == [("UnknownId", "/b2/C")]
    assert codes({**good, "b2": {**good["b2"], "A1": 801}}) == [("ScoreRange", "/b2/A1")]
    assert codes({**good, "b2": {**good["b2"], "A1": -50}}) == [("ScoreRange", "/b2/A1")]
    assert codes({**good, "b2": {**good["b2"], "A1": 725}}) == [("ScoreStep", "/b2/A1")]
    assert codes({**good, "b2": {**good["b2"], "A1": True}}) == [("ScoreRange", "/b2/A1")]
    short = {name: points for name, points in good["b2"].items() if name != "A1"}
    assert codes({**good, "b2": short}) == [("MissingScore", "/b2")]
