"""What a bidder is shown of clarifications: its own questions, masked, and nothing of anybody else's."""

from protocol import canonical
from protocol import commands as cmd
from protocol.entry import Entry
from protocol.methods.arithmetic_check import Schedule
from protocol.plan.case import Case
from protocol.projection import bidder, visibility
from tests.protocol import reviewing as re
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World


def _in_review(case: Case) -> World:
    world = to_committee(case)
    re.begin(world)
    return world


def test_a_bidder_reads_its_own_question_and_reply_and_nobodys_seat(case: Case) -> None:
    world = _in_review(case)
    re.ask(world, "M2", "b1")
    re.ask(world, "M3", "b2", "low_price")
    (one,) = bidder.view(world.at, world.disclosed, "b1").stages[0].asked
    assert (one.number, one.purpose, one.answered, one.result) == (1, "unclear", False, "")
    assert one.question == "请说明工期的含义"
    assert one.due_at == re.track(world).review.clarifications[0].due_at
    re.answer(world, "agent", 1)
    re.close(world, "M2", 1, "answered")
    shown = bidder.view(world.at, world.disclosed, "b1")
    (one,) = shown.stages[0].asked
    assert (one.answered, one.result, one.reply) == (True, "answered", "工期按日历天计")
    told = canonical.encode(shown).decode()
    assert "M2" not in told
    assert "M3" not in told


def test_who_was_not_asked_is_told_nothing(case: Case) -> None:
    world = _in_review(case)
    re.ask(world, "M2", "b1")
    assert bidder.view(world.at, world.disclosed, "b3").stages[0].asked == ()


def test_a_blind_part_that_failed_is_kept_from_experts_until_it_passes_or_a_vote_keeps_the_bid(
    case: Case,
) -> None:
    world = to_committee(case)
    re.publish(world)
    for name in ("b1", "b3", "b4", "b5"):
        re.check_blind(world, name)
    re.check_blind(world, "b2", "fail")
    here = re.track(world)
    codes = {bid.bidder: bid.code for bid in here.bids}
    kept = {
        name for name, code in codes.items() if visibility.withheld("blind", code, "expert", re.track(world))
    }
    assert kept == {"b2"}
    for shelf, role in (
        ("bid", "expert"),
        ("evidence", "expert"),
        ("blind", "supervisor"),
        ("blind", "agent"),
    ):
        assert not visibility.withheld(shelf, codes["b2"], role, here)  # type: ignore[arg-type]
    re.check_blind(world, "b2")
    assert not visibility.withheld("blind", codes["b2"], "expert", re.track(world))


def test_a_vote_that_keeps_a_bid_shows_its_blind_part(case: Case) -> None:
    world = to_committee(case)
    re.publish(world)
    for name in ("b1", "b3", "b4", "b5"):
        re.check_blind(world, name)
    re.check_blind(world, "b2", "fail")
    world.must("agent", cmd.BeginPreliminary(), world.stage("01", "1"))
    code = next(bid.code for bid in re.track(world).bids if bid.bidder == "b2")
    re.propose(world, "M1", "b2", "51-6")
    re.all_vote(world, "b2", "51-6", yes=2)
    assert not visibility.withheld("blind", code, "expert", re.track(world))


def test_a_correction_is_shown_to_its_bidder_as_it_was_worked_out(case: Case) -> None:
    world = _in_review(case)
    price = next(bid.price for bid in case.bids if bid.bidder == "b1")
    done = re.correct(world, "M1", "b1", Schedule(price, price, "肆仟伍佰贰拾玖万元整", "10000", 2, ()))
    assert isinstance(done, Entry), done
    (one,) = bidder.view(world.at, world.disclosed, "b1").stages[0].asked
    assert one.purpose == "correction"
    assert one.question is not None
    assert '"corrected"' in one.question
