"""Examples worked out by hand from the rules, held against the second engine alone."""

from typing import Any

import msgspec
import pytest

from protocol.methods.evaluation import Inputs
from protocol.plan.plan import Plan
from tests.second_engine.engine import evaluated
from tests.second_engine.generated import LOT
from tests.second_engine.outcome import Outcome

TWO = {"mode": "half_up", "places": 2}
SUM = {"type": "sum_of_points"}


def outcome(
    criteria: list[dict[str, Any]],
    bids: dict[str, str],
    *,
    points: dict[str, list[dict[str, int]]] | None = None,
    award: dict[str, Any] = SUM,
    draws: dict[str, str] | None = None,
    quantities: dict[str, dict[str, str]] | None = None,
    full: int = 10_000,
    **scheme: Any,
) -> Outcome:
    """A lot's result; `points`: bidder → member by member, criterion → points_centi."""
    wins = "highest" if award["type"] in ("sum_of_points", "technical_over_price") else "lowest"
    lot = {
        "id": LOT, "zh": "标段", "scheme": "s", "currency": "CNY", "unit": "元",
        "price_ceiling": scheme.pop("price_ceiling", ""),
    }  # fmt: skip
    raw = {
        "v": 1, "tender": "t", "title": "例", "regime": "TENDER", "category": "works",
        "lots": [lot],
        "schemes": [{
            "id": "s", "envelopes": [{"id": "e", "zh": "投标文件", "kind": "whole", "order": 1}],
            "criteria": criteria, "max_centi": full, "award": award, "wins": wins,
            "aggregate": {"of": "totals"}, "rounding": {"total": TWO}, **scheme,
        }],
    }  # fmt: skip
    given = points or {}
    seats = range(max((len(rows) for rows in given.values()), default=0))
    inputs = Inputs(
        valid=tuple(bids),
        prices={bidder: price for bidder, price in bids.items() if price},
        quantities=quantities or {},
        sheets={f"s{seat}": {bidder: rows[seat] for bidder, rows in given.items()} for seat in seats},
        draws=draws or {},
    )
    found = evaluated(msgspec.convert(raw, Plan), LOT, inputs)
    assert isinstance(found, Outcome)
    return found


def totals(found: Outcome) -> dict[str, str]:
    return {line.bidder: line.total for line in found.lines}


def based(*terms: dict[str, Any], **formula: Any) -> list[dict[str, Any]]:
    """One price criterion of 100 points, by the distance from a base price."""
    own = {"type": "base_price_deviation", "terms": terms, "e_above": "1", "e_below": "0.5", **formula}
    return [{"id": "P", "zh": "报价", "kind": "price", "max_centi": 10_000, "formula": own}]


def rates(**percents: str) -> list[dict[str, str]]:
    return [{"id": name, "zh": name, "percent": percent} for name, percent in percents.items()]


def by(rate: str, form: str = "times") -> dict[str, str]:
    return {"rate": rate, "form": form}


@pytest.mark.parametrize(
    ("trim", "wanted"),
    [
        ({"high": 1, "low": 1}, "89.33"),
        (None, "89.80"),
        ({"high": 1, "low": 1, "members_min": 6}, "89.80"),
    ],
)
def test_the_mean_without_highest_and_lowest(trim: dict[str, int] | None, wanted: str) -> None:
    found = outcome(
        [{"id": "T", "zh": "技术", "kind": "subjective", "max_centi": 10_000}],
        {"b1": ""},
        points={"b1": [{"T": points * 100} for points in (86, 90, 92, 84, 97)]},
        aggregate={"of": "totals", "trim": trim},
    )
    assert totals(found) == {"b1": wanted}


def test_the_evaluated_price_with_a_payment_deviation() -> None:
    found = outcome(
        [], {"b1": "958"}, award={"type": "lowest_evaluated_price", "percents": ["payment"]},
        quantities={"b1": {"payment": "1.5"}}, full=0,
    )  # fmt: skip
    assert totals(found) == {"b1": "972.37"}


