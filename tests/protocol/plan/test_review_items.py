"""A plan's preliminary review: items of its own, known grounds, and who may review what."""

import msgspec
import pytest

from protocol import canonical
from protocol.plan.case import Case
from protocol.plan.findings import errors_among
from protocol.plan.plan import Plan
from protocol.plan.review import USUAL, ReviewItem, ReviewPlan, items_of, review_of
from protocol.plan.validate import validate_plan

BONDED = ReviewItem(id="bond", zh="投标保证金", part="responsiveness", ground="51-6")


def faults(case: Case, *items: ReviewItem, regime: str = "TENDER") -> list[tuple[str, str]]:
    plan = msgspec.structs.replace(case.plan, regime=regime, review=ReviewPlan(items=items))
    return [(one.code, one.pointer) for one in errors_among(validate_plan(plan))]


def test_a_plan_without_a_review_has_the_bytes_that_it_always_had(case: Case) -> None:
    assert b'"review"' not in canonical.encode(case.plan)
    given = msgspec.structs.replace(case.plan, review=ReviewPlan(items=(BONDED,)))
    raw = canonical.encode(given)
    assert canonical.decode(raw, Plan, 1_000_000) == given


def test_the_usual_items_hold_where_a_plan_names_none(case: Case) -> None:
    assert review_of(case.plan.review, "TENDER").items == USUAL["TENDER"]
    slow = review_of(ReviewPlan(answer_ms=3_600_000), "GOV_PROC")
    assert (slow.items, slow.answer_ms) == (USUAL["GOV_PROC"], 3_600_000)


def test_items_belong_to_the_first_envelope_unless_they_say_otherwise() -> None:
    later = ReviewItem(id="price", zh="报价", part="form", ground="51-6", envelope="2")
    review = ReviewPlan(items=(BONDED, later))
    assert items_of(review, "1", "1") == (BONDED,)
    assert items_of(review, "2", "1") == (later,)


@pytest.mark.parametrize("regime", ["TENDER", "GOV_PROC"])
def test_the_usual_items_are_in_order(case: Case, regime: str) -> None:
    found = faults(case, *USUAL[regime], regime=regime)  # type: ignore[index]
    assert [one for one in found if one[1].startswith("/review")] == []


def test_what_is_wrong_with_an_item_is_said_where_it_stands(case: Case) -> None:
    wrong = msgspec.structs.replace(BONDED, ground="51-8", envelope="9", by="desk")
    assert set(faults(case, BONDED, BONDED, wrong)) == {
        ("DuplicateId", "/review/items/1/id"),
        ("DuplicateId", "/review/items/2/id"),
        ("UnknownId", "/review/items/2/ground"),
        ("UnknownId", "/review/items/2/envelope"),
        ("RuleUnfit", "/review/items/2/by"),
    }


def test_in_a_purchase_the_desk_qualifies_and_nothing_else(case: Case) -> None:
    committee = ReviewItem(id="q", zh="资格", part="qualification", ground="87-63-3")
    desk = ReviewItem(id="c", zh="符合", part="conformity", ground="87-63-6", by="desk")
    found = [one for one in faults(case, committee, desk, regime="GOV_PROC") if one[1].startswith("/review")]
    assert found == [("RuleUnfit", "/review/items/0/by"), ("RuleUnfit", "/review/items/1/by")]
