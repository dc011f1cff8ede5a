"""Whose price is looked at, which bids a base price counts, and which prices are too low."""

from typing import Any

import pytest

from protocol.plan.plan import Plan
from tests.protocol.methods.given import group, inputs_of, leaf, order, plan_of, ranked, refused

TWO_ENVELOPES = [
    {"id": "1", "zh": "第一信封", "kind": "technical", "order": 1, "pass_centi": 4000},
    {"id": "2", "zh": "第二信封", "kind": "price", "order": 2},
]


def two_envelopes(**scheme: Any) -> Plan:
    return plan_of(
        leaf("A", 2000, weight="0.5"),
        group("B", leaf("B1", 2000), leaf("B2", 2000)),
        leaf("P", 5000, "price", envelope="2", formula={"type": "low_price_first"}),
        envelopes=TWO_ENVELOPES,
        max_centi=10000,
        **scheme,
    )


def sheet(**points: tuple[int, int, int]) -> dict[str, dict[str, dict[str, int]]]:
    return {"M1": {who: dict(zip(("A", "B1", "B2"), given, strict=True)) for who, given in points.items()}}


def test_a_bid_under_the_first_envelopes_mark_keeps_its_price_closed() -> None:
    # 20 × 0.5 + 15 + 15 = 40 just passes, 40 - 0.01 does not, though its price were the lowest.
    sheets = sheet(a=(2000, 1500, 1500), b=(2000, 1500, 1499), c=(2000, 2000, 2000))
    result = ranked(two_envelopes(), inputs_of({"a": "100", "c": "200"}, sheets, valid="abc"))
    assert order(result) == [("a", 1, "90.00"), ("c", 2, "75.00")]
    assert [(row.bidder, row.status) for row in result.rows if not row.rank] == [("b", "below_pass")]


def test_prices_of_bids_that_do_not_go_on_by_technical_points_stay_closed() -> None:
    plan = plan_of(leaf("T", 10000), award={"type": "technical_then_price", "qualify": 3}, wins="lowest")
    sheets = {
        "M1": {who: {"T": points} for who, points in zip("abcd", (9000, 8800, 8600, 8500), strict=True)}
    }
    result = ranked(plan, inputs_of({"a": "100", "b": "99", "c": "101"}, sheets, valid="abcd"))
    assert order(result) == [("b", 1, "99.00"), ("a", 2, "100.00"), ("c", 3, "101.00")]
    assert (result.rows[3].bidder, result.rows[3].status, result.rows[3].price) == ("d", "not_qualified", "")
    missing = refused(plan, inputs_of({"a": "100", "b": "99"}, sheets, valid="abcd"))
    assert [one.code for one in missing] == ["PriceMissing"]


def abc(**formula: Any) -> Plan:
    rates = {"K": "98", "d": "8", "a": "50", "b": "30", "c": "20", "m": "70", "q": "25"}
    terms = [
        {"of": "ceiling", "factors": [{"rate": "d", "form": "less"}, {"rate": "a"}, {"rate": "K"}]},
        {"of": "drawn_bid", "draw": "B", "factors": [{"rate": "b"}, {"rate": "K"}]},
        {"of": "lowest", "factors": [{"rate": "c"}, {"rate": "K"}]},
    ]
    low = [
        {"of": "mean", "factors": [{"rate": "m"}, {"rate": "q", "form": "less"}]},
        {"of": "ceiling", "factors": [{"rate": "b"}, {"rate": "q", "form": "less"}]},
    ]
    rule = {
        "type": "base_price_deviation", "terms": terms, "e_above": "1", "e_below": "0.5",
        "range_from": low, **formula,
    }  # fmt: skip
    return plan_of(
        leaf("P", 10000, "price", formula=rule),
        lot={"price_ceiling": "10500"},
        rates=[{"id": name, "zh": name, "percent": percent} for name, percent in rates.items()],
        rounding={"total": {"mode": "half_up", "places": 2}, "base_price": {"mode": "half_up", "places": 2}},
    )


