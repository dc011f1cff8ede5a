"""The result depends on plan and inputs only, not on the order of members, bidders or anything else."""

from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from protocol import canonical
from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs
from protocol.plan.numbers import number
from protocol.plan.plan import Plan
from tests.protocol.methods.given import TWO, group, leaf, plan_of

BIDDERS = [f"b{i}" for i in range(1, 8)]
SEATS = [f"M{i}" for i in range(1, 8)]

trims = st.sampled_from(
    [None, {"high": 1, "low": 1, "members_min": 5}, {"high": 2, "low": 0, "members_min": 3}]
)
roundings = st.sampled_from([None, TWO, {"mode": "truncate", "places": 1}])
formulas = st.sampled_from(
    [
        {"type": "low_price_first"},
        {"type": "linear_ratio"},
        {"type": "share_of_highest"},
        {
            "type": "base_price_deviation",
            "terms": [{"of": "mean", "factors": [{"rate": "K"}]}],
            "e_above": "1.2",
            "e_below": "0.7",
            "counting": "begun_steps",
            "drop": [{"bids_min": 4, "high": 1, "low": 0}, {"bids_min": 6, "high": 1, "low": 1}],
        },
        {
            "type": "base_price_deviation",
            "terms": [{"of": "mean"}],
            "e_above": "1",
            "e_below": "0.5",
            "range_to": [{"of": "lowest", "factors": [{"rate": "K", "form": "plus"}]}],
        },
    ]
)
awards = st.sampled_from(
    [
        ({"type": "sum_of_points"}, "highest"),
        ({"type": "price_over_technical"}, "lowest"),
        ({"type": "technical_then_price", "qualify": 3}, "lowest"),
        ({"type": "technical_over_price", "offset": "50", "factor": "10000"}, "highest"),
    ]
)


policies: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"small_business": {"quantity": "small", "percent": "5", "consortium_percent": "2", "rounding": TWO}},
        {"low_prices": [{"than": "mean_of_others", "percent": "90"}, {"than": "mean", "percent": "95"}]},
        {
            "envelopes": [
                {"id": "1", "zh": "第一信封", "kind": "technical", "order": 1, "pass_centi": 2000},
                {"id": "2", "zh": "第二信封", "kind": "price", "order": 2},
            ]
        },
    ]
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    award, wins = draw(awards)
    policy = draw(policies)
    outside = {"envelope": "2"} if "envelopes" in policy else {}
    technical = group(
        "A",
        leaf("A1", 2000),
        leaf("A2", 2000),
        aggregate={"of": draw(st.sampled_from(["totals", "items"])), "trim": draw(trims)},
        pass_centi=draw(st.sampled_from([0, 0, 500])),
    )
    return plan_of(
        technical,
        leaf("B", 1000, "objective"),
        leaf("C", 5000, "price", formula=draw(formulas), **outside),
        award=award,
        wins=wins,
        aggregate={"of": "totals", "trim": draw(trims)},
        rounding={
            "item": draw(roundings),
            "part": draw(roundings),
            "base_price": draw(roundings),
            "total": TWO,
            "order": draw(st.sampled_from(["round_then_sum", "sum_then_round"])),
            "rank_on": draw(st.sampled_from(["rounded", "exact"])),
        },
        rates=[{"id": "K", "zh": "K", "candidates": ["95", "98.5"]}],
        ties=draw(st.sampled_from([[], [{"by": "lower_price"}], [{"by": "higher_points", "of": "A"}]])),
        deviation={
            "threshold_percent": "20",
            "against": draw(st.sampled_from(["others", "all"])),
            "of": ["A", "A1"],
            "total": draw(st.booleans()),
        },
        **policy,
    )


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    bidders = BIDDERS[: draw(st.integers(1, 7))]
    # Few different scores and prices, so that ties are common.
    points = st.integers(0, 4)
    row = st.builds(lambda a, b, c: {"A1": a * 500, "A2": b * 500, "B": c * 250}, points, points, points)
    seats = SEATS[: draw(st.integers(1, 7))]
    return Inputs(
        valid=tuple(bidders),
        prices={bidder: str(draw(st.integers(8, 12))) + ".5" for bidder in bidders},
        quantities={bidder: {"small": draw(st.sampled_from(["0", "30", "100"]))} for bidder in bidders},
        sheets={seat: {bidder: draw(row) for bidder in bidders} for seat in seats},
        draws={"K": draw(st.sampled_from(["95", "98.5"]))},
    )


