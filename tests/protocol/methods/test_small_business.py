"""小微企业价格扣除: bids of small businesses are compared at a lower price, or get more points for it."""

from typing import Any

import pytest

from protocol.plan.plan import Plan
from tests.protocol.methods.given import TWO, inputs_of, leaf, order, plan_of, ranked, refused, totals_of

PRICES = {"big": "98", "small": "105", "joint": "100"}
SHARES = {"small": {"small": "100"}, "joint": {"small": "30"}}
TEN = {"quantity": "small", "percent": "10", "consortium_percent": "4"}


def goods(rule: dict[str, Any], **scheme: Any) -> Plan:
    formula = {"type": "low_price_first"}
    price = leaf("P", 10000, "price", formula=formula)
    return plan_of(price, small_business=rule, category="goods", **scheme)


def test_the_lowest_and_every_price_are_those_after_the_deduction() -> None:
    # 98, 105 × 0.9 = 94.5, 100 × 0.96 = 96: the small business is the lowest.
    result = ranked(goods(TEN), inputs_of(PRICES, quantities=SHARES))
    assert order(result) == [("small", 1, "100.00"), ("joint", 2, "98.44"), ("big", 3, "96.43")]
    assert [(row.bidder, row.price, row.evaluated_price) for row in result.rows] == [
        ("small", "105", "94.5"),
        ("joint", "100", "96"),
        ("big", "98", "98"),
    ]


def test_a_share_just_under_the_least_earns_nothing_and_no_declaration_neither() -> None:
    shares = {"small": {"small": "29.99"}, "joint": {}}
    result = ranked(goods(TEN), inputs_of(PRICES, quantities=shares))
    assert order(result)[0] == ("big", 1, "100.00")


def test_the_evaluated_price_is_rounded_where_the_rule_says() -> None:
    rule = {**TEN, "percent": "15", "rounding": {"mode": "truncate", "places": 0}}
    result = ranked(goods(rule), inputs_of({"a": "99", "small": "105"}, quantities=SHARES))
    assert result.rows[0].evaluated_price == "89"  # 89.25


def test_a_price_rule_ranks_the_price_after_the_deduction_but_ties_go_by_the_price_that_was_bid() -> None:
    plan = plan_of(
        award={"type": "lowest_evaluated_price"}, wins="lowest", max_centi=0, category="goods",
        small_business=TEN, ties=[{"by": "lower_price"}],
    )  # fmt: skip
    bids = {"big": "90", "small": "100"}
    result = ranked(plan, inputs_of(bids, quantities=SHARES))
    assert order(result) == [("big", 1, "90.00"), ("small", 2, "90.00")]


def test_the_base_price_rests_on_the_prices_after_the_deduction() -> None:
    formula = {"type": "base_price_deviation", "terms": [{"of": "mean"}], "e_above": "1", "e_below": "0.5"}
    four = {"quantity": "small", "percent": "4"}
    plan = plan_of(leaf("P", 10000, "price", formula=formula), small_business=four)
    result = ranked(plan, inputs_of({"a": "96", "small": "100"}, quantities=SHARES))
    assert (result.base_price, totals_of(result)) == ("96", {"a": "100.00", "small": "100.00"})


@pytest.mark.parametrize(("capped", "best"), [(False, "42.00"), (True, "40.00")])
def test_works_may_get_more_points_instead(capped: bool, best: str) -> None:
    formula = {"type": "base_price_deviation", "terms": [{"of": "lowest"}], "e_above": "1", "e_below": "0.5"}
    rule = {"quantity": "small", "percent": "5", "on": "points", "capped": capped}
    plan = plan_of(leaf("P", 4000, "price", formula=formula), small_business=rule)
    result = ranked(plan, inputs_of({"a": "100", "small": "100", "b": "102"}, quantities=SHARES))
    assert totals_of(result) == {"small": best, "a": "40.00", "b": "38.00"}
    assert all(not row.evaluated_price for row in result.rows)


def test_a_share_outside_0_to_100_is_refused() -> None:
    for share in ("-1", "100.01"):
        found = refused(goods(TEN), inputs_of({"a": "10"}, quantities={"a": {"small": share}}))
        assert [(one.code, one.pointer) for one in found] == [("ShareRange", "/quantities/a/small")]


def test_a_price_that_its_deduction_rounds_away_is_refused() -> None:
    rule = {**TEN, "rounding": {"mode": "truncate", "places": 0}}
    found = refused(goods(rule), inputs_of({"a": "1"}, quantities={"a": {"small": "100"}}))
    assert [one.code for one in found] == ["PriceZero"]


def test_without_the_rule_no_evaluated_price_is_told() -> None:
    plan = plan_of(leaf("P", 10000, "price", formula={"type": "low_price_first"}), rounding={"total": TWO})
    assert not ranked(plan, inputs_of(PRICES, quantities=SHARES)).rows[0].evaluated_price
