"""Scores change by the member's own correction on a lawful ground, and in no other way (87号令 64)."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.methods.evaluation import Evaluation
from protocol.plan.case import Case
from protocol.plan.conduct import LAWFUL_GROUNDS, Conduct
from protocol.session.outcome import outcome
from protocol.words import Stage
from tests.protocol import turning
from tests.protocol.acting import Acting, with_plan

STAGE = Stage("01", "1", 1)
NUMBERS = ("M1", "M2", "M3", "M4", "M5")


def _case(case: Case, regime: str = "TENDER", **changes: int) -> Case:
    """The sample under a regime; `changes` are M2's points for items of the first bid."""
    sheets = msgspec.json.decode(msgspec.json.encode(case.sheets))
    sheets["01"]["M2"]["b1"] |= changes
    return with_plan(replace(case, sheets=sheets), regime=regime)


def _tallied(case: Case) -> Acting:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")
    return world


def _begin(world: Acting, ground: str, by: str = "agent") -> str:
    return world.code(by, turns.BeginRecheck(ground), STAGE)  # type: ignore[arg-type]


def _correct(world: Acting, seat: str, ground: str, criterion: str, points_centi: int, by: str = "") -> str:
    content, held = world.correction(seat, ground, {"b1": {criterion: points_centi}})
    return world.code(by or seat, content, STAGE, held)


def test_a_differing_objective_item_blocks_the_ranking_until_it_is_corrected(case: Case) -> None:
    world = _tallied(_case(case, B1=0))
    turning.explain_all(world, "01", "1")
    assert world.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
    wrong, old = turning.result(world, "01", "1"), world.at.tracks["01/1"].tally
    assert [one.criterion for one in wrong.mismatches] == ["B1"]
    assert _begin(world, "objective_differs") == ""
    assert _correct(world, "M2", "objective_differs", "B1", 400) == ""
    assert world.code("M1", turns.EndRecheck(), STAGE) == ""
    track = world.at.tracks["01/1"]
    assert (track.tally, track.turns.aside) == (b"", (old,))
    assert world.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
    world.tally("01", "1")
    right: Evaluation = turning.result(world, "01", "1")
    assert right.mismatches == ()
    turning.explain_all(world, "01", "1")
    assert world.code("agent", cmd.ConfirmRanking(), STAGE) == ""
    sealed = msgspec.json.decode(outcome(world.at, world.disclosed))["stages"][0]
    assert sealed["sheets"]["M2"]["b1"]["B1"] == 0
    assert sealed["corrections"] == [
        {"ground": "objective_differs", "scores": {"b1": {"B1": 400}}, "seat": "M2"}
    ]


@pytest.mark.parametrize(
    ("seat", "ground", "criterion", "points_centi", "code"),
    [
        ("M2", "objective_differs", "A1", 600, "GroundUnfit"),
        ("M2", "objective_differs", "B2", 400, "GroundUnfit"),
        ("M2", "objective_differs", "B1", 0, "CorrectionInvalid"),
        ("M2", "objective_differs", "B1", 500, "CorrectionInvalid"),
        ("M2", "objective_differs", "B1", 100, "CorrectionInvalid"),
        ("M2", "objective_differs", "Z9", 100, "CorrectionInvalid"),
        ("M2", "over_range", "A1", 500, "GroundUnfit"),
        ("M2", "abnormal", "A1", 500, "GuardUnmet"),
        ("M2", "sum_error", "A1", 500, "GroundUnfit"),
        ("M2", "slip", "A1", 500, "GroundUnknown"),
    ],
)
def test_a_correction_whose_ground_or_points_do_not_hold_is_refused(
    case: Case, seat: str, ground: str, criterion: str, points_centi: int, code: str
) -> None:
    world = _tallied(_case(case, B1=0))
    assert _begin(world, "objective_differs") == ""
    before = world.at.tracks["01/1"]
    assert _correct(world, seat, ground, criterion, points_centi) == code
    assert world.at.tracks["01/1"] == before


