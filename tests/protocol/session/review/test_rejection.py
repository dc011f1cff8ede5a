"""Rejection by vote: grounds, who votes, how it is counted, what follows."""

from protocol import commands as cmd
from protocol import commands_review as acts
from protocol import entry
from protocol.entry import Entry
from protocol.events_review import VoteClosed
from protocol.refusals import Refusal
from protocol.session.outcome import outcome_digest
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.world import World


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


def closed(world: World) -> list[VoteClosed]:
    return [
        event for raw in world.entries for event in entry.decode(raw).events if isinstance(event, VoteClosed)
    ]


def test_three_of_five_reject_and_the_dissent_is_kept(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    assert re.track(world).phase == "REJECT_VOTE"
    re.all_vote(world, "b2", "51-6", yes=3)
    assert re.track(world).phase == "PRELIM"
    (end,) = closed(world)
    assert (end.rejected, end.members, end.yes, end.no, end.abstain) == (True, 5, 3, 2, 0)
    assert [(one.bidder, one.ground) for one in re.track(world).rejected] == [("b2", "51-6")]
    ballots = re.track(world).review.votes["b2/51-6"].ballots
    assert {seat: one.choice for seat, one in ballots.items()} == {
        "M1": "yes", "M2": "yes", "M3": "yes", "M4": "no", "M5": "no",
    }  # fmt: skip
    assert all(one.reason in world.disclosed for one in ballots.values())


def test_two_of_five_do_not_reject_and_abstaining_agrees_to_nothing(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    for seat, choice in (("M1", "yes"), ("M2", "yes"), ("M3", "abstain"), ("M4", "abstain"), ("M5", "no")):
        re.vote(world, seat, "b2", "51-6", choice)  # type: ignore[arg-type]
    (end,) = closed(world)
    assert (end.rejected, end.yes, end.no, end.abstain) == (False, 2, 1, 2)
    assert re.track(world).rejected == ()


def test_a_bid_is_rejected_on_lawful_grounds_only_and_each_once(world: World) -> None:
    assert code(re.propose(world, "M1", "b2", "51-8")) == "UnknownGround"
    assert code(re.propose(world, "M1", "b2", "87-63-1")) == "UnknownGround"
    assert code(re.propose(world, "M1", "b9", "51-6")) == "UnknownBidder"
    assert isinstance(re.propose(world, "M1", "b2", "51-6"), Entry)
    assert code(re.propose(world, "M2", "b2", "51-6")) == "AlreadyProposed"
    assert isinstance(re.propose(world, "M2", "b2", "51-1"), Entry)


def test_too_low_a_price_is_explained_first(world: World) -> None:
    assert code(re.propose(world, "M1", "b5", "51-5-cost")) == "ExplanationFirst"
    assert isinstance(re.propose(world, "M1", "b5", "51-5-ceiling"), Entry)
    re.ask(world, "M1", "b5", "low_price")
    assert code(re.propose(world, "M1", "b5", "51-5-cost")) == "ExplanationFirst"
    re.answer(world, "agent", 1)
    re.close(world, "M1", 1, "answered")
    assert isinstance(re.propose(world, "M1", "b5", "51-5-cost"), Entry)


def test_a_member_votes_once_on_a_vote_that_is_open(world: World) -> None:
    assert code(re.vote(world, "M1", "b2", "51-6", "yes")) == "WrongPhase"
    re.propose(world, "M1", "b2", "51-6")
    assert code(re.vote(world, "M1", "b2", "51-1", "yes")) == "UnknownVote"
    assert isinstance(re.vote(world, "M1", "b2", "51-6", "yes"), Entry)
    assert code(re.vote(world, "M1", "b2", "51-6", "no")) == "AlreadyVoted"
    assert code(re.do(world, "M2", acts.CastVote("b2", "51-6", "no", b""))) == "Malformed"
    assert isinstance(re.do(world, "M2", acts.CastVote("b2", "51-6", "abstain", b"")), Entry)


def test_a_missing_vote_is_waited_for_while_it_could_change_the_result(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    end = acts.CloseVote("b2", "51-6")
    for seat in ("M1", "M2"):
        re.vote(world, seat, "b2", "51-6", "yes")
    re.vote(world, "M3", "b2", "51-6", "no")
    world.settle(re.track(world).review.votes["b2/51-6"].due_at + 1)
    assert code(re.do(world, "M1", end)) == "VotesMissing"
    re.vote(world, "M4", "b2", "51-6", "no")
    assert code(re.do(world, "M1", end)) == "VotesMissing"
    re.vote(world, "M5", "b2", "51-6", "yes")
    assert closed(world)[0].rejected


def test_an_overdue_vote_is_closed_without_a_member_who_could_change_nothing(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    for seat in ("M1", "M2", "M3"):
        re.vote(world, seat, "b2", "51-6", "yes")
    end = acts.CloseVote("b2", "51-6")
    assert code(re.do(world, "M1", end)) == "VotesMissing"
    world.settle(re.track(world).review.votes["b2/51-6"].due_at)
    assert re.track(world).phase == "REJECT_VOTE"
    assert isinstance(re.do(world, "M1", end), Entry)
    (told,) = closed(world)
    assert (told.rejected, told.members, told.yes, told.no, told.abstain) == (True, 5, 3, 0, 0)
    assert code(re.vote(world, "M4", "b2", "51-6", "no")) == "WrongPhase"


def test_a_rejected_bid_is_reviewed_no_further(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    re.all_vote(world, "b2", "51-6", yes=5)
    assert code(re.mark(world, "M1", "b2", form="pass")) == "BidRejected"
    assert code(re.ask(world, "M1", "b2")) == "BidRejected"
    assert code(re.propose(world, "M1", "b2", "51-1")) == "BidRejected"


def test_competition_is_voted_on_only_when_fewer_than_three_are_left(world: World) -> None:
    for bidder in ("b1", "b2"):
        re.propose(world, "M1", bidder, "51-6")
        re.all_vote(world, bidder, "51-6", yes=5)
    assert code(re.competition(world, "M1")) == "EnoughLeft"
    re.propose(world, "M1", "b3", "51-6")
    re.all_vote(world, "b3", "51-6", yes=3)
    re.pass_all(world)
    assert code(re.conclude(world)) == "GuardUnmet"
    assert isinstance(re.competition(world, "M2"), Entry)


def two_left(world: World) -> None:
    for bidder in ("b1", "b2", "b3"):
        re.propose(world, "M1", bidder, "51-6")
        re.all_vote(world, bidder, "51-6", yes=3)
    re.pass_all(world)
    re.competition(world, "M2")


def test_a_committee_that_still_sees_competition_goes_on_with_two(world: World) -> None:
    two_left(world)
    re.all_vote(world, "", "27", yes=2)
    assert re.track(world).phase == "PRELIM"
    assert isinstance(re.conclude(world), Entry)
    assert re.track(world).valid == ("b4", "b5")
    world.to_ranked_from_scoring()
    assert re.track(world).phase == "RANKED"


def test_a_committee_that_sees_none_rejects_all_and_the_stage_fails(world: World) -> None:
    two_left(world)
    re.all_vote(world, "", "27", yes=3)
    assert re.track(world).phase == "FAILED"
    assert re.track(world).path[-3:] == ("PRELIM", "REJECT_VOTE", "FAILED")


def test_nothing_goes_on_when_every_bid_is_rejected(world: World) -> None:
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.propose(world, "M1", bidder, "51-6")
        re.all_vote(world, bidder, "51-6", yes=5)
    assert code(re.conclude(world)) == "TooFewValid"


def test_a_bid_rejected_in_the_detailed_review_leaves_older_sheets_good(world: World) -> None:
    re.pass_all(world)
    re.conclude(world)
    for seat in ("M1", "M2"):
        world.seal(seat, *re.ONE)
    old = {seat: world.opening(seat, *re.ONE) for seat in ("M1", "M2")}
    assert isinstance(re.propose(world, "M3", "b2", "51-7"), Entry)
    world.seal("M3", *re.ONE)
    old["M3"] = world.opening("M3", *re.ONE)
    re.all_vote(world, "b2", "51-7", yes=4)
    assert re.track(world).phase == "DETAILED"
    assert re.track(world).valid == ("b1", "b3", "b4", "b5")
    fresh = world.opening
    world.opening = lambda seat, *at: old.get(seat) or fresh(seat, *at)  # type: ignore[method-assign]
    for seat in ("M4", "M5"):
        world.seal(seat, *re.ONE)
    world.must("agent", cmd.CloseScoring(), world.stage(*re.ONE))
    world.open_scores(*re.ONE)
    world.tally(*re.ONE)
    assert outcome_digest(world.at, world.disclosed) != bytes(32)
    turning.explain_all(world, *re.ONE)
    world.must("agent", cmd.ConfirmRanking(), world.stage(*re.ONE))
