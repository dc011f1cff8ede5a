"""A plan whose parts do not fit together is told so, part by part."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import canonical, limits
from protocol.plan.case import Case, read_case
from protocol.plan.findings import Finding
from protocol.plan.plan import Plan
from protocol.plan.validate import validate_plan

ROOT = Path(__file__).resolve().parents[3]


def sample() -> Any:
    case = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    return msgspec.json.decode(msgspec.json.encode(case.plan))


def judge(change: Any) -> tuple[Finding, ...]:
    value = sample()
    change(value)
    return validate_plan(msgspec.convert(value, Plan))


def scheme(plan: Any) -> Any:
    return plan["schemes"][0]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (lambda plan: plan.update(lots=[]), "Empty", "/lots"),
        (lambda plan: plan.update(schemes=[]), "Empty", "/schemes"),
        (lambda plan: plan["lots"].append(plan["lots"][0]), "DuplicateId", "/lots/1/id"),
        (lambda plan: plan["schemes"].append(scheme(plan)), "DuplicateId", "/schemes/1/id"),
        (lambda plan: plan["committee"].update(experts_num=4), "RuleUnfit", "/committee/experts_num"),
        (lambda plan: scheme(plan).update(envelopes=[]), "Empty", "/schemes/0/envelopes"),
        (lambda plan: scheme(plan).update(criteria=[]), "Empty", "/schemes/0/criteria"),
        (
            lambda plan: scheme(plan)["criteria"][1]["children"][0].update(id="A1"),
            "DuplicateId",
            "/schemes/0/criteria/1/children/0/id",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0]["children"][0].update(step_centi=300),
            "StepDivides",
            "/schemes/0/criteria/0/children/0/step_centi",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0].update(children=[]),
            "TreeShape",
            "/schemes/0/criteria/0",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2].update(formula=None),
            "TreeShape",
            "/schemes/0/criteria/2",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0]["children"][0].update(
                formula={"type": "low_price_first"}
            ),
            "TreeShape",
            "/schemes/0/criteria/0/children/0/formula",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2].update(kind="quantity", quantity="days"),
            "TreeShape",
            "/schemes/0/criteria/2/formula",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2].update(quantity="days"),
            "TreeShape",
            "/schemes/0/criteria/2",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2].update(aggregate={"of": "items"}),
            "TreeShape",
            "/schemes/0/criteria/2/aggregate",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0]["children"][0].update(aggregate={"of": "items"}),
            "TreeShape",
            "/schemes/0/criteria/0/children/0/aggregate",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0].update(pass_centi=4001),
            "TreeShape",
            "/schemes/0/criteria/0/pass_centi",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0]["children"][0].update(normalise_centi=800),
            "TreeShape",
            "/schemes/0/criteria/0/children/0/normalise_centi",
        ),
        (
            lambda plan: scheme(plan)["criteria"][0]["aggregate"]["trim"].update(members_min=2),
            "RuleUnfit",
            "/schemes/0/criteria/0/aggregate/trim",
        ),
        (
            lambda plan: scheme(plan).update(
                wins="lowest", award={"type": "technical_over_price", "offset": "50", "factor": "1"}
            ),
            "RuleUnfit",
            "/schemes/0/wins",
        ),
        (
            lambda plan: scheme(plan).update(award={"type": "price_over_technical"}),
            "RuleUnfit",
            "/schemes/0/wins",
        ),
        (
            lambda plan: scheme(plan)["rates"][0].update(percent="98"),
            "RuleUnfit",
            "/schemes/0/rates/0",
        ),
        (
            lambda plan: scheme(plan)["rates"][0]["candidates"].append("98.0"),
            "RuleUnfit",
            "/schemes/0/rates/0/candidates",
        ),
        (lambda plan: scheme(plan)["ties"][0].update(of="A"), "RuleUnfit", "/schemes/0/ties/0"),
        (
            lambda plan: scheme(plan)["deviation"].update(of=["C"]),
            "RuleUnfit",
            "/schemes/0/deviation/of/0",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"].update(terms=[]),
            "Empty",
            "/schemes/0/criteria/2/formula/terms",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"]["terms"][0].update(of="drawn_bid"),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/terms/0",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"]["terms"][0].update(of="reference"),
            "RuleUnfit",
            "/lots/0",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"].update(step_percent="0"),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/step_percent",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"].update(
                drop=[{"bids_min": 2, "high": 1, "low": 1}]
            ),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/drop/0",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"].update(
                drop=[{"bids_min": 7, "high": 1, "low": 1}, {"bids_min": 6, "high": 1, "low": 0}]
            ),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/drop",
        ),
        (
            lambda plan: scheme(plan)["criteria"][2]["formula"].update(floor_centi=4600),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/floor_centi",
        ),
    ],
)
def test_each_fault_has_its_code_and_place(change: Any, code: str, pointer: str) -> None:
    found = judge(change)
    assert (code, pointer) in {(one.code, one.pointer) for one in found}
    assert all(one.severity == "error" for one in found)


def test_a_ceiling_that_the_range_of_counted_bids_needs_must_be_given() -> None:
    def spoil(plan: Any) -> None:
        plan["lots"][0]["price_ceiling"] = ""
        scheme(plan)["criteria"][2]["formula"]["count_from_percent"] = "85"

    assert {one.pointer for one in judge(spoil)} == {"/lots/0"}


def test_too_many_items_lots_or_envelopes_are_told() -> None:
    def many_items(plan: Any) -> None:
        one = scheme(plan)["criteria"][0]["children"][0]
        count = limits.CRITERIA_PER_STAGE_MAX + 1
        scheme(plan)["criteria"][0]["children"] = [{**one, "id": f"X{i}"} for i in range(count)]

    def many_lots(plan: Any) -> None:
        plan["lots"] = [{**plan["lots"][0], "id": f"L{i}"} for i in range(limits.LOTS_MAX + 1)]

    def many_envelopes(plan: Any) -> None:
        one = scheme(plan)["envelopes"][0]
        count = limits.ENVELOPES_PER_LOT_MAX + 1
        scheme(plan)["envelopes"] = [{**one, "id": f"E{i}", "order": i} for i in range(count)]

    for change in (many_items, many_lots, many_envelopes):
        assert "TooMany" in {one.code for one in judge(change)}


def test_a_tree_that_is_too_deep_is_told_and_the_deepest_allowed_stays_canonical() -> None:
    def nest(levels: int) -> Any:
        def change(plan: Any) -> None:
            node = dict(scheme(plan)["criteria"][2])
            for level in range(levels):
                node = {"id": f"G{level}", "zh": "组", "kind": "group", "max_centi": 4500, "children": [node]}
            scheme(plan)["criteria"][2] = node

        return change

    assert judge(nest(2)) == ()
    assert "TreeShape" in {one.code for one in judge(nest(3))}
    value = sample()
    nest(2)(value)
    plan = msgspec.convert(value, Plan)
    assert canonical.decode(canonical.encode({"hidden": {"plan": plan}}), dict[str, dict[str, Plan]]) == {
        "hidden": {"plan": plan}
    }


def test_government_procurement_is_warned_about_dropped_prices_and_a_low_price_share() -> None:
    def change(plan: Any) -> None:
        plan.update(regime="GOV_PROC", category="goods")
        first, second, price = scheme(plan)["criteria"]
        price["formula"]["drop"] = [{"bids_min": 5, "high": 1, "low": 1}]
        price.update(max_centi=2000)
        second.update(weight="1")
        first.update(weight="1.625")

    found = {(one.code, one.severity) for one in judge(change)}
    assert found == {("PriceDropForbidden", "warning"), ("PriceShareLow", "warning")}


def test_tenders_may_drop_prices_and_set_any_price_share() -> None:
    def change(plan: Any) -> None:
        price = scheme(plan)["criteria"][2]
        price["formula"]["drop"] = [{"bids_min": 5, "high": 1, "low": 1}]

    assert judge(change) == ()
