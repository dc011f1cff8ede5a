"""What each role is shown of a review and its turns: who sees marks and votes, who the words behind them."""

import json
from collections.abc import Iterator

import msgspec
import pytest

from protocol import canonical, entry
from protocol import commands as cmd
from protocol import commands_review as acts
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.projection import project, visibility
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.words import PERSON_ROLES, SESSION_STAGE, Role
from tests.protocol import reviewing as re
from tests.protocol import shown
from tests.protocol.acting import Acting
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World

SEATS: dict[Role, str] = {
    "agent": "agent", "tenderee": "tenderee", "expert": "M1", "witness": "witness-hefei",
    "supervisor": "supervisor-hefei", "bidder": "b1", "keeper": "keeper-hefei",
}  # fmt: skip
REASON, QUESTION, REPLY = "理由金丝雀", "问题金丝雀", "答复金丝雀"
WORDS_READ_BY: dict[str, set[str]] = {
    REASON: {"agent", "expert", "supervisor"},
    QUESTION: {"agent", "expert", "supervisor"},
    REPLY: {"agent", "expert", "supervisor"},
}
REVIEW_SHOWN_TO = {"agent", "expert", "witness", "supervisor"}


@pytest.fixture(scope="module")
def reviewed(case: Case) -> World:
    """Marks, a question with its answer, and a rejection by three to two, in a session to the archive."""
    world = Acting(case)
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    re.begin(world)
    stage = world.stage("01", "1")
    reason = world.hide("reason", "canary reason", REASON)
    marked = acts.MarkItem("b2", (acts.Mark("form", "material", reason.digest),))
    world.must("M4", marked, stage, (reason,))
    question = world.hide("question", "canary question", QUESTION)
    world.must("M2", acts.AskClarification("b2", "unclear", question.digest), stage, (question,))
    reply = world.hide("reply", "canary reply", REPLY)
    world.must("agent", acts.AnswerClarification(1, reply.digest, False), stage, (reply,))
    re.close(world, "M2", 1, "answered")
    re.propose(world, "M4", "b2", "51-1")
    re.all_vote(world, "b2", "51-1", yes=3)
    re.pass_all(world)
    re.conclude(world)
    world.to_ranked_from_scoring()
    world.to_submitted()
    world.must("agent", cmd.ArchiveSession())
    return world


def _states(world: World) -> Iterator[State]:
    state: State | None = None
    for raw in world.entries:
        state = apply(state, entry.decode(raw), raw)
        yield state


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_the_words_of_a_review_are_read_by_whom_the_table_names_and_nobody_else(
    reviewed: World, role: Role
) -> None:
    seen = set()
    for state in _states(reviewed):
        raw = canonical.encode(project.view(state, reviewed.disclosed, role, SEATS[role])).decode()
        seen |= {words for words in WORDS_READ_BY if words in raw}
    assert seen == {words for words, roles in WORDS_READ_BY.items() if role in roles}


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_marks_and_votes_are_shown_in_the_room_and_not_to_tenderee_or_bidder(
    reviewed: World, role: Role
) -> None:
    marks = votes = asked = 0
    for state in _states(reviewed):
        for stage in project.view(state, reviewed.disclosed, role, SEATS[role]).stages:
            if stage.review is not None:
                marks, votes = max(marks, len(stage.review.marks)), max(votes, len(stage.review.votes))
                asked = max(asked, len(stage.review.clarifications))
    shown = role in REVIEW_SHOWN_TO
    assert (marks > 0, votes, asked) == (shown, int(shown), int(shown))


def test_a_node_that_holds_only_what_it_may_shows_the_same_review(reviewed: World) -> None:
    for state in _states(reviewed):
        for role in PERSON_ROLES:
            given = visibility.releasable(state, reviewed.disclosed, frozenset({role}), "anhui")
            full = project.view(state, reviewed.disclosed, role, SEATS[role])
            held = project.view(state, given, role, SEATS[role])
            assert [one.review for one in held.stages] == [one.review for one in full.stages]
            assert (held.committee, held.signing) == (full.committee, full.signing)


