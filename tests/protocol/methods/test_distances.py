"""畸高畸低: distances of items, groups and totals, from the others and from all."""

from fractions import Fraction
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from protocol.methods.abnormal_score import distances
from tests.protocol.methods.given import group, inputs_of, leaf, plan_of, ranked

WHOSE: tuple[Literal["others", "all"], ...] = ("all", "others")
FIVE = {f"M{i}": Fraction(value) for i, value in enumerate((10, 10, 10, 10, 13), start=1)}


def over(
    by_seat: dict[str, Fraction], against: Literal["others", "all"], threshold: int
) -> list[tuple[str, str]]:
    found = distances(by_seat, against, Fraction(threshold))
    return [(one.seat, str(one.mean)) for one in found if one.over]


def test_leaving_one_out_sees_what_the_mean_of_all_hides() -> None:
    # 13 is 30 % above the others' 10, and 22.6 % above the mean of all, 10.6.
    assert over(FIVE, "others", 25) == [("M5", "10")]
    assert over(FIVE, "all", 25) == []


@given(st.lists(st.integers(0, 10), min_size=2, max_size=7), st.integers(0, 120))
def test_whoever_is_far_from_all_is_far_from_the_others(values: list[int], threshold: int) -> None:
    by_seat = {f"M{i}": Fraction(value) for i, value in enumerate(values)}
    far = [{seat for seat, _ in over(by_seat, against, threshold)} for against in WHOSE]
    assert far[0] <= far[1]


def test_a_distance_just_at_the_threshold_is_not_over() -> None:
    assert over(FIVE, "others", 30) == []


def test_totals_over_all_criteria_are_compared_with_their_weights() -> None:
    plan = plan_of(
        group("A", leaf("A1", 1000), leaf("A2", 1000)),
        leaf("B", 1000, weight="2"),
        leaf("P", 1000, "price", formula={"type": "low_price_first"}),
        max_centi=5000,
        deviation={"threshold_percent": "20", "against": "others", "of": [], "total": True},
    )
    row = {"A1": 500, "A2": 500, "B": 500}
    sheets = {"M1": {"x": row}, "M2": {"x": row}, "M3": {"x": {**row, "B": 800}}}
    result = ranked(plan, inputs_of({"x": "10"}, sheets))
    assert [(one.criterion, one.seat, one.points, one.mean, one.over) for one in result.deviations] == [
        ("", "M1", "20", "23", False),
        ("", "M2", "20", "23", False),
        ("", "M3", "26", "20", True),
    ]
