"""Random members, random acts of the review in any order: no way to DETAILED but through the guards.

The guards are read here a second time, from SPEC 16.6 alone and out of the entries, without the
rooms that decide.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from protocol import commands_review as acts
from protocol import entry, record
from protocol import events_review as ev
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.decide import decide
from protocol.session.phases import RULES
from protocol.session.review import standing
from protocol.session.review.rows import ACTS
from protocol.words import StagePhase
from tests.protocol import reviewing as re
from tests.protocol.conftest import ROOT
from tests.protocol.session.review.conftest import to_committee
from tests.protocol.world import World

_case = msgspec.json.decode((ROOT / "ops" / "sample" / "case.json").read_bytes(), type=Case)
_seats = st.sampled_from(["M1", "M2", "M3", "M4", "M5"])
_bidders = st.sampled_from(["b1", "b2", "b3", "b4", "b5"])
_items = st.sampled_from(["form", "qualification", "responsiveness"])
_grounds = st.sampled_from(["51-1", "51-3", "51-6", "51-5-cost", "51-8"])
_choices = st.sampled_from(["yes", "yes", "no", "abstain"])
GROUND = {"form": "51-1", "qualification": "51-3", "responsiveness": "51-6"}


class Review(RuleBasedStateMachine):
    """One stage of a tender under five members' hands."""

    @initialize()
    def begin(self) -> None:
        self.world = to_committee(_case)
        re.begin(self.world)
        self.first = len(self.world.entries)

    def held(self, result: Entry | Refusal, before: Any) -> None:
        """What is refused changes nothing; what is accepted was legal in its phase."""
        if isinstance(result, Refusal):
            assert self.world.state == before
            return
        row = RULES["3"].acts[result.command.type]
        assert before.tracks["01/1"].phase in row.phases

    @rule(seat=_seats, bidder=_bidders, item=_items, verdict=st.sampled_from(["pass", "minor", "material"]))
    def mark(self, seat: str, bidder: str, item: str, verdict: Any) -> None:
        before = self.world.state
        self.held(re.mark(self.world, seat, bidder, **{item: verdict}), before)

    @rule(seat=_seats, bidder=_bidders, low=st.booleans())
    def ask(self, seat: str, bidder: str, low: bool) -> None:
        before = self.world.state
        self.held(re.ask(self.world, seat, bidder, "low_price" if low else "slip"), before)

    @rule(number=st.integers(0, 3), refused=st.booleans())
    def answer(self, number: int, refused: bool) -> None:
        before = self.world.state
        self.held(re.answer(self.world, "agent", number, refused=refused), before)

    @rule(seat=_seats, number=st.integers(1, 3), result=st.sampled_from(["answered", "refused", "overdue"]))
    def close(self, seat: str, number: int, result: str) -> None:
        before = self.world.state
        self.held(re.close(self.world, seat, number, result), before)

    @rule(seat=_seats, bidder=_bidders, ground=_grounds)
    def propose(self, seat: str, bidder: str, ground: str) -> None:
        before = self.world.state
        self.held(re.propose(self.world, seat, bidder, ground), before)

    @rule(seat=_seats)
    def competition(self, seat: str) -> None:
        before = self.world.state
        self.held(re.competition(self.world, seat), before)

    @precondition(lambda self: re.track(self.world).phase == "REJECT_VOTE")
    @rule(choice=_choices, others=_choices)
    def all_vote(self, choice: Any, others: Any) -> None:
        """The first two one way, the others another: on the first vote that is open."""
        vote = next(one for one in re.track(self.world).review.votes.values() if not one.closed)
        for place, seat in enumerate(self.world.members()):
            before = self.world.state
            chosen = choice if place < 2 else others
            self.held(re.vote(self.world, seat, vote.bidder, vote.ground, chosen), before)

    @rule(seat=_seats, bidder=_bidders, ground=_grounds)
    def close_vote(self, seat: str, bidder: str, ground: str) -> None:
        before = self.world.state
        self.held(re.do(self.world, seat, acts.CloseVote(bidder, ground)), before)

    @rule(hours=st.integers(0, 1))
    def wait(self, hours: int) -> None:
        self.world.settle(self.world.now + hours * 3_600_000)

    @precondition(lambda self: "DETAILED" not in re.track(self.world).path)
    @rule(
        author=st.sampled_from(["agent", "M2"]),
        left_out=st.sampled_from(["", "", "answers", "votes", "marks"]),
    )
    def conclude(self, author: str, left_out: str) -> None:
        """Everything is done that is to be done, or one kind of it is not; then the end is tried."""
        world = self.world
        if left_out != "answers":
            for one in standing.open_clarifications(re.track(world)):
                re.answer(world, "agent", one.number)
                re.close(world, "M1", one.number, "refused" if one.refused else "answered")
        if left_out != "votes":
            for vote in standing.open_votes(re.track(world)):
                for seat in world.members():
                    re.vote(world, seat, vote.bidder, vote.ground, "yes" if seat < "M4" else "no")
        if left_out != "marks" and re.track(world).phase in ("PRELIM", "CLARIFYING", "REJECT_VOTE"):
            re.pass_all(world)
        before = world.state
        result = re.conclude(world, author)
        self.held(result, before)
        if isinstance(result, Entry):
            self.it_was_lawful()

    def it_was_lawful(self) -> None:
        """SPEC 16.6, out of the entries."""
        marks: dict[tuple[str, str, str], str] = {}
        votes: dict[tuple[str, str], ev.VoteClosed] = {}
        for raw in self.world.entries[self.first :]:
            for event in entry.decode(raw).events:
                if isinstance(event, ev.ItemsMarked):
                    for one in event.marks:
                        marks[event.seat, event.bidder, one.item] = one.mark
                elif isinstance(event, ev.VoteClosed):
                    votes[event.bidder, event.ground] = event
        track = re.track(self.world)
        out = {bidder for (bidder, _), vote in votes.items() if bidder and vote.rejected}
        assert set(track.valid) == {"b1", "b2", "b3", "b4", "b5"} - out
        assert {one.bidder for one in track.rejected} == out
        for bidder in track.valid:
            for item, ground in GROUND.items():
                given = [marks[seat, bidder, item] for seat in self.world.members()]
                assert "material" not in given or (bidder, ground) in votes
        if len(track.valid) < 3:
            assert not votes["", "27"].rejected

    @invariant()
    def rejections_have_their_majority(self) -> None:
        for raw in self.world.entries[self.first :]:
            for event in entry.decode(raw).events:
                if isinstance(event, ev.VoteClosed):
                    assert event.members == 5
                    assert event.rejected == (event.yes >= 3)

    @invariant()
    def a_stage_stands_aside_only_while_something_is_open(self) -> None:
        track = re.track(self.world)
        votes = any(not one.closed for one in track.review.votes.values())
        asking = any(not one.result for one in track.review.clarifications)
        if track.phase in ("PRELIM", "DETAILED", "CLARIFYING", "REJECT_VOTE"):
            assert (track.phase == "REJECT_VOTE") == votes
            assert (track.phase == "CLARIFYING") == (asking and not votes)

    def teardown(self) -> None:
        """Whatever came of it replays, decided again entry for entry."""
        world = self.world
        read = record.read(record.write(world.session, world.entries, world.held))
        assert record.replay(read) == world.state