def test_low_price_first_as_87_has_it() -> None:
    found = outcome(
        [
            {"id": "P", "zh": "价格", "kind": "price", "max_centi": 10_000, "weight": "0.3",
             "formula": {"type": "low_price_first"}},
            {"id": "T", "zh": "其他", "kind": "subjective", "max_centi": 10_000, "weight": "0.7"},
        ],
        {"b1": "98", "b2": "105", "b3": "112"},
        points={"b1": [{"T": 8200}], "b2": [{"T": 9150}], "b3": [{"T": 9500}]},
        rounding={"part": TWO, "total": TWO},
    )  # fmt: skip
    assert totals(found) == {"b1": "87.40", "b2": "92.05", "b3": "92.75"}
    assert [line.rank for line in found.lines] == [3, 2, 1]


def test_the_reasonable_low_price_of_highways() -> None:
    bids = {f"b{price}": str(price) for price in (9520, 9610, 9700, 9785, 9840, 9990)}
    found = outcome(
        based(
            {"of": "mean", "factors": [by("float", "less")]},
            drop=[{"bids_min": 5, "high": 1, "low": 1}],
        ),
        bids,
        rates=rates(float="2"),
    )
    assert (found.mean_price, found.base_price) == ("9733.75", "9539.075")
    assert {name: totals(found)[name] for name in ("b9520", "b9610", "b9990")} == {
        "b9520": "99.90", "b9610": "99.26", "b9990": "95.27",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ([{"of": "mean", "factors": [by("K")]}], "9319.76"),
        (
            [
                {"of": "mean", "factors": [by("K"), by("Q")]},
                {"of": "ceiling", "factors": [by("K2"), by("Q", "less")]},
            ],
            "9516.332",
        ),
    ],
)
def test_the_first_two_ways_of_jiangsu(terms: list[dict[str, Any]], wanted: str) -> None:
    found = outcome(
        based(*terms),
        {"b1": "9600", "b2": "9616"},
        rates=rates(K="97", K2="95", Q="70"),
        price_ceiling="10500",
    )
    assert (found.mean_price, found.base_price) == ("9608", wanted)


def test_the_third_way_of_jiangsu_with_a_drawn_bid() -> None:
    found = outcome(
        based(
            {"of": "ceiling", "factors": [by("d", "less"), by("half"), by("K")]},
            {"of": "drawn_bid", "draw": "B", "factors": [by("b"), by("K")]},
            {"of": "lowest", "factors": [by("c"), by("K")]},
        ),
        {"b1": "9200", "b2": "9620", "b3": "9700"},
        rates=[
            *rates(d="8", half="50", b="30", c="20"),
            {"id": "K", "zh": "K", "candidates": ["97", "98"]},
        ],
        draws={"B": "b2", "K": "98"},
        price_ceiling="10500",
        rounding={"base_price": TWO, "total": TWO},
    )
    assert found.base_price == "9364.88"
    assert found.draws == (("B", "b2"), ("K", "98"))


def test_quality_and_cost_as_the_world_bank_has_it() -> None:
    found = outcome(
        [
            {"id": "T", "zh": "技术", "kind": "subjective", "max_centi": 10_000, "weight": "0.8"},
            {"id": "P", "zh": "价格", "kind": "price", "max_centi": 10_000, "weight": "0.2",
             "formula": {"type": "low_price_first"}},
        ],
        {"A": "1.20", "B": "0.95", "C": "1.50"},
        points={"A": [{"T": 8800}], "B": [{"T": 8100}], "C": [{"T": 9200}]},
    )  # fmt: skip
    assert totals(found) == {"A": "86.23", "B": "84.80", "C": "86.27"}
    assert found.lines[2].rank == 1


@pytest.mark.parametrize(
    ("counting", "wanted"), [("begun_steps", "99.40"), ("full_steps", "99.70"), ("interpolate", "99.55")]
)
def test_a_part_of_a_percent(counting: str, wanted: str) -> None:
    """一家高出基准价 1.5 %,每 1 % 扣 0.3 分: 不足 1 % 按 1 % 计, 不计, or by straight line."""
    found = outcome(
        based({"of": "lowest"}, e_above="0.3", counting=counting),
        {"b1": "1000", "b2": "1015"},
    )
    assert totals(found)["b2"] == wanted