def shuffled(given_inputs: Inputs, draw: Any) -> Inputs:
    """The same inputs with every table in another order."""

    def mixed(table: dict[str, Any]) -> dict[str, Any]:
        keys = draw(st.permutations(list(table)))
        return {key: mixed(table[key]) if isinstance(table[key], dict) else table[key] for key in keys}

    return Inputs(
        valid=tuple(draw(st.permutations(given_inputs.valid))),
        prices=mixed(given_inputs.prices),
        quantities=mixed(given_inputs.quantities),
        sheets=mixed(given_inputs.sheets),
        draws=given_inputs.draws,
    )


@given(plans(), inputs(), st.data())
def test_another_order_of_members_and_bidders_gives_the_same_bytes(
    plan: Plan, first: Inputs, data: st.DataObject
) -> None:
    one = evaluate(plan, "1", first)
    two = evaluate(plan, "1", shuffled(first, data.draw))
    assert isinstance(one, Evaluation), one
    assert isinstance(two, Evaluation)
    assert canonical.encode(one) == canonical.encode(two)


@given(plans(), inputs(), st.data())
def test_which_member_gave_a_sheet_makes_no_difference_to_the_ranking(
    plan: Plan, first: Inputs, data: st.DataObject
) -> None:
    seats = list(first.sheets)
    swapped = dict(zip(seats, data.draw(st.permutations(list(first.sheets.values()))), strict=True))
    one = evaluate(plan, "1", first)
    two = evaluate(plan, "1", msgspec.structs.replace(first, sheets=swapped))
    assert isinstance(one, Evaluation)
    assert isinstance(two, Evaluation)
    assert [(row.bidder, row.rank, row.total) for row in one.rows] == [
        (row.bidder, row.rank, row.total) for row in two.rows
    ]


@given(plans(), inputs())
def test_ranks_follow_the_totals_and_every_bidder_has_one_row(plan: Plan, given_inputs: Inputs) -> None:
    result = evaluate(plan, "1", given_inputs)
    assert isinstance(result, Evaluation)
    assert sorted(row.bidder for row in result.rows) == sorted(given_inputs.valid)
    placed = [row for row in result.rows if row.rank]
    sign = 1 if plan.schemes[0].wins == "lowest" else -1
    totals = [sign * number(row.total) for row in placed]
    assert totals == sorted(totals)
    for place, row in enumerate(placed, start=1):
        better = sum(one.rank < row.rank for one in placed)
        assert row.rank == better + 1 <= place
        assert row.tied == (sum(one.rank == row.rank for one in placed) > 1)


@given(inputs(), st.data())
def test_a_higher_price_never_gives_more_points_under_low_price_first(
    given_inputs: Inputs, data: st.DataObject
) -> None:
    plan = plan_of(leaf("C", 5000, "price", formula={"type": "low_price_first"}))
    bidder = data.draw(st.sampled_from(given_inputs.valid))
    priced = msgspec.structs.replace(given_inputs, sheets={})
    dearer = {**priced.prices, bidder: str(int(Fraction(priced.prices[bidder])) + 3)}

    def points(one: Inputs) -> Fraction:
        result = evaluate(plan, "1", one)
        assert isinstance(result, Evaluation)
        return next(number(row.total) for row in result.rows if row.bidder == bidder)

    assert points(msgspec.structs.replace(priced, prices=dearer)) <= points(priced)
