"""Votes that the plan has secret stay sealed until all are in, and count as any other once opened."""

import pytest

from protocol import commands_review as acts
from protocol import entry
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.plan.review import ReviewPlan
from protocol.projection.awaiting import awaited
from protocol.refusals import Refusal
from tests.protocol import reviewing as re
from tests.protocol.acting import with_plan
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World

SEATS = ("M1", "M2", "M3", "M4", "M5")


def code(answer: Entry | Refusal) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


@pytest.fixture
def secret(case: Case) -> World:
    """In its preliminary review, a vote on one bid just opened, votes secret."""
    world = to_committee(with_plan(case, review=ReviewPlan(ballot="secret", vote_ms=600_000)))
    re.begin(world)
    re.propose(world, "M1", "b2", "51-6")
    return world


def test_no_choice_is_in_the_record_before_everybody_has_voted(secret: World) -> None:
    assert code(re.vote(secret, "M1", "b2", "51-6", "yes")) == "BallotSecret"
    for seat in SEATS[:4]:
        assert code(re.seal_vote(secret, seat, "b2", "51-6", "yes")) == ""
        assert code(re.open_vote(secret, seat, "b2", "51-6", "yes")) == "VotesMissing"
    assert not any('"choice"' in raw.decode() for raw in secret.entries)
    assert re.track(secret).review.votes["b2/51-6"].ballots == {}
    assert code(re.seal_vote(secret, "M1", "b2", "51-6", "no")) == "AlreadyVoted"


def test_it_is_counted_when_all_are_opened_whatever_their_order(secret: World) -> None:
    for seat in SEATS:
        re.seal_vote(secret, seat, "b2", "51-6", "yes" if seat < "M4" else "no")
    for seat in reversed(SEATS):
        assert code(re.open_vote(secret, seat, "b2", "51-6", "yes" if seat < "M4" else "no")) == ""
    vote = re.track(secret).review.votes["b2/51-6"]
    assert (vote.closed, vote.rejected) == (True, True)
    assert [one.bidder for one in re.track(secret).rejected] == ["b2"]
    assert "CloseVote" in {entry.decode(raw).command.type for raw in secret.entries[-2:]}


def test_who_has_sealed_waits_for_the_others_and_then_opens(secret: World) -> None:
    def told() -> set[tuple[str, str]]:
        return {(one.who, one.act) for one in awaited(secret.at, {}) if one.act != "MarkItem"}

    assert told() == {(seat, "CastVote") for seat in SEATS}
    re.seal_vote(secret, "M1", "b2", "51-6", "yes")
    assert told() == {(seat, "CastSecretVote") for seat in SEATS[1:]}
    for seat in SEATS[1:]:
        re.seal_vote(secret, seat, "b2", "51-6", "yes")
    re.open_vote(secret, "M3", "b2", "51-6", "yes")
    assert told() == {(seat, "OpenVote") for seat in SEATS if seat != "M3"}


def test_nobody_opens_another_vote_than_the_one_sealed(secret: World) -> None:
    for seat in SEATS:
        re.seal_vote(secret, seat, "b2", "51-6", "yes")
    assert code(re.open_vote(secret, "M1", "b2", "51-6", "no")) == "VoteMismatch"


def test_one_who_does_not_vote_holds_the_others_up_only_until_the_vote_is_overdue(secret: World) -> None:
    for seat in SEATS[:4]:
        re.seal_vote(secret, seat, "b2", "51-6", "yes")
    assert code(re.open_vote(secret, "M1", "b2", "51-6", "yes")) == "VotesMissing"
    secret.settle(secret.now + 600_000)
    for seat in SEATS[:4]:
        assert code(re.open_vote(secret, seat, "b2", "51-6", "yes")) == ""
    assert code(re.open_vote(secret, "M5", "b2", "51-6", "yes")) == "VotesMissing"
    assert code(re.do(secret, "M1", acts.CloseVote("b2", "51-6"))) == ""
    assert re.track(secret).review.votes["b2/51-6"].rejected


def test_an_open_plan_takes_no_sealed_vote(world: World) -> None:
    re.propose(world, "M1", "b2", "51-6")
    assert code(re.seal_vote(world, "M1", "b2", "51-6", "yes")) == "PlanMismatch"
