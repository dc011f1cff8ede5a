"""The worked examples of the rules, number by number, through the whole evaluation."""

from typing import Any

import pytest

from protocol.plan.plan import Plan
from tests.protocol.methods.given import TWO, group, inputs_of, leaf, order, plan_of, ranked, totals_of

FIVE = (86, 90, 92, 84, 97)


def scored(**points: float) -> dict[str, dict[str, dict[str, int]]]:
    """One member who gives each bidder points for criterion T."""
    return {"M1": {bidder: {"T": round(value * 100)} for bidder, value in points.items()}}


def price_plan(formula: dict[str, object], lot: dict[str, str] | None = None, **scheme: Any) -> Plan:
    return plan_of(leaf("P", 10000, "price", formula=formula), lot=lot, **scheme)


def base_formula(**more: object) -> dict[str, object]:
    return {
        "type": "base_price_deviation",
        "terms": [{"of": "mean"}],
        "e_above": "1",
        "e_below": "0.5",
        **more,
    }


@pytest.mark.parametrize(("trim", "total"), [(None, "89.80"), ({"high": 1, "low": 1}, "89.33")])
def test_mean_and_trimmed_mean_of_five(trim: dict[str, int] | None, total: str) -> None:
    plan = plan_of(leaf("T", 10000), aggregate={"of": "totals", "trim": trim})
    sheets = {f"M{i}": {"b1": {"T": value * 100}} for i, value in enumerate(FIVE)}
    result = ranked(plan, inputs_of(sheets=sheets))
    assert order(result) == [("b1", 1, total)]
    assert result.rows[0].parts[0].dropped == (("M3", "M4") if trim else ())


def test_with_fewer_members_than_the_rule_needs_nothing_is_dropped() -> None:
    plan = plan_of(leaf("T", 10000), aggregate={"of": "totals", "trim": {"high": 1, "low": 1}})
    sheets = {f"M{i}": {"b1": {"T": value * 100}} for i, value in enumerate((80, 90, 100))}
    assert order(ranked(plan, inputs_of(sheets=sheets))) == [("b1", 1, "90.00")]


def test_trimming_items_differs_from_trimming_totals() -> None:
    sheets = {
        f"M{i}": {"b1": {"A": a * 100, "B": b * 100}}
        for i, (a, b) in enumerate(((10, 0), (0, 10), (6, 6), (6, 6), (6, 4)))
    }
    tree = group("T", leaf("A", 1000), leaf("B", 1000))
    trim = {"high": 1, "low": 1}
    totals = plan_of(tree, aggregate={"of": "totals", "trim": trim})
    items = plan_of(tree, aggregate={"of": "items", "trim": trim})
    # Totals 10, 10, 12, 12, 10: one 12 and one 10 go. Items: A 0 and 10 go, B 0 and 10 go.
    assert order(ranked(totals, inputs_of(sheets=sheets)))[0][2] == "10.67"
    result = ranked(items, inputs_of(sheets=sheets))
    assert order(result)[0][2] == "11.33"
    assert [(item.criterion, item.points) for item in result.rows[0].parts[0].items] == [
        ("A", "6"),
        ("B", "5.333333333"),
    ]


def test_low_price_first_of_87_55() -> None:
    plan = plan_of(
        leaf("P", 10000, "price", weight="0.3", formula={"type": "low_price_first"}),
        leaf("T", 10000, weight="0.7"),
        max_centi=10000,
        rounding={"part": TWO, "total": TWO},
    )
    prices = {"甲": "98", "乙": "105", "丙": "112"}
    result = ranked(plan, inputs_of(prices, scored(甲=82, 乙=91.5, 丙=95)))
    assert order(result) == [("丙", 1, "92.75"), ("乙", 2, "92.05"), ("甲", 3, "87.40")]