TestReview = Review.TestCase
TestReview.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)

_CONTENTS: dict[str, tuple[str, Any]] = {
    "PublishItems": ("agent", acts.PublishItems((), 60_000, 60_000, False)),
    "CheckBlindPart": ("agent", acts.CheckBlindPart("b1", "pass", b"")),
    "MarkItem": ("tenderee", acts.MarkItem("b1", (acts.Mark("form", "pass", b""),))),
    "AskClarification": ("M1", acts.AskClarification("b1", "slip", bytes(32))),
    "ProposeCorrection": ("M1", acts.ProposeCorrection("b1", bytes(32))),
    "AnswerClarification": ("agent", acts.AnswerClarification(1, bytes(32), False)),
    "CloseClarification": ("M1", acts.CloseClarification(1, "answered")),
    "ProposeRejection": ("M1", acts.ProposeRejection("b1", "51-6", bytes(32))),
    "VoteCompetition": ("M1", acts.VoteCompetition(bytes(32))),
    "CastVote": ("M1", acts.CastVote("b1", "51-6", "yes", bytes(32))),
    "CloseVote": ("M1", acts.CloseVote("b1", "51-6")),
    "ConcludePreliminary": ("agent", acts.ConcludePreliminary()),
}


@pytest.mark.parametrize("type_", _CONTENTS)
def test_an_act_is_taken_in_exactly_the_phases_of_its_row(world: World, type_: str) -> None:
    """In a phase of its row it meets its own rule, in every other one the table's refusal."""
    (row,) = [act for act in ACTS if act.type == type_]
    author, content = _CONTENTS[type_]
    track = re.track(world)
    for phase in msgspec.inspect.type_info(StagePhase).values:  # type: ignore[attr-defined]
        moved = replace(track, phase=phase, path=(*track.path, phase))
        state = replace(world.at, tracks={"01/1": moved})
        decided = decide(state, world.command(author, content, world.stage(*re.ONE)), world.now, bytes(32))
        wanted = ", ".join(row.phases)
        by_table = isinstance(decided, Refusal) and (decided.code, decided.detail.get("wanted")) == (
            "WrongPhase", wanted,
        )  # fmt: skip
        assert by_table == (phase not in row.phases)
