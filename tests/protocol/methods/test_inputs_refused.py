"""Inputs that are incomplete or impossible are refused with their place before anything is worked out."""

from typing import Any

import msgspec
import pytest

from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs
from tests.protocol.methods.given import inputs_of, leaf, plan_of, refused

PLAN = plan_of(
    leaf("T", 5000, step_centi=50),
    leaf("D", 1000, "quantity", quantity="days", formula={"type": "linear_ratio"}),
    leaf(
        "P",
        4000,
        "price",
        formula={
            "type": "base_price_deviation",
            "terms": [
                {"of": "mean", "factors": [{"rate": "K"}]},
                {"of": "drawn_bid", "draw": "B", "factors": [{"rate": "none"}]},
            ],
            "e_above": "1",
            "e_below": "1",
        },
    ),
    rates=[{"id": "K", "zh": "K", "candidates": ["97", "98"]}, {"id": "none", "zh": "零", "percent": "0"}],
)
GOOD = inputs_of(
    {"a": "10", "b": "11"},
    {"M1": {"a": {"T": 4000}, "b": {"T": 4500}}, "M2": {"a": {"T": 4050}, "b": {"T": 4500}}},
    quantities={"a": {"days": "30"}, "b": {"days": "40"}},
    draws={"K": "97", "B": "a"},
)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (lambda given: given.update(valid=[]), "NothingToRank", "/valid"),
        (lambda given: given.update(valid=["a", "b", "a"]), "DuplicateBidder", "/valid/2"),
        (lambda given: given.update(sheets={}), "MissingSheet", "/sheets"),
        (lambda given: given["sheets"]["M2"].pop("b"), "MissingScore", "/sheets/M2"),
        (lambda given: given["sheets"]["M2"]["b"].clear(), "MissingScore", "/sheets/M2/b"),
        (lambda given: given["sheets"]["M1"]["a"].update(T=5050), "ScoreRange", "/sheets/M1/a/T"),
        (lambda given: given["sheets"]["M1"]["a"].update(T=-50), "ScoreRange", "/sheets/M1/a/T"),
        (lambda given: given["sheets"]["M1"]["a"].update(T=4025), "ScoreStep", "/sheets/M1/a/T"),
        (lambda given: given["sheets"]["M1"]["a"].update(X=1), "UnknownId", "/sheets/M1/a/X"),
        (lambda given: given["prices"].pop("b"), "PriceMissing", "/prices"),
        (lambda given: given["prices"].update(b="0"), "PriceZero", "/prices/b"),
        (lambda given: given["prices"].update(b="-3"), "PriceZero", "/prices/b"),
        (lambda given: given["prices"].update(b="1e3"), "BadForm", "/prices/b"),
        (lambda given: given["prices"].update(b="NaN"), "BadForm", "/prices/b"),
        (lambda given: given["prices"].update(b="1/3"), "BadForm", "/prices/b"),
        (lambda given: given["quantities"].pop("b"), "QuantityMissing", "/quantities"),
        (lambda given: given["quantities"]["b"].update(days="0"), "QuantityZero", "/quantities/b/days"),
        (lambda given: given["quantities"]["b"].update(days="ten"), "BadForm", "/quantities/b"),
        (lambda given: given["draws"].pop("K"), "DrawMissing", "/draws"),
        (lambda given: given["draws"].update(K="99"), "DrawNotCandidate", "/draws/K"),
        (lambda given: given["draws"].update(B="z"), "DrawNotCandidate", "/draws/B"),
    ],
)
def test_each_fault_has_its_code_and_place(change: Any, code: str, pointer: str) -> None:
    value = msgspec.json.decode(msgspec.json.encode(GOOD))
    change(value)
    found = refused(PLAN, msgspec.convert(value, Inputs))
    assert (code, pointer) in {(one.code, one.pointer) for one in found}
    assert all(one.severity == "error" and one.zh and one.en for one in found)


def test_an_unknown_lot_is_refused() -> None:
    assert [one.code for one in refused(PLAN, GOOD, lot="9")] == ["UnknownId"]


def test_scores_of_a_bidder_rejected_later_are_passed_over() -> None:
    value = msgspec.json.decode(msgspec.json.encode(GOOD))
    value["valid"] = ["a"]
    value["sheets"]["M1"]["b"] = {"T": 99999}
    assert isinstance(evaluate(PLAN, "1", msgspec.convert(value, Inputs)), Evaluation)


def test_a_range_that_no_bid_is_in_gives_no_base_price() -> None:
    formula = {
        "type": "base_price_deviation",
        "terms": [{"of": "mean"}],
        "e_above": "1",
        "e_below": "1",
        "count_to_percent": "50",
    }
    plan = plan_of(leaf("P", 4000, "price", formula=formula), lot={"price_ceiling": "10"})
    (wrong,) = refused(plan, inputs_of({"a": "9", "b": "10"}))
    assert (wrong.code, wrong.pointer) == ("RuleUnfit", "/prices")
    assert "没有计入评标基准价的报价" in wrong.zh


def test_a_base_price_of_zero_is_refused() -> None:
    formula = {
        "type": "base_price_deviation",
        "terms": [{"of": "mean", "factors": [{"rate": "K"}]}],
        "e_above": "1",
        "e_below": "1",
    }
    plan = plan_of(leaf("P", 4000, "price", formula=formula), rates=[{"id": "K", "zh": "K", "percent": "0"}])
    (wrong,) = refused(plan, inputs_of({"a": "9", "b": "10"}))
    assert "不大于零" in wrong.zh


def test_a_drawn_bid_that_failed_its_pass_mark_has_no_price_to_draw_on() -> None:
    formula = {
        "type": "base_price_deviation",
        "terms": [{"of": "drawn_bid", "draw": "B"}],
        "e_above": "1",
        "e_below": "1",
    }
    plan = plan_of(leaf("T", 6000, pass_centi=3000), leaf("P", 4000, "price", formula=formula))
    sheets = {"M1": {"a": {"T": 100}, "b": {"T": 4000}}}
    found = refused(plan, inputs_of({"a": "9", "b": "10"}, sheets, draws={"B": "a"}))
    assert [one.code for one in found] == ["DrawNotCandidate"]