def test_a_published_rule_with_its_drop_table_over_seven_bids() -> None:
    table = [{"bids_min": 6, "high": 1, "low": 0}, {"bids_min": 7, "high": 1, "low": 1}]
    plan = price_plan(
        base_formula(
            terms=[{"of": "mean", "factors": [{"rate": "f", "form": "less"}]}],
            e_above="1.2",
            e_below="0.8",
            drop=table,
        ),
        rates=[{"id": "f", "zh": "下浮率", "percent": "5"}],
    )
    seven = {str(price): str(price) for price in (920, 935, 948, 962, 970, 989, 1015)}
    result = ranked(plan, inputs_of(seven))
    assert (result.mean_price, result.base_price) == ("960.8", "912.76")
    totals = totals_of(result)
    assert (totals["935"], totals["920"]) == ("97.08", "99.05")
    six = {name: price for name, price in seven.items() if name != "920"}
    assert ranked(plan, inputs_of(six)).mean_price == "960.8"
    five = {name: price for name, price in six.items() if name != "1015"}
    assert ranked(plan, inputs_of(five)).mean_price == "960.8"


def test_the_highway_rule_with_a_drawn_reduction() -> None:
    plan = price_plan(
        base_formula(
            terms=[{"of": "mean", "factors": [{"rate": "off", "form": "less"}]}],
            drop=[{"bids_min": 5, "high": 1, "low": 1}],
        ),
        rates=[{"id": "off", "zh": "下浮率", "candidates": ["1", "1.5", "2"]}],
    )
    prices = {str(price): str(price) for price in (9520, 9610, 9700, 9785, 9840, 9990)}
    result = ranked(plan, inputs_of(prices, draws={"off": "2"}))
    assert (result.mean_price, result.base_price, result.draws) == ("9733.75", "9539.075", {"off": "2"})
    totals = totals_of(result)
    assert (totals["9520"], totals["9610"], totals["9990"]) == ("99.90", "99.26", "95.27")


@pytest.mark.parametrize(
    ("terms", "rates", "draws", "base"),
    [
        ([{"of": "mean", "factors": [{"rate": "K"}]}], {"K": "97"}, {}, "9319.76"),
        (
            [
                {"of": "mean", "factors": [{"rate": "K1"}, {"rate": "Q1"}]},
                {"of": "ceiling", "factors": [{"rate": "K2"}, {"rate": "Q1", "form": "less"}]},
            ],
            {"K1": "97", "K2": "95", "Q1": "70"},
            {},
            "9516.33",
        ),
        (
            [
                {
                    "of": "ceiling",
                    "factors": [{"rate": "d", "form": "less"}, {"rate": "half"}, {"rate": "K"}],
                },
                {"of": "drawn_bid", "draw": "B", "factors": [{"rate": "p30"}, {"rate": "K"}]},
                {"of": "lowest", "factors": [{"rate": "p20"}, {"rate": "K"}]},
            ],
            {"K": "98", "d": "8", "half": "50", "p30": "30", "p20": "20"},
            {"B": "b2"},
            "9364.88",
        ),
    ],
    ids=["方法一", "方法二", "方法三"],
)
def test_the_three_base_prices_of_jiangsu(
    terms: list[object], rates: dict[str, str], draws: dict[str, str], base: str
) -> None:
    plan = price_plan(
        base_formula(terms=terms),
        lot={"price_ceiling": "10500"},
        rates=[{"id": name, "zh": name, "percent": value} for name, value in rates.items()],
        rounding={"base_price": TWO, "total": TWO},
    )
    # Mean 9608, lowest 9200, and b2 bids 9620.
    prices = {"b1": "9200", "b2": "9620", "b3": "10004"}
    assert ranked(plan, inputs_of(prices, draws=draws)).base_price == base


def test_begun_steps_count_whole_and_full_steps_only_when_full() -> None:
    for counting, total in (("begun_steps", "99.40"), ("full_steps", "99.70"), ("interpolate", "99.55")):
        plan = price_plan(
            base_formula(terms=[{"of": "reference"}], e_above="0.3", e_below="0.2", counting=counting),
            lot={"reference_price": "1000"},
        )
        # 1.5 % above: -0.3 for each 1 %, a part of 1 % counts as 1 %.
        totals = totals_of(ranked(plan, inputs_of({"x": "1015", "y": "1000"})))
        assert totals == {"x": total, "y": "100.00"}


