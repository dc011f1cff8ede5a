"""Pass marks: who goes on, and whose price is looked at."""

from tests.protocol.methods.given import TWO, group, inputs_of, leaf, order, plan_of, ranked, refused

PRICE = leaf("P", 4000, "price", formula={"type": "low_price_first"})


def test_a_mark_on_one_item_of_a_group_stops_a_bid() -> None:
    tree = group("T", leaf("A", 3000, pass_centi=1500), leaf("B", 3000))
    plan = plan_of(tree, PRICE)
    sheets = {"M1": {"x": {"A": 1400, "B": 3000}, "y": {"A": 1500, "B": 100}}}
    result = ranked(plan, inputs_of({"x": "1", "y": "2"}, sheets))
    assert order(result) == [("y", 1, "56.00")]
    assert [(row.bidder, row.status) for row in result.rows] == [("y", "ranked"), ("x", "below_pass")]
    # What the members gave is still shown, the price part is not worked out.
    assert [part.criterion for part in result.rows[1].parts] == ["T"]


def test_a_mark_is_met_by_the_rounded_mean() -> None:
    sheets = {f"M{i}": {"x": {"T": points}} for i, points in enumerate((4199, 4200, 4200))}
    exact = plan_of(leaf("T", 6000, pass_centi=4200))
    assert ranked(exact, inputs_of(sheets=sheets)).rows[0].status == "below_pass"
    rounded = plan_of(leaf("T", 6000, pass_centi=4200), rounding={"part": TWO, "total": TWO})
    assert ranked(rounded, inputs_of(sheets=sheets)).rows[0].status == "ranked"


def test_a_mark_on_the_total_stops_a_bid_after_its_price_was_counted() -> None:
    plan = plan_of(leaf("T", 6000), PRICE, pass_centi=6000)
    sheets = {"M1": {"x": {"T": 1000}, "y": {"T": 4500}}}
    result = ranked(plan, inputs_of({"x": "1", "y": "2"}, sheets))
    assert order(result) == [("y", 1, "65.00")]


def test_a_mark_on_a_group_with_a_formula_counts_all_of_it() -> None:
    tree = group("T", leaf("A", 6000), PRICE, pass_centi=7000)
    plan = plan_of(tree)
    sheets = {"M1": {"x": {"A": 5000}, "y": {"A": 4000}}}
    assert order(ranked(plan, inputs_of({"x": "1", "y": "2"}, sheets))) == [("x", 1, "90.00")]


def test_when_nobody_passes_nobody_is_ranked() -> None:
    plan = plan_of(leaf("T", 6000, pass_centi=5000), PRICE)
    result = ranked(plan, inputs_of({"x": "1"}, {"M1": {"x": {"T": 100}}}))
    assert order(result) == []
    assert result.rows[0].status == "below_pass"


def test_only_those_who_pass_need_a_price() -> None:
    plan = plan_of(leaf("T", 6000, pass_centi=3000), PRICE)
    sheets = {"M1": {"x": {"T": 100}, "y": {"T": 4000}}}
    assert order(ranked(plan, inputs_of({"y": "5"}, sheets, valid="xy"))) == [("y", 1, "80.00")]
    assert [one.code for one in refused(plan, inputs_of({"x": "5"}, sheets, valid="xy"))] == ["PriceMissing"]


def test_the_best_is_taken_among_those_who_pass_when_points_are_normalised() -> None:
    plan = plan_of(leaf("T", 20000, normalise_centi=10000, pass_centi=5000), max_centi=10000)
    sheets = {"M1": {"x": {"T": 12000}, "y": {"T": 6000}, "z": {"T": 4000}}}
    result = ranked(plan, inputs_of(sheets=sheets))
    assert order(result) == [("x", 1, "100.00"), ("y", 2, "50.00")]
    none = ranked(
        plan_of(leaf("T", 20000, normalise_centi=10000), max_centi=10000),
        inputs_of(sheets={"M1": {"x": {"T": 0}}}),
    )
    assert order(none) == [("x", 1, "0.00")]
