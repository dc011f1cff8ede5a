"""More time is given once more than a third of the members ask for it (条例 48)."""

from protocol import commands_turns as turns
from protocol.session.deadlines import due
from protocol.words import Stage
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting

STAGE = Stage("01", "1", 1)


def test_time_is_added_only_when_over_a_third_of_the_members_ask(scoring: Acting) -> None:
    longer = turns.ExtendTime(30 * MINUTE_MS)
    assert scoring.code("agent", longer, STAGE) == "GuardUnmet"
    scoring.must("M2", turns.AskMoreTime(), STAGE)
    assert scoring.code("M2", turns.AskMoreTime(), STAGE) == "AlreadyDone"
    assert scoring.code("tenderee", longer, STAGE) == "GuardUnmet"
    scoring.must("M3", turns.AskMoreTime(), STAGE)
    assert scoring.code("M4", longer, STAGE) == "NotAllowed"
    assert scoring.code("tenderee", longer, STAGE) == ""
    here = scoring.at.tracks["01/1"].turns
    assert (here.added_ms, here.asked_time) == (30 * MINUTE_MS, ())
    assert scoring.code("agent", longer, STAGE) == "GuardUnmet"


def _overrun(world: Acting) -> list[str]:
    return list(world.at.tracks["01/1"].overrun)


def test_an_overrun_that_was_raised_ends_and_comes_again_after_the_added_time(scoring: Acting) -> None:
    entered_at = scoring.at.tracks["01/1"].entered_at
    over_at = entered_at + scoring.plan.scoring_ms
    scoring.settle(over_at)
    assert _overrun(scoring) == ["M1", "M2", "M3", "M4", "M5"]
    for seat in ("M1", "M2"):
        scoring.must(seat, turns.AskMoreTime(), STAGE)
    scoring.must("agent", turns.ExtendTime(HOUR_MS), STAGE)
    assert _overrun(scoring) == []
    assert due(scoring.at, over_at + HOUR_MS - 1) == ((), over_at + HOUR_MS)
    scoring.settle(over_at + HOUR_MS)
    assert _overrun(scoring) == ["M1", "M2", "M3", "M4", "M5"]


def test_what_a_session_stood_still_is_no_scoring_time(scoring: Acting) -> None:
    over_at = scoring.at.tracks["01/1"].entered_at + scoring.plan.scoring_ms
    scoring.suspend()
    began = scoring.at.at
    assert due(scoring.at, over_at + 24 * HOUR_MS) == ((), None)
    scoring.reconfirm_all()
    scoring.wait(2 * HOUR_MS)
    scoring.must("agent", turns.Resume())
    stood_ms = scoring.at.at - began
    assert due(scoring.at, over_at)[1] == over_at + stood_ms