def test_a_vote_stands_with_every_ballot_and_who_was_against(reviewed: World) -> None:
    review = project.view(reviewed.at, reviewed.disclosed, "expert", "M1").stages[0].review
    assert review is not None
    (vote,) = review.votes
    assert (vote.seat, vote.bidder, vote.ground, vote.closed, vote.rejected) == (
        "M4",
        "b2",
        "51-1",
        True,
        True,
    )
    against = [seat for seat, ballot in vote.ballots.items() if ballot.choice == "no"]
    assert against == ["M4", "M5"]
    assert all(vote.ballots[seat].reason for seat in against)
    assert review.left == ("b1", "b3", "b4", "b5")
    assert [item.zh for item in review.items] == ["形式评审", "资格评审", "响应性评审"]


def test_the_tenderee_is_shown_what_its_own_desk_reviews(case: Case) -> None:
    """Under GOV_PROC qualification is the desk's (87号令 44); conformity is the committee's alone."""
    plain = msgspec.to_builtins(case)
    plain["plan"]["regime"] = "GOV_PROC"
    world = to_committee(msgspec.convert(plain, Case))
    re.begin(world)
    re.mark(world, "tenderee", "b1", qualification="pass")
    re.mark(world, "M1", "b1", conformity="pass")
    desk = project.view(world.at, world.disclosed, "tenderee", "tenderee").stages[0].review
    assert desk is not None
    assert [item.item for item in desk.items] == ["qualification"]
    assert list(desk.marks["b1"]) == ["qualification"]
    member = project.view(world.at, world.disclosed, "expert", "M1").stages[0].review
    assert member is not None
    assert set(member.marks["b1"]) == {"qualification", "conformity"}


def test_a_suspension_tells_both_clocks_and_whom_it_waits_for(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.suspend()
    for role in ("agent", "tenderee", "expert", "witness", "supervisor", "keeper"):
        told = project.view(world.at, world.disclosed, role, SEATS[role]).suspension
        assert told is not None, role
        assert (told.phase, told.reason, told.limit_ms) == ("COMMITTEE_READY", "line", 4 * 3_600_000)
        assert told.at > 0
        assert told.author_at > 0
        assert told.waiting == ("M1", "M2", "M3", "M4", "M5")
        assert (told.statement is None) == (role in ("expert", "keeper"))
    assert project.view(world.at, world.disclosed, "bidder", "b1").suspension is None
    world.reconfirm_all()
    told = project.view(world.at, world.disclosed, "expert", "M1").suspension
    assert told is not None
    assert told.waiting == ()


def test_a_dissent_is_read_by_the_room_and_a_silent_member_is_named(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_ranked_from_scoring()
    report = world.to_signing()
    world.dissent("M4")
    world.must("M5", turns.RefuseToSign(report))
    content, held = world.deeming("M5")
    world.must("agent", content, SESSION_STAGE, held)
    for role in ("agent", "expert", "tenderee", "supervisor"):
        told = project.view(world.at, world.disclosed, role, SEATS[role]).signing
        assert told is not None
        assert (told.refused, told.deemed) == (("M5",), ("M5",))
        assert "不同意见" in (told.dissents["M4"] or "")
    watched = project.view(world.at, world.disclosed, "witness", SEATS["witness"]).signing
    assert watched is not None
    assert watched.dissents == {"M4": None}


def test_the_pages_own_tests_read_what_is_folded_now(case: Case) -> None:
    held, now = json.loads(shown.FILE.read_text(encoding="utf-8")), shown.views(case)
    assert set(held) == set(now)
    for moment, view in now.items():
        anew = "write it anew: python -m tests.protocol.shown"
        for part in ("phase", "committee", "suspension", "signing", "bidders"):
            assert held[moment][part] == view[part], (moment, part, anew)
        for before, stage in zip(held[moment]["stages"], view["stages"], strict=True):
            assert (before["review"], before["turns"]) == (stage["review"], stage["turns"]), (moment, anew)


def test_older_rules_show_none_of_it(case: Case) -> None:
    world = World(case)
    world.to_ranked()
    for state in _states(world):
        for role in PERSON_ROLES:
            shown = project.view(state, world.disclosed, role, SEATS[role])
            assert (shown.committee, shown.suspension, shown.signing, shown.bidders) == (None, None, None, ())
            assert all((stage.review, stage.turns) == (None, None) for stage in shown.stages)
