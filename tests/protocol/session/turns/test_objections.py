"""An objection at the opening is answered on the spot, before the review begins (条例 44)."""

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.words import Stage
from tests.protocol import reviewing
from tests.protocol.acting import Acting

STAGE = Stage("01", "1", 1)


def test_the_review_waits_until_every_objection_is_answered(case: Case) -> None:
    world = Acting(case)
    world.to_check_in()
    text = world.hide("objection", "one", "唱标的工期与投标文件不一致。")
    assert world.code("tenderee", turns.RaiseObjection("b9", text.digest), STAGE, (text,)) == "UnknownBidder"
    world.must("tenderee", turns.RaiseObjection("b2", text.digest), STAGE, (text,))
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    reviewing.publish(world)
    for bid in world.at.tracks["01/1"].bids:
        reviewing.check_blind(world, bid.bidder)
    assert world.code("agent", cmd.BeginPreliminary(), STAGE) == "GuardUnmet"
    answer = world.hide("objection", "answer", "已核对,以投标函为准。")
    assert (
        world.code("tenderee", turns.AnswerObjection(2, answer.digest), STAGE, (answer,))
        == "UnknownObjection"
    )
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), STAGE, (answer,))
    assert world.code("tenderee", turns.AnswerObjection(1, answer.digest), STAGE, (answer,)) == "AlreadyDone"
    assert world.code("agent", cmd.BeginPreliminary(), STAGE) == ""
