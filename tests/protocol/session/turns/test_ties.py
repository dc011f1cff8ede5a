"""Equal bids that would make too many candidates are put in order before anything is ranked."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.plan.plan import TieRule
from protocol.refusals import Refusal
from protocol.words import Stage
from tests.protocol import turning
from tests.protocol.acting import Acting, with_plan

STAGE = Stage("01", "1", 1)


def code(answer: Entry | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


def _equal(case: Case, **changes: object) -> Case:
    """The second bid is the first one again; one candidate is asked for."""
    prices = {bid.bidder: bid.price for bid in case.bids}
    bids = tuple(replace(bid, price=prices["b1"]) if bid.bidder == "b2" else bid for bid in case.bids)
    sheets = {
        lot: {s: {**row, "b2": row["b1"]} for s, row in seats.items()} for lot, seats in case.sheets.items()
    }
    return with_plan(replace(case, bids=bids, sheets=sheets), candidates_max=1, **changes)


def _tallied(case: Case) -> Acting:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    return world


def test_the_ranking_waits_for_the_tenderee_and_takes_its_order(case: Case) -> None:
    world = _tallied(_equal(case))
    first = {row.bidder for row in turning.result(world, "01", "1").rows if row.candidate}
    assert first == {"b1", "b2"}
    assert world.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
    old = world.at.tracks["01/1"].tally
    assert code(turning.decide_tie(world, ("b2", "b1"))) == ""
    assert (world.at.tracks["01/1"].tally, world.at.tracks["01/1"].turns.aside) == (b"", (old,))
    world.tally("01", "1")
    rows = turning.result(world, "01", "1").rows
    assert [(row.bidder, row.rank) for row in rows[:2]] == [("b2", 1), ("b1", 2)]
    assert [row.bidder for row in rows if row.candidate] == ["b2"]
    assert world.code("agent", cmd.ConfirmRanking(), STAGE) == ""


def test_a_rule_of_the_plan_is_named_and_decides_too(case: Case) -> None:
    scheme = replace(case.plan.schemes[0], ties=(TieRule(by="decided", of="chosen"),))
    world = _tallied(_equal(case, schemes=(scheme,)))
    assert code(turning.decide_tie(world, ("b1", "b2"), of="drawn")) == "PlanMismatch"
    assert code(turning.decide_tie(world, ("b1",), of="chosen")) == ""
    world.tally("01", "1")
    assert [row.bidder for row in turning.result(world, "01", "1").rows if row.candidate] == ["b1"]
    assert turning.result(world, "01", "1").draws["chosen"] == "b1"


@pytest.mark.parametrize(
    ("order", "told"), [(("b3",), "NotTied"), (("b1", "b1"), "DuplicateId"), (("b9",), "UnknownBidder")]
)
def test_only_equal_bids_are_put_in_order(case: Case, order: tuple[str, ...], told: str) -> None:
    assert code(turning.decide_tie(_tallied(_equal(case)), order)) == told


def test_without_equal_bids_there_is_nothing_to_decide(tallied: Acting) -> None:
    assert code(turning.decide_tie(tallied, ("b1", "b2"))) == "NotTied"