def test_a_bid_below_the_range_of_jiangsu_is_not_the_lowest_but_is_scored() -> None:
    # Mean of the four 8605: (8605 × 70 % + 10500 × 30 %) × 75 % = 6880.125; 5996 lies below.
    prices = {"b0": "5996", "b1": "9200", "b2": "9620", "b3": "9604"}
    result = ranked(abc(), inputs_of(prices, draws={"B": "b2"}))
    assert (result.base_price, len(order(result))) == ("9364.88", 4)
    assert order(result)[-1][0] == "b0"


def test_a_drawn_bid_outside_the_range_gives_no_base_price() -> None:
    prices = {"b0": "5996", "b1": "9200", "b2": "9620", "b3": "9604"}
    found = refused(abc(), inputs_of(prices, draws={"B": "b0"}))
    assert [one.code for one in found] == ["RuleUnfit"]
    assert "b0" in found[0].en


def test_a_bid_at_a_bound_of_the_range_counts() -> None:
    plan = plan_of(
        leaf(
            "P", 10000, "price",
            formula={
                "type": "base_price_deviation", "terms": [{"of": "mean"}], "e_above": "1", "e_below": "0.5",
                "range_to": [{"of": "lowest", "factors": [{"rate": "ten", "form": "plus"}]}],
            },
        ),
        rates=[{"id": "ten", "zh": "10%", "percent": "10"}],
    )  # fmt: skip
    assert ranked(plan, inputs_of({"a": "100", "b": "110", "c": "110.01"})).mean_price == "105"


def test_where_nobody_goes_on_the_drawn_bid_is_no_matter() -> None:
    terms = [{"of": "drawn_bid", "draw": "B"}]
    formula = {"type": "base_price_deviation", "terms": terms, "e_above": "1", "e_below": "0.5"}
    plan = plan_of(leaf("T", 1000, pass_centi=600), leaf("P", 9000, "price", formula=formula))
    sheets = {"M1": {"a": {"T": 500}, "b": {"T": 599}}}
    result = ranked(plan, inputs_of({"a": "1", "b": "2"}, sheets, draws={"B": "a"}))
    assert [(row.bidder, row.status) for row in result.rows] == [("a", "below_pass"), ("b", "below_pass")]


@pytest.mark.parametrize(
    ("than", "percent", "told"),
    [
        ("mean", "50", [("a", "45")]),  # the mean is 90
        ("mean_of_others", "50", [("a", "56.5")]),  # of 100, 126
        ("lowest_of_others", "44", []),  # just at the limit
        ("lowest_of_others", "44.1", [("a", "44.1")]),
        ("ceiling", "80", [("a", "112"), ("b", "112")]),
        ("reference", "100", [("a", "110"), ("b", "110")]),
    ],
)
def test_a_price_far_below_is_told_and_nothing_is_rejected(
    than: str, percent: str, told: list[tuple[str, str]]
) -> None:
    plan = plan_of(
        leaf("P", 10000, "price", formula={"type": "low_price_first"}),
        lot={"price_ceiling": "140", "reference_price": "110"},
        low_prices=[{"than": than, "percent": percent}],
    )
    result = ranked(plan, inputs_of({"a": "44", "b": "100", "c": "126"}))
    assert [(one.bidder, one.limit) for one in result.low_prices or ()] == told
    assert len(order(result)) == 3


def test_a_single_bid_has_no_others_to_be_too_low_for() -> None:
    plan = plan_of(
        leaf("P", 10000, "price", formula={"type": "low_price_first"}),
        low_prices=[
            {"than": "mean_of_others", "percent": "100"},
            {"than": "lowest_of_others", "percent": "100"},
        ],
    )
    assert ranked(plan, inputs_of({"a": "44"})).low_prices == ()