def test_deductions_stop_at_their_maximum_and_points_at_their_floor() -> None:
    plan = price_plan(
        base_formula(
            terms=[{"of": "reference"}], e_above="1", e_below="0.3",
            deduct_above_max_centi=2000, deduct_below_max_centi=500,
        ),
        lot={"reference_price": "100"},
    )  # fmt: skip
    assert order(ranked(plan, inputs_of({"over": "150", "under": "50"}))) == [
        ("under", 1, "95.00"),
        ("over", 2, "80.00"),
    ]
    floored = price_plan(
        base_formula(terms=[{"of": "reference"}], floor_centi=6000), lot={"reference_price": "100"}
    )
    assert order(ranked(floored, inputs_of({"over": "150", "even": "100"})))[1] == ("over", 2, "60.00")
    bare = price_plan(base_formula(terms=[{"of": "reference"}], e_above="3"), lot={"reference_price": "100"})
    assert order(ranked(bare, inputs_of({"over": "150", "even": "100"})))[1] == ("over", 2, "0.00")


def test_bids_out_of_range_do_not_count_but_are_scored() -> None:
    plan = price_plan(
        base_formula(count_from_percent="85", count_to_percent="100"), lot={"price_ceiling": "1000"}
    )
    result = ranked(plan, inputs_of({"low": "500", "b": "900", "c": "950"}))
    assert result.mean_price == "925"
    assert {row.bidder for row in result.rows if row.rank} == {"low", "b", "c"}


def test_the_deviation_rate_is_rounded_where_the_plan_says() -> None:
    for rate, total in (
        (None, "98.33"),
        ({"mode": "half_up", "places": 1}, "98.30"),
        ({"mode": "truncate", "places": 0}, "99.00"),
    ):
        plan = price_plan(
            base_formula(terms=[{"of": "reference"}]),
            lot={"reference_price": "300"},
            rounding={"total": TWO, "rate": rate},
        )
        assert totals_of(ranked(plan, inputs_of({"x": "305", "y": "300"})))["x"] == total


def test_the_lowest_evaluated_price_wins() -> None:
    plan = plan_of(
        award={"type": "lowest_evaluated_price", "percents": ["pay"], "amounts": ["spare"]},
        wins="lowest",
        max_centi=0,
    )
    prices = {"a": "958", "b": "965"}
    quantities = {"a": {"pay": "1.5", "spare": "0"}, "b": {"pay": "0", "spare": "-2.5"}}
    result = ranked(plan, inputs_of(prices, quantities=quantities))
    assert order(result) == [("b", 1, "962.50"), ("a", 2, "972.37")]


def test_the_best_by_technical_points_go_on_and_the_lowest_price_wins() -> None:
    plan = plan_of(leaf("T", 10000), award={"type": "technical_then_price", "qualify": 3}, wins="lowest")
    prices = {"a": "100", "b": "99", "c": "101", "d": "80"}
    result = ranked(plan, inputs_of(prices, scored(a=90, b=88, c=86, d=85)))
    assert order(result) == [("b", 1, "99.00"), ("a", 2, "100.00"), ("c", 3, "101.00")]
    assert [(row.bidder, row.status, row.total) for row in result.rows[3:]] == [("d", "not_qualified", "")]


def test_qcbs_of_the_world_bank_with_a_pass_mark() -> None:
    plan = plan_of(
        leaf("T", 10000, weight="0.8", pass_centi=7500),
        leaf("P", 10000, "price", weight="0.2", formula={"type": "low_price_first"}),
        max_centi=10000,
    )
    prices = {"A": "1.20", "B": "0.95", "C": "1.50"}
    result = ranked(plan, inputs_of(prices, scored(A=88, B=81, C=92)))
    assert order(result) == [("C", 1, "86.27"), ("A", 2, "86.23"), ("B", 3, "84.80")]
    # D fails the mark: its price, unopened, neither is needed nor becomes the lowest.
    result = ranked(plan, inputs_of(prices, scored(A=88, B=81, C=92, D=74.99), valid="ABCD"))
    assert order(result)[0] == ("C", 1, "86.27")
    assert (result.rows[3].bidder, result.rows[3].status, result.rows[3].rank) == ("D", "below_pass", 0)