def test_nobody_corrects_for_another_and_nobody_but_members_does(case: Case) -> None:
    world = _tallied(_case(case, B1=0))
    _begin(world, "objective_differs")
    assert _correct(world, "M2", "objective_differs", "B1", 400, by="M3") == "OwnSheetOnly"
    for by in ("agent", "tenderee", "supervisor-hefei", "witness-hefei", "node hefei"):
        assert _correct(world, "M2", "objective_differs", "B1", 400, by=by) == "NotAllowed"


def test_an_abnormal_score_is_corrected_once_over_half_of_the_members_find_it_so(
    tallied: Acting,
) -> None:
    assert _begin(tallied, "abnormal") == ""
    finding = turns.FindAbnormal("M5", "b1", "A1")
    for by in ("M1", "M2"):
        assert tallied.code(by, finding, STAGE) == ""
    assert tallied.code("M2", finding, STAGE) == "AlreadyDone"
    assert _correct(tallied, "M5", "abnormal", "A1", 700) == "GuardUnmet"
    assert tallied.code("M3", finding, STAGE) == ""
    assert _correct(tallied, "M4", "abnormal", "A1", 600) == "GuardUnmet"
    assert _correct(tallied, "M5", "abnormal", "A1", 700) == ""


def test_under_gov_proc_there_are_four_grounds_whatever_the_plan_says(case: Case) -> None:
    lenient = with_plan(_case(case, "GOV_PROC"), conduct=Conduct(grounds=("slip",)))
    world = _tallied(lenient)
    assert _begin(world, "slip") == "GroundUnknown"
    assert [_begin(world, ground) for ground in LAWFUL_GROUNDS[:1]] == [""]


def test_under_tender_the_grounds_are_those_of_the_plan(case: Case) -> None:
    world = _tallied(with_plan(case, conduct=Conduct(grounds=("slip",))))
    assert _begin(world, "abnormal") == "GroundUnknown"
    assert _begin(world, "slip") == ""
    assert _correct(world, "M2", "slip", "A1", 500) == ""


def test_a_ranked_stage_is_rechecked_before_the_report_begins_and_not_afterwards(tallied: Acting) -> None:
    turning.explain_all(tallied, "01", "1")
    tallied.confirm("01", "1")
    assert _begin(tallied, "sum_error", by="M1") == ""
    assert tallied.code("agent", turns.EndRecheck(), STAGE) == ""
    tallied.tally("01", "1")
    tallied.confirm("01", "1")
    tallied.must("agent", cmd.BeginReport())
    assert _begin(tallied, "sum_error") == "GuardUnmet"


def test_a_recheck_that_corrects_nothing_leaves_the_tally(tallied: Acting) -> None:
    before = tallied.at.tracks["01/1"].tally
    _begin(tallied, "abnormal")
    assert tallied.code("agent", cmd.ConfirmRanking(), STAGE) == "WrongPhase"
    tallied.must("agent", turns.EndRecheck(), STAGE)
    assert tallied.at.tracks["01/1"].tally == before


def test_the_ranking_waits_for_every_explanation_where_the_plan_says_so(case: Case, tallied: Acting) -> None:
    assert tallied.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
    over = [one for one in turning.result(tallied, "01", "1").deviations if one.over]
    assert {one.seat for one in over} == {"M5"}
    for one in over:
        assert tallied.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
        turning.explain(tallied, one.seat, one.bidder, one.criterion, "01", "1")
    assert tallied.code("agent", cmd.ConfirmRanking(), STAGE) == ""
    noted = _tallied(with_plan(case, conduct=Conduct(explanations="noted")))
    assert noted.code("agent", cmd.ConfirmRanking(), STAGE) == ""


def test_an_explanation_is_the_members_own_and_written_once(tallied: Acting) -> None:
    turning.explain(tallied, "M5", "b1", "A", "01", "1")
    text = tallied.hide("explanation", "again", "x")
    again = turns.ExplainDeviation("b1", "A", text.digest)
    assert tallied.code("M5", again, STAGE, (text,)) == "AlreadyDone"
    empty = tallied.hide("explanation", "empty", "")
    blank = turns.ExplainDeviation("b3", "A", empty.digest)
    assert tallied.code("M5", blank, STAGE, (empty,)) == "TextLength"
    assert tallied.code("agent", again, STAGE, (text,)) == "NotAllowed"
