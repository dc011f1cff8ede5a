"""What a plan adds to its formulas is checked, and what is unlike the usual rules is said."""

from typing import Any

import msgspec
import pytest

from protocol import canonical
from protocol.plan.case import Case, read_case
from protocol.plan.plan import Plan
from protocol.plan.validate import validate_plan
from tests.protocol.plan.test_validate_plan import ROOT, judge, scheme

SAMPLE_DIGEST = "bdf63b3af2d766519ab63399314fe3d72cd9d847a7f06d8b42fabdffa75f0a16"
"""Of the sample's plan as it was before a plan could say more."""

MEAN = [{"of": "mean", "factors": []}]


def _policy(**fields: Any) -> Any:
    return lambda plan: scheme(plan).update(fields)


def _formula(**fields: Any) -> Any:
    return lambda plan: scheme(plan)["criteria"][2]["formula"].update(fields)


def _envelope(**fields: Any) -> Any:
    return lambda plan: scheme(plan)["envelopes"][0].update(fields)


def _small(**fields: Any) -> Any:
    rule = {"quantity": "small", "percent": "5", "consortium_percent": "2", **fields}
    return _policy(small_business=rule)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (_formula(range_from=[]), "Empty", "/schemes/0/criteria/2/formula/range_from"),
        (
            _formula(range_from=[{"of": "drawn_bid", "draw": "B"}]),
            "RuleUnfit",
            "/schemes/0/criteria/2/formula/range_from/0",
        ),
        (
            _formula(range_to=[{"of": "mean", "factors": [{"rate": "nope"}]}]),
            "UnknownId",
            "/schemes/0/criteria/2/formula/range_to/0/factors/0/rate",
        ),
        (_formula(range_from=MEAN, terms=[{"of": "ceiling"}]), "RuleUnfit", "/schemes/0/criteria/2/formula"),
        (_envelope(pass_centi=1000), "RuleUnfit", "/schemes/0/envelopes/0/pass_centi"),
        (_policy(low_prices=[]), "Empty", "/schemes/0/low_prices"),
        (
            _policy(low_prices=[{"than": "mean", "percent": "0"}]),
            "RuleUnfit",
            "/schemes/0/low_prices/0/percent",
        ),
        (
            _policy(low_prices=[{"than": "mean", "percent": "50"}] * 2),
            "RuleUnfit",
            "/schemes/0/low_prices/1",
        ),
        (_small(percent="100"), "RuleUnfit", "/schemes/0/small_business/percent"),
        (_small(consortium_share_min="100"), "RuleUnfit", "/schemes/0/small_business/consortium_share_min"),
        (_small(capped=True), "RuleUnfit", "/schemes/0/small_business/capped"),
        (
            _small(on="points", rounding={"mode": "half_up", "places": 2}),
            "RuleUnfit",
            "/schemes/0/small_business/rounding",
        ),
        (_small(percent="6"), "DeductionUnusual", "/schemes/0/small_business/percent"),
        (_formula(e_above="0.1", e_below="0.2"), "DeviationMild", "/schemes/0/criteria/2/formula/e_above"),
        (lambda plan: plan.update(candidates_max=4), "CandidatesMany", "/candidates_max"),
        (
            lambda plan: (
                plan.update(regime="GOV_PROC")
                or scheme(plan).update(ties=[{"by": "decided", "of": "choice"}])
            ),
            "TiesUnlike",
            "/schemes/0/ties",
        ),
        (
            _policy(award={"type": "technical_then_price", "qualify": 2}, wins="lowest"),
            "QualifyFew",
            "/schemes/0/award/qualify",
        ),
    ],
)
def test_each_fault_has_its_code_and_place(change: Any, code: str, pointer: str) -> None:
    assert (code, pointer) in [(one.code, one.pointer) for one in judge(change)]


def test_points_are_not_added_where_the_price_is_scored_by_the_lowest() -> None:
    def change(plan: Any) -> None:
        _small(on="points")(plan)
        scheme(plan)["criteria"][2]["formula"] = {"type": "low_price_first"}

    assert ("RuleUnfit", "/schemes/0/small_business/on") in [(one.code, one.pointer) for one in judge(change)]


def test_an_aggregate_inside_a_group_that_inherits_totals_is_refused() -> None:
    def change(plan: Any) -> None:
        scheme(plan)["aggregate"]["of"] = "totals"
        scheme(plan)["criteria"][0]["children"][0]["aggregate"] = {"of": "items"}

    where = "/schemes/0/criteria/0/children/0/aggregate"
    assert ("TreeShape", where) in [(one.code, one.pointer) for one in judge(change)]


def test_a_low_price_check_needs_the_price_that_it_is_held_against() -> None:
    def change(plan: Any) -> None:
        _policy(low_prices=[{"than": "reference", "percent": "80"}])(plan)

    assert ("RuleUnfit", "/lots/0") in [(one.code, one.pointer) for one in judge(change)]


def test_a_plan_that_says_no_more_than_before_keeps_its_bytes() -> None:
    case = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    assert canonical.tagged_digest("hidden/v1/plan", case.plan).hex() == SAMPLE_DIGEST


def test_what_a_plan_says_more_travels_through_its_canonical_bytes() -> None:
    case = read_case((ROOT / "ops" / "sample" / "case.json").read_bytes())
    assert isinstance(case, Case)
    value = msgspec.to_builtins(case.plan)
    _small()(value)
    _policy(low_prices=[{"than": "mean", "percent": "50"}])(value)
    _formula(range_from=MEAN)(value)
    plan = msgspec.convert(value, Plan)
    assert validate_plan(plan) == ()
    assert canonical.decode(canonical.encode(plan), Plan) == plan
