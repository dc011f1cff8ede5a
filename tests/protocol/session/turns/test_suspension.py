"""A suspension seals everything, keeps both clocks and the head, and ends within its limit or not at all."""

import pytest

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.entry import Entry
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.session.phases import RULES
from protocol.session.state import head
from protocol.words import SESSION_STAGE, Stage
from tests.protocol import reviewing as re
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting, with_plan

STAGE = Stage("01", "1", 1)
LIMIT_MS = 4 * HOUR_MS


def _ends_after(world: Acting, span_ms: int, by: str = "agent") -> str:
    """Resume by somebody exactly so long after the suspension began."""
    assert world.at.turns.suspension is not None
    world.now = world.at.turns.suspension.at + span_ms - 1000
    return world.code(by, turns.Resume())


def test_the_entry_keeps_both_clocks_the_phase_and_the_head(scoring: Acting) -> None:
    before = head(scoring.at)
    entry = scoring.suspend()
    found = scoring.at.turns.suspension
    assert found is not None
    assert (found.at, found.author_at) == (entry.at, entry.command.author_at)
    assert (found.phase, found.size, found.root) == ("COMMITTEE_READY", before.size, before.root)


def test_of_a_stage_nothing_is_taken_while_the_session_stands_still(scoring: Acting) -> None:
    scoring.suspend()
    content = cmd.SealSheet(bytes(32))
    assert scoring.code("M1", content, STAGE) == "SessionSealed"
    assert scoring.code("agent", cmd.CloseScoring(), STAGE) == "SessionSealed"
    assert scoring.code("M1", turns.AskMoreTime(), STAGE) == "SessionSealed"


def test_the_table_admits_few_acts_while_the_session_stands_still() -> None:
    admitted = {
        act.type
        for act in RULES["3"].acts.values()
        if act.available and act.scope != "stage" and "SUSPENDED" in act.phases
    }
    assert admitted == {
        "ReconfirmSeat", "Resume", "VoidCommittee", "FailSession", "NoteObservation", "BindSeat",
        "NoteRefusal", "ReachMilestone",
    }  # fmt: skip


def test_witnesses_note_what_they_see_meanwhile(scoring: Acting) -> None:
    scoring.suspend()
    scoring.note("witness-nanjing", "line_cut", subject="nanjing")


def test_it_resumes_at_the_limit_and_not_a_millisecond_later(scoring: Acting) -> None:
    scoring.suspend()
    scoring.reconfirm_all()
    assert _ends_after(scoring, LIMIT_MS + 1) == "SuspendedTooLong"
    scoring.now -= 10_000_000
    assert scoring.at.phase == "SUSPENDED"


@pytest.mark.parametrize(("span_ms", "code"), [(LIMIT_MS, ""), (LIMIT_MS + 1, "SuspendedTooLong")])
def test_the_limit_itself_is_within(scoring: Acting, span_ms: int, code: str) -> None:
    scoring.suspend()
    scoring.reconfirm_all()
    assert _ends_after(scoring, span_ms) == code


def test_the_limits_are_the_plans(case: Case) -> None:
    world = Acting(with_plan(case, conduct=Conduct(suspension_during_ms=HOUR_MS)))
    world.to_scoring()
    text = world.statement()
    usual = turns.Suspend("power", text.digest, LIMIT_MS)
    assert world.code("agent", usual, SESSION_STAGE, (text,)) == "PlanMismatch"
    world.suspend()
    world.reconfirm_all()
    assert _ends_after(world, HOUR_MS + 1) == "SuspendedTooLong"


def test_before_the_start_the_tenderee_decides_after_two_hours(case: Case) -> None:
    world = Acting(case)
    world.to_check_in()
    world.bind("M1")
    world.must("M1", world.check_in_content())
    world.suspend(by="supervisor-nanjing")
    world.reconfirm_all()
    late = 2 * HOUR_MS + MINUTE_MS
    assert _ends_after(world, late) == "SuspendedTooLong"
    assert _ends_after(world, late + 2000, by="tenderee") == ""
    assert world.at.phase == "CHECKIN"


def test_every_seat_is_looked_at_again_by_its_own_venue(scoring: Acting) -> None:
    scoring.suspend()
    assert scoring.code("agent", turns.Resume()) == "GuardUnmet"
    assert scoring.code("witness-hefei", turns.ReconfirmSeat("M3", "face")) == "WrongVenue"
    assert scoring.code("M3", turns.ReconfirmSeat("M3", "face")) == "NotAllowed"
    assert scoring.code("witness-hefei", turns.ReconfirmSeat("tenderee", "face")) == "UnknownSeat"
    scoring.reconfirm_all()
    assert scoring.code("witness-nanjing", turns.ReconfirmSeat("M3", "face")) == "AlreadyDone"
    assert scoring.code("agent", turns.Resume()) == ""


def test_who_binds_another_key_is_looked_at_once_more(scoring: Acting) -> None:
    scoring.suspend()
    scoring.reconfirm_all()
    scoring.bind("M3", "M3 spare machine")
    assert scoring.code("agent", turns.Resume()) == "GuardUnmet"
    scoring.must("witness-nanjing", turns.ReconfirmSeat("M3", "face"))
    assert scoring.code("agent", turns.Resume()) == ""


def test_a_second_suspension_asks_for_everybody_again(scoring: Acting) -> None:
    for _ in range(2):
        scoring.suspend()
        assert scoring.code("agent", turns.Resume()) == "GuardUnmet"
        scoring.reconfirm_all()
        assert scoring.code("agent", turns.Resume()) == ""
    assert len(scoring.at.turns.suspended) == 2


def test_a_milestone_that_is_pending_is_still_reached(scoring: Acting) -> None:
    for seat in scoring.members():
        scoring.seal(seat, "01", "1")
    closing = scoring.command("agent", cmd.CloseScoring(), STAGE)
    assert not isinstance(scoring.take(closing, "agent"), str)
    scoring.suspend()
    assert all(one.size for one in scoring.at.milestones.values())


def test_a_question_and_a_vote_are_due_so_much_later_as_everything_stood_still(scoring: Acting) -> None:
    re.ask(scoring, "M1", "b1")
    re.propose(scoring, "M1", "b2", "51-6")
    before = scoring.at.tracks["01/1"].review
    scoring.suspend()
    scoring.wait(HOUR_MS)
    scoring.reconfirm_all()
    assert scoring.code("agent", turns.Resume()) == ""
    stood_ms = scoring.at.turns.suspended[-1].suspended_ms
    assert stood_ms >= HOUR_MS
    after = scoring.at.tracks["01/1"].review
    assert after.clarifications[0].due_at == before.clarifications[0].due_at + stood_ms
    assert after.votes["b2/51-6"].due_at == before.votes["b2/51-6"].due_at + stood_ms
    assert scoring.at.at > before.clarifications[0].due_at
    assert not scoring.at.tracks["01/1"].review.clarifications[0].result
    assert isinstance(re.answer(scoring, "agent", 1), Entry)
