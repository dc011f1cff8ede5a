"""A bidder speaks by a key of its own: it answers what it was asked, objects for itself, and nothing else."""

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.projection.bidder import view
from protocol.refusals import Refusal
from tests.protocol import reviewing as re
from tests.protocol.acting import Acting
from tests.protocol.world import World


def bind(world: World, bidder: str, author: str = "") -> Entry | Refusal:
    name = author or bidder
    return world.do(name, cmd.BindSeat(bidder, "code", world.attest(bidder, name)))


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


def test_a_bidder_answers_by_its_own_key_what_it_was_asked(world: World) -> None:
    assert isinstance(bind(world, "b1"), Entry)
    re.ask(world, "M2", "b1")
    re.ask(world, "M2", "b2")
    assert code(re.answer(world, "b1", 2)) == "UnknownClarification"
    assert isinstance(re.answer(world, "b1", 1), Entry)
    assert re.track(world).review.clarifications[0].by == "b1"
    assert isinstance(re.answer(world, "agent", 2), Entry)
    shown = view(world.at, world.disclosed, "b1")
    assert (shown.speaks, shown.keyed) == (True, True)
    assert [one.number for one in shown.stages[0].asked] == [1]
    assert not view(world.at, world.disclosed, "b2").keyed


def test_a_later_key_takes_the_place_of_the_one_before(world: World) -> None:
    bind(world, "b1")
    bind(world, "b1", "b1 again")
    re.ask(world, "M2", "b1")
    assert code(re.answer(world, "b1", 1)) == "UnknownAuthor"
    assert isinstance(re.answer(world, "b1 again", 1), Entry)


def test_nobody_without_a_bid_is_bound_and_under_older_rules_no_bidder(world: World, case: Case) -> None:
    assert code(bind(world, "b9")) == "UnknownSeat"
    false = cmd.BindSeat("b1", "code", world.attest("b2", "b1"))
    assert code(world.do("b1", false)) == "BadAttestation"
    old = World(case)
    old.to_check_in()
    assert code(bind(old, "b1")) == "UnknownSeat"


def test_a_bidder_does_nothing_but_answer_and_object(world: World) -> None:
    bind(world, "b1")
    assert code(re.mark(world, "b1", "b1", form="pass")) == "NotAllowed"
    assert code(re.ask(world, "b1", "b2")) == "NotAllowed"
    assert code(world.do("b1", cmd.BeginReport())) == "NotAllowed"


def test_a_bidder_objects_for_itself_alone_and_keeps_its_key_through_a_void_committee(case: Case) -> None:
    world = Acting(case)
    world.to_check_in()
    bind(world, "b2")
    stage = world.stage("01", "1")
    text = world.hide("objection", "one", "唱标的工期与投标文件不一致。")
    assert world.code("b2", turns.RaiseObjection("b3", text.digest), stage, (text,)) == "UnknownBidder"
    assert world.code("b2", turns.RaiseObjection("b2", text.digest), stage, (text,)) == ""
    (shown,) = view(world.at, world.disclosed, "b2").stages[0].objections
    assert (shown.objection, shown.answered) == ("唱标的工期与投标文件不一致。", False)
    assert view(world.at, world.disclosed, "b3").stages[0].objections == ()
    answer = world.hide("objection", "answer", "已核对。")
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), stage, (answer,))
    world.check_in_all()
    world.to_scoring_from_check_in()
    world.void("other")
    world.rebuild()
    assert {who.seat for who in world.at.keys.values() if who.role == "bidder"} == {"b2"}
