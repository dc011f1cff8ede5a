"""One brand counts once, a share of small businesses counts as confirmed, a low price is explained first."""

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.plan.plan import Scheme
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from protocol.refusals import Refusal
from protocol.session.tally import evaluate_stage
from protocol.words import Stage
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import Acting, with_plan
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World

STAGE = Stage("01", "1", 1)


def code(answer: Entry | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


def _scheme(case: Case, **changes: object) -> Case:
    scheme: Scheme = replace(case.plan.schemes[0], **changes)
    return with_plan(case, schemes=(scheme,))


def _tallied(case: Case) -> Acting:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    return world


# --- one brand ----------------------------------------------------------------------------------------------


def test_bids_of_one_brand_are_one_supplier_when_they_are_counted(case: Case) -> None:
    world = to_committee(with_plan(case, regime="GOV_PROC"))
    re.begin(world)
    assert code(re.same_brand(world, "b1", "b2", "b3", "b4")) == ""
    assert code(re.same_brand(world, "b1", "b5")) == "DuplicateId"
    re.pass_all(world)
    assert code(re.conclude(world)) == "TooFewValid"


def test_of_one_brand_the_best_alone_is_a_candidate(case: Case) -> None:
    world = to_committee(with_plan(case, regime="GOV_PROC"))
    re.begin(world)
    re.same_brand(world, "b3", "b1", by="tenderee")
    re.pass_all(world)
    assert code(re.conclude(world)) == ""
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), STAGE)
    world.open_scores("01", "1")
    result = evaluate_stage(world.at, world.at.tracks["01/1"], world.disclosed)
    assert not isinstance(result, tuple)
    assert [row.bidder for row in result.rows] == ["b1", "b3", "b4", "b2", "b5"]
    assert [row.bidder for row in result.rows if row.candidate] == ["b1", "b4", "b2"]


def test_brands_count_in_purchases_alone(world: World) -> None:
    assert code(re.same_brand(world, "b1", "b2")) == "GuardUnmet"


# --- small businesses ---------------------------------------------------------------------------------------


@pytest.fixture
def small(case: Case) -> Case:
    """The third bidder declares that it is a small business; the plan deducts 5 %."""
    bids = tuple(
        replace(bid, quantities={"small": "100"}) if bid.bidder == "b3" else bid for bid in case.bids
    )
    return _scheme(replace(case, bids=bids), small_business=SmallBusiness(quantity="small", percent="5"))


def _scored(world: Acting) -> None:
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), STAGE)
    world.open_scores("01", "1")


def test_nothing_is_deducted_on_a_word_that_nobody_looked_at(small: Case) -> None:
    world = Acting(small)
    _scored(world)
    result = evaluate_stage(world.at, world.at.tracks["01/1"], world.disclosed)
    tally = world.hide("tally", "early", result)
    early = world.do("agent", cmd.PublishTally(tally.digest), STAGE, (tally,))
    assert code(early) == "GuardUnmet"
    assert code(re.confirm_share(world, "b3", "101")) == "ShareUnfit"
    assert code(re.confirm_share(world, "b3", "100")) == ""
    world.tally("01", "1")
    rows = {row.bidder: row for row in turning.result(world, "01", "1").rows}
    assert (rows["b3"].price, rows["b3"].evaluated_price) == ("4475.20", "4251.44")


def test_a_share_that_is_not_confirmed_as_declared_counts_as_confirmed(small: Case) -> None:
    world = Acting(small)
    _scored(world)
    assert code(re.confirm_share(world, "b3", "0", by="tenderee")) == ""
    world.tally("01", "1")
    rows = {row.bidder: row for row in turning.result(world, "01", "1").rows}
    assert rows["b3"].evaluated_price == "4475.2"
    old = world.at.tracks["01/1"].tally
    assert code(re.confirm_share(world, "b3", "100")) == ""
    assert (world.at.tracks["01/1"].tally, world.at.tracks["01/1"].turns.aside) == (b"", (old,))


def test_a_plan_without_deductions_confirms_none(world: World) -> None:
    assert code(re.confirm_share(world, "b1", "100")) == "PlanMismatch"


# --- low prices ---------------------------------------------------------------------------------------------


@pytest.fixture
def low(case: Case) -> Acting:
    """The fifth bid is below 97 % of the mean, and the plan has that explained."""
    return _tallied(_scheme(case, low_prices=(LowPriceCheck(than="mean", percent="97"),)))


def test_a_low_price_is_explained_before_anything_is_ranked(low: Acting) -> None:
    assert low.code("agent", cmd.ConfirmRanking(), STAGE) == "GuardUnmet"
    assert code(re.propose(low, "M1", "b5", "51-5-cost")) == "ExplanationFirst"
    re.ask(low, "M1", "b5", "low_price")
    assert re.track(low).phase == "CLARIFYING"
    re.answer(low, "agent", 1)
    re.close(low, "M2", 1, "answered")
    assert re.track(low).phase == "SUMMARY"
    assert low.code("agent", cmd.ConfirmRanking(), STAGE) == ""


def test_a_price_that_is_not_explained_is_voted_on_and_the_tally_is_made_anew(low: Acting) -> None:
    old = re.track(low).tally
    re.ask(low, "M1", "b5", "low_price")
    re.answer(low, "agent", 1, "", refused=True)
    re.close(low, "M1", 1, "refused")
    assert code(re.propose(low, "M1", "b5", "51-5-cost")) == ""
    re.all_vote(low, "b5", "51-5-cost", yes=3)
    here = re.track(low)
    assert (here.phase, here.tally, here.turns.aside) == ("SUMMARY", b"", (old,))
    assert "b5" not in here.valid
    low.tally("01", "1")
    turning.explain_all(low, "01", "1")
    assert [row.bidder for row in turning.result(low, "01", "1").rows] != []
    assert low.code("agent", cmd.ConfirmRanking(), STAGE) == ""


def test_a_vote_that_keeps_a_bid_leaves_the_tally_as_it_is(low: Acting) -> None:
    old = re.track(low).tally
    re.propose(low, "M1", "b2", "51-7")
    re.all_vote(low, "b2", "51-7", yes=2)
    assert re.track(low).tally == old


def test_nobody_is_replaced_while_a_question_is_open_after_the_scores_are_shown(low: Acting) -> None:
    re.ask(low, "M1", "b5", "low_price")
    answer = low.do("agent", form.ReplaceMember("M2", "M6", "ill", (), ()))
    assert code(answer) == "ScoresShown"


def test_a_rejection_for_not_confirming_needs_a_correction_that_was_asked_for(case: Case) -> None:
    world = to_committee(with_plan(case, regime="GOV_PROC"))
    re.begin(world)
    assert code(re.propose(world, "M1", "b1", "87-59")) == "CorrectionFirst"
