"""The next envelope is opened after the one before is ranked, for those who pass and no others."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.methods.envelopes import passing, up_to
from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs
from protocol.plan.case import Case
from protocol.plan.formulas import TechnicalThenPrice
from protocol.plan.stages import scheme_of
from protocol.refusals import Refusal
from tests.protocol import turning
from tests.protocol.acting import Acting, in_two_envelopes, with_plan


@pytest.fixture(scope="module")
def first_tallied(case: Case) -> Acting:
    world = Acting(in_two_envelopes(case))
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    return world


def test_a_later_envelope_stays_closed_until_the_one_before_is_ranked(first_tallied: Acting) -> None:
    early = first_tallied.open_envelope("01", "2")
    assert isinstance(early, Refusal)
    assert early.code == "GuardUnmet"


def test_before_the_last_envelope_nothing_is_ranked_for_good(first_tallied: Acting) -> None:
    assert (
        first_tallied.code("agent", cmd.ConfirmRanking(), first_tallied.stage("01", "1")) == "WrongEnvelope"
    )


@pytest.mark.parametrize(
    ("names", "code"),
    [(("b1",), "PassingMismatch"), (("b2", "b1"), "Malformed"), (("b9",), "UnknownBidder")],
)
def test_those_who_go_on_are_the_tallys(first_tallied: Acting, names: tuple[str, ...], code: str) -> None:
    content = turns.ConfirmPassing(names)
    assert first_tallied.code("agent", content, first_tallied.stage("01", "1")) == code


def test_the_first_tally_knows_no_price(first_tallied: Acting) -> None:
    result = turning.result(first_tallied, "01", "1")
    assert {part.criterion for row in result.rows for part in row.parts} == {"A", "B"}
    assert (result.base_price, result.draws) == ("", {})


def test_no_recheck_of_points_once_the_prices_are_open(case: Case) -> None:
    world = Acting(in_two_envelopes(case))
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    world.confirm("01", "1")
    world.open_next("01", "2")
    begin = turns.BeginRecheck("abnormal")
    assert world.code("agent", begin, world.stage("01", "1")) == "GuardUnmet"


def test_by_technical_then_price_the_best_go_on_and_who_equals_the_last(case: Case) -> None:
    scheme = replace(scheme_of(in_two_envelopes(case).plan, "01"), award=TechnicalThenPrice(qualify=2))
    plan = with_plan(case, schemes=(scheme,)).plan
    sheet = {"b1": 700, "b2": 600, "b3": 600, "b4": 500, "b5": 100}
    items = ("A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4")
    sheets = {"M1": {b: {i: (points if i == "A1" else 0) for i in items} for b, points in sheet.items()}}
    inputs = Inputs(valid=tuple(sheet), prices={}, quantities={}, sheets=sheets, draws={})
    result = evaluate(up_to(plan, "01", "1"), "01", inputs)
    assert isinstance(result, Evaluation)
    assert passing(plan, "01", result) == {"b1", "b2", "b3"}
