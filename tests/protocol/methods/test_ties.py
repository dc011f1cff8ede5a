"""Equal bids: what parts them, and what stays tied."""

import msgspec
import pytest

from protocol.methods.candidates import undecided
from protocol.methods.evaluate import explain
from tests.protocol.methods.given import inputs_of, leaf, plan_of, ranked, refused

TREE = (leaf("T", 6000), leaf("Q", 4000))
SHEETS = {"M1": {"a": {"T": 5000, "Q": 4000}, "b": {"T": 6000, "Q": 3000}, "c": {"T": 4000, "Q": 3000}}}


def places(
    ties: list[dict[str, str]], prices: dict[str, str], draws: dict[str, str] | None = None
) -> list[tuple[str, int, bool]]:
    plan = plan_of(*TREE, ties=ties)
    result = ranked(plan, inputs_of(prices, SHEETS, valid="abc", draws=draws or {}))
    return [(row.bidder, row.rank, row.tied) for row in result.rows]


def test_the_lower_price_goes_first() -> None:
    assert places([{"by": "lower_price"}], {"a": "10", "b": "9", "c": "8"}) == [
        ("b", 1, False),
        ("a", 2, False),
        ("c", 3, False),
    ]


def test_after_an_equal_price_the_higher_technical_points_go_first() -> None:
    ties = [{"by": "lower_price"}, {"by": "higher_points", "of": "Q"}]
    assert places(ties, {"a": "9", "b": "9", "c": "8"})[:2] == [("a", 1, False), ("b", 2, False)]


def test_without_a_rule_that_parts_them_the_rank_is_shared_and_the_next_is_skipped() -> None:
    for ties in ([], [{"by": "lower_price"}]):
        assert places(ties, {"a": "9", "b": "9", "c": "8"}) == [
            ("a", 1, True),
            ("b", 1, True),
            ("c", 3, False),
        ]


def test_a_price_that_is_not_known_parts_nobody() -> None:
    assert places([{"by": "lower_price"}], {"a": "9"})[:2] == [("a", 1, True), ("b", 1, True)]


def test_the_tenderee_s_decision_parts_them_once_it_is_given() -> None:
    ties = [{"by": "decided", "of": "choice"}]
    assert places(ties, {})[0][2] is True
    assert places(ties, {}, {"choice": "b a"})[:2] == [("b", 1, False), ("a", 2, False)]


@pytest.mark.parametrize(("by", "first"), [("higher_quantity", "a"), ("lower_quantity", "b")])
def test_a_quantity_parts_them(by: str, first: str) -> None:
    plan = plan_of(*TREE, ties=[{"by": by, "of": "credit"}])
    quantities = {"a": {"credit": "3"}, "b": {"credit": "-2.5"}, "c": {"credit": "1"}}
    result = ranked(plan, inputs_of(sheets=SHEETS, quantities=quantities))
    assert (result.rows[0].bidder, result.rows[0].tied) == (first, False)


def test_a_tie_at_the_last_candidate_s_rank_makes_both_candidates() -> None:
    plan = plan_of(*TREE)
    result = ranked(plan, inputs_of(sheets={"M1": {who: {"T": 5000, "Q": 1000} for who in "abcd"}}))
    assert [(row.rank, row.candidate) for row in result.rows] == [(1, True)] * 4


def test_the_steps_say_how_equal_bids_were_parted_or_that_they_were_not() -> None:
    plan = plan_of(*TREE, ties=[{"by": "lower_price"}, {"by": "higher_points", "of": "Q"}])
    parted = explain(plan, "1", inputs_of({"a": "9", "b": "8", "c": "7"}, SHEETS))
    assert any("报价较低者优先" in step.zh and "“Q”" in step.zh for step in parted)
    tied = explain(plan_of(*TREE), "1", inputs_of(sheets=SHEETS))
    assert any("并列" in step.zh for step in tied)


def test_whom_the_tenderee_names_goes_before_whom_it_does_not() -> None:
    ties = [{"by": "decided", "of": "choice"}]
    assert places(ties, {}, {"choice": "b"})[:2] == [("b", 1, False), ("a", 2, False)]
    plan = plan_of(*TREE, ties=ties)
    result = ranked(plan, inputs_of({}, SHEETS, valid="abc", draws={"choice": "b"}))
    assert result.draws == {"choice": "b"}


@pytest.mark.parametrize(
    ("order", "code"), [("b x", "UnknownId"), ("b b", "OrderUnfit"), (" ", "OrderUnfit")]
)
def test_a_decision_that_names_nobody_a_stranger_or_one_twice_is_refused(order: str, code: str) -> None:
    plan = plan_of(*TREE, ties=[{"by": "decided", "of": "choice"}])
    found = refused(plan, inputs_of({}, SHEETS, valid="abc", draws={"choice": order}))
    assert [(one.code, one.pointer) for one in found] == [(code, "/draws/choice")]


def test_ranks_shared_across_the_border_of_the_candidates_are_told_as_undecided() -> None:
    plan = msgspec.structs.replace(plan_of(*TREE), candidates_max=1)
    inputs = inputs_of({}, SHEETS, valid="abc")
    assert undecided(ranked(plan, inputs), 1) == ("a", "b")
    assert undecided(ranked(plan, inputs), 2) == ()
    assert any("a、b" in step.zh for step in explain(plan, "1", inputs))