def test_days_are_worth_money_in_minnesota_and_quebec_asks_for_seventy() -> None:
    technical = [{"id": "T", "zh": "技术", "kind": "subjective", "max_centi": 10_000}]
    found = outcome(
        technical, {"b1": "233763000"}, points={"b1": [{"T": 9147}]}, quantities={"b1": {"days": "437"}},
        award={"type": "price_over_technical", "values": [{"quantity": "days", "value": "200000"}]},
    )  # fmt: skip
    assert totals(found) == {"b1": "3511129.33"}
    found = outcome(
        technical, {"b1": "100000", "b2": "90000"}, points={"b1": [{"T": 8000}], "b2": [{"T": 6999}]},
        award={"type": "technical_over_price", "offset": "50", "factor": "10000"}, pass_centi=7000,
    )  # fmt: skip
    assert [(line.status, line.total) for line in found.lines] == [("ranked", "13.00"), ("below_pass", "")]


def test_a_tie_is_parted_by_price_and_else_the_rank_is_shared() -> None:
    """87号令 57."""
    found = outcome(
        [{"id": "T", "zh": "技术", "kind": "subjective", "max_centi": 10_000}],
        {"b1": "90", "b2": "80", "b3": "90", "b4": "70"},
        points={
            name: [{"T": points}] for name, points in (("b1", 9000), ("b2", 9000), ("b3", 9000), ("b4", 8999))
        },
        ties=[{"by": "lower_price"}],
    )
    assert [(line.rank, line.tied) for line in found.lines] == [(2, True), (1, False), (2, True), (4, False)]


def test_rounding_before_or_after_the_sum_and_the_rank() -> None:
    """Parts of 33.335 each; ranked exactly, 96.333… and 96 differ though both are written 96."""
    tops = [{"id": name, "zh": name, "kind": "subjective", "max_centi": 5_000} for name in ("A", "B")]
    members = {"b1": [{"A": 3333, "B": 3333}, {"A": 3334, "B": 3334}]}
    for order, wanted in (("round_then_sum", "66.68"), ("sum_then_round", "66.67")):
        found = outcome(
            tops, {"b1": ""}, points=members, rounding={"part": TWO, "order": order, "total": TWO}
        )
        assert totals(found) == {"b1": wanted}
    total = [{"id": "T", "zh": "总分", "kind": "subjective", "max_centi": 10_000}]
    rows = {"b1": [{"T": 9800}, {"T": 9400}, {"T": 9600}], "b2": [{"T": 9600}, {"T": 9600}, {"T": 9700}]}
    for rank_on, ranks in (("rounded", [1, 1]), ("exact", [2, 1])):
        whole = {"total": {"mode": "half_up", "places": 0}, "rank_on": rank_on}
        found = outcome(total, {"b1": "", "b2": ""}, points=rows, rounding=whole)
        assert [line.rank for line in found.lines] == ranks
        assert totals(found) == {"b1": "96", "b2": "96"}


def test_a_member_far_from_the_others_is_told() -> None:
    """畸高畸低: 90 against a mean of 70 is 28.57 % off; at 25 % it is over, and two others are not."""
    found = outcome(
        [{"id": "G", "zh": "技术", "kind": "group", "max_centi": 10_000,
          "children": [{"id": "T", "zh": "技术", "kind": "subjective", "max_centi": 10_000}]}],
        {"b1": ""},
        points={"b1": [{"T": 9000}, {"T": 7000}, {"T": 7000}]},
        deviation={"threshold_percent": "25", "against": "others", "of": ["G"]},
    )  # fmt: skip
    told = [(one.seat, one.mean, one.percent, one.over) for one in found.distances]
    assert told == [("s0", "70", "28.57", True), ("s1", "80", "-12.50", False), ("s2", "80", "-12.50", False)]
