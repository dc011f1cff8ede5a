"""In a review everybody is told the one thing that is theirs to do next, and nobody waits for nothing."""

import pytest

from protocol.plan.case import Case
from protocol.projection.awaiting import awaited
from protocol.words import PERSON_ROLES
from tests.protocol import reviewing as re
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World


def told(world: World) -> list[tuple[str, str]]:
    assert {one.role for one in awaited(world.at, {})} <= {*PERSON_ROLES, "installation"}
    return [(one.who, one.act) for one in awaited(world.at, {})]


@pytest.fixture
def opened(case: Case) -> World:
    return to_committee(case)


def test_the_agent_publishes_looks_through_and_begins(opened: World) -> None:
    assert told(opened) == [("agent", "PublishItems")]
    re.publish(opened)
    assert told(opened) == [("agent", "CheckBlindPart")]
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        re.check_blind(opened, bidder)
    assert told(opened) == [("agent", "BeginPreliminary")]


def test_members_mark_vote_and_the_agent_concludes(opened: World) -> None:
    re.begin(opened)
    everybody = [f"M{number}" for number in range(1, 6)]
    assert told(opened) == [(seat, "MarkItem") for seat in everybody]
    re.mark(opened, "M4", "b2", form="material")
    re.pass_all(opened)
    assert told(opened) == [("M4", "ProposeRejection")]
    re.ask(opened, "M2", "b2")
    assert told(opened) == [("agent", "AnswerClarification")]
    re.answer(opened, "agent", 1)
    assert told(opened) == [("M2", "CloseClarification")]
    re.close(opened, "M2", 1, "answered")
    re.propose(opened, "M4", "b2", "51-1")
    re.vote(opened, "M1", "b2", "51-1", "yes")
    assert told(opened) == [(seat, "CastVote") for seat in everybody[1:]]
    for seat in everybody[1:]:
        re.vote(opened, seat, "b2", "51-1", "no")
    assert told(opened) == [("agent", "ConcludePreliminary")]


def test_the_vote_on_competition_is_for_every_member(opened: World) -> None:
    re.begin(opened)
    for bidder in ("b1", "b2", "b3"):
        re.propose(opened, "M1", bidder, "51-6")
        re.all_vote(opened, bidder, "51-6", yes=5)
    re.pass_all(opened)
    assert {act for _, act in told(opened)} == {"VoteCompetition"}
    re.competition(opened, "M3")
    assert {act for _, act in told(opened)} == {"CastVote"}