def test_technical_over_price_of_quebec() -> None:
    plan = plan_of(
        leaf("T", 10000, pass_centi=7000),
        award={"type": "technical_over_price", "offset": "50", "factor": "10000"},
    )
    prices = {"a": "150000", "b": "120000", "c": "50000"}
    result = ranked(plan, inputs_of(prices, scored(a=85, b=75, c=69)))
    assert order(result) == [("b", 1, "10.42"), ("a", 2, "9.00")]


def test_price_less_a_technical_credit() -> None:
    plan = plan_of(
        leaf("T", 10000), award={"type": "price_less_credit", "credit_per_point": "2.5"}, wins="lowest"
    )
    result = ranked(plan, inputs_of({"a": "1000", "b": "990"}, scored(a=90, b=80)))
    assert order(result) == [("a", 1, "775.00"), ("b", 2, "790.00")]


def test_a_bid_without_points_has_no_price_per_point() -> None:
    plan = plan_of(leaf("T", 10000), award={"type": "price_over_technical"}, wins="lowest")
    result = ranked(plan, inputs_of({"a": "1000", "b": "10"}, scored(a=50, b=0)))
    assert order(result) == [("a", 1, "20.00")]
    assert (result.rows[1].bidder, result.rows[1].status) == ("b", "below_pass")


def test_quantities_of_which_more_is_better() -> None:
    formula = {"type": "share_of_highest"}
    plan = plan_of(leaf("W", 1000, "quantity", quantity="warranty", formula=formula))
    quantities = {"a": {"warranty": "24"}, "b": {"warranty": "36"}}
    assert order(ranked(plan, inputs_of(valid="ab", quantities=quantities))) == [
        ("b", 1, "10.00"),
        ("a", 2, "6.67"),
    ]


def test_the_linear_ratio_prints_as_its_source_when_truncated() -> None:
    plan = plan_of(
        leaf("D", 1000, "quantity", quantity="days", formula={"type": "linear_ratio"}),
        rounding={"total": {"mode": "truncate", "places": 3}},
    )
    days = {"A": "150", "B": "120", "C": "130", "D": "135", "E": "300"}
    quantities = {bidder: {"days": count} for bidder, count in days.items()}
    result = ranked(plan, inputs_of(valid="ABCDE", quantities=quantities))
    assert [total for _, _, total in order(result)] == ["10.000", "9.166", "8.750", "7.500", "0.000"]


def test_rounding_parts_first_and_the_sum_first_differ_by_a_hundredth() -> None:
    tree = (leaf("A", 1000), leaf("B", 1000))
    # Both means are 5 1/3: rounded parts add up to 10.66, the exact sum rounds to 10.67.
    sheets = {f"M{i}": {"x": {"A": a, "B": a}} for i, a in enumerate((500, 500, 600))}
    for way, total in (("round_then_sum", "10.66"), ("sum_then_round", "10.67")):
        plan = plan_of(*tree, rounding={"part": TWO, "total": TWO, "order": way})
        assert order(ranked(plan, inputs_of(sheets=sheets)))[0][2] == total


def test_ranking_after_rounding_ties_what_ranking_before_does_not() -> None:
    sheets = {
        f"M{i}": {"goodman": {"T": a * 100}, "moore": {"T": b * 100}}
        for i, (a, b) in enumerate(((96, 98), (96, 94), (97, 96)))
    }
    whole = {"mode": "half_up", "places": 0}
    tied = ranked(plan_of(leaf("T", 10000), rounding={"total": whole}), inputs_of(sheets=sheets))
    assert [(row.rank, row.tied, row.total) for row in tied.rows] == [(1, True, "96"), (1, True, "96")]
    exact = plan_of(leaf("T", 10000), rounding={"total": whole, "rank_on": "exact"})
    assert order(ranked(exact, inputs_of(sheets=sheets))) == [("goodman", 1, "96"), ("moore", 2, "96")]
