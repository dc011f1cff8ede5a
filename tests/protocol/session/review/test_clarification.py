"""Clarification: only what the committee asked, once, in time; and corrections that a bidder confirms."""

from msgspec.structs import replace

from protocol import commands_review as acts
from protocol.entry import Entry
from protocol.methods.arithmetic_check import Line, Schedule, correction
from protocol.refusals import Refusal
from protocol.session.tally import inputs
from tests.protocol import reviewing as re
from tests.protocol.world import World

SCHEDULE = Schedule("4528.60", "4528.60", "肆仟伍佰贰拾玖万元整", "10000", 2, ())
"""b1's price as the sample has it, with other words."""


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


def result(world: World, number: int) -> str:
    return re.track(world).review.clarifications[number - 1].result


def test_a_bidder_answers_what_it_was_asked_once(world: World) -> None:
    assert code(re.answer(world, "agent", 1)) == "WrongPhase"
    assert isinstance(re.ask(world, "M2", "b1"), Entry)
    assert re.track(world).phase == "CLARIFYING"
    assert code(re.answer(world, "agent", 2)) == "UnknownClarification"
    assert code(re.answer(world, "agent", 0)) == "UnknownClarification"
    assert code(re.close(world, "M2", 1, "answered")) == "StillOpen"
    assert isinstance(re.answer(world, "agent", 1), Entry)
    assert code(re.answer(world, "agent", 1, "另外再说一句")) == "AlreadyAnswered"
    assert code(re.close(world, "M2", 1, "refused")) == "StillOpen"
    assert isinstance(re.close(world, "M3", 1, "answered"), Entry)
    assert (re.track(world).phase, result(world, 1)) == ("PRELIM", "answered")


def test_only_members_ask_and_only_bidders_that_are_there(world: World) -> None:
    assert code(re.ask(world, "agent", "b1")) == "NotAllowed"
    assert code(re.ask(world, "tenderee", "b1")) == "NotAllowed"
    assert code(re.ask(world, "M1", "b9")) == "UnknownBidder"
    content = acts.AskClarification("b1", "unclear", bytes(32))
    assert code(re.do(world, "M1", content)) == "DisclosureMissing"


def test_a_bidder_may_refuse_with_or_without_a_word(world: World) -> None:
    for number, text in ((1, ""), (2, "不予说明")):
        re.ask(world, "M1", f"b{number}")
        assert isinstance(re.answer(world, "agent", number, text, refused=True), Entry)
        assert isinstance(re.close(world, "M1", number, "refused"), Entry)
    re.ask(world, "M1", "b3")
    assert code(re.answer(world, "agent", 3, "")) == "Malformed"


def test_what_nobody_answers_is_overdue_by_the_installations_clock(world: World) -> None:
    re.ask(world, "M1", "b1")
    due_at = re.track(world).review.clarifications[0].due_at
    assert due_at == world.now + re.track(world).review.answer_ms
    world.settle(due_at - 1)
    assert result(world, 1) == ""
    world.settle(due_at)
    assert (result(world, 1), re.track(world).phase) == ("overdue", "PRELIM")
    assert code(re.answer(world, "agent", 1)) == "WrongPhase"


def test_what_was_answered_in_time_is_never_overdue(world: World) -> None:
    re.ask(world, "M1", "b1")
    re.answer(world, "agent", 1)
    world.settle(re.track(world).review.clarifications[0].due_at + 1)
    assert result(world, 1) == ""
    assert isinstance(re.close(world, "M1", 1, "answered"), Entry)


def test_several_are_asked_at_once_and_a_vote_goes_on_beside(world: World) -> None:
    re.ask(world, "M1", "b1")
    re.ask(world, "M2", "b2")
    re.propose(world, "M3", "b3", "51-6")
    assert re.track(world).phase == "REJECT_VOTE"
    re.answer(world, "agent", 2)
    re.close(world, "M2", 2, "answered")
    assert re.track(world).phase == "REJECT_VOTE"
    re.all_vote(world, "b3", "51-6", yes=1)
    assert re.track(world).phase == "CLARIFYING"
    assert isinstance(re.mark(world, "M1", "b1", form="pass"), Entry)
    assert code(re.conclude(world)) == "WrongPhase"
    re.answer(world, "agent", 1)
    re.close(world, "M2", 1, "answered")
    assert re.track(world).phase == "PRELIM"


def test_a_confirmed_correction_is_the_price_that_counts(world: World) -> None:
    assert isinstance(re.correct(world, "M1", "b1", SCHEDULE), Entry)
    assert code(re.correct(world, "M2", "b1", SCHEDULE)) == "AlreadyProposed"
    re.answer(world, "agent", 1, "同意修正")
    re.close(world, "M1", 1, "answered")
    re.pass_all(world)
    re.conclude(world)
    world.to_ranked_from_scoring()
    given = inputs(world.at, re.track(world), world.disclosed)
    assert not isinstance(given, tuple)
    assert (given.prices["b1"], given.prices["b2"]) == ("4529", "4612.35")


def test_a_refused_correction_changes_nothing_and_is_left_to_a_vote(world: World) -> None:
    re.correct(world, "M1", "b1", SCHEDULE)
    re.answer(world, "agent", 1, "不接受", refused=True)
    re.close(world, "M1", 1, "refused")
    assert re.track(world).review.corrected == {}
    assert isinstance(re.propose(world, "M1", "b1", "51-6"), Entry)


def test_a_correction_is_what_the_schedule_comes_to(world: World) -> None:
    good = correction(SCHEDULE, "TENDER")
    other = Schedule("4528.60", "4528.60", "", "10000", 2, (Line("1", "1", "4528.60", "4528.60"),))
    wrong = (
        replace(good, corrected="4500"),
        replace(good, proposals=()),
        correction(replace(SCHEDULE, read_out="4612.35", total="4612.35"), "TENDER"),
        correction(other, "TENDER"),
        replace(good, schedule=replace(SCHEDULE, words="约四千万")),
    )
    for one in wrong:
        assert code(re.correct(world, "M1", "b1", one)) == "CorrectionMismatch"
