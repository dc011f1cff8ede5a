"""No sequence of acts gets past a guard: random hands at a whole evaluation, judged from the events alone.

The judge is written apart from the rules: it reads the events of accepted entries and knows only the law.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import entry, record
from protocol.plan.case import Case
from protocol.session.outcome import outcome
from protocol.words import SESSION_STAGE, Stage
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting
from tests.protocol.session.turns.conftest import copied

MEANWHILE = {
    "ReconfirmSeat", "Resume", "VoidCommittee", "FailSession", "NoteObservation", "BindSeat", "NoteRefusal",
    "ReachMilestone",
}  # fmt: skip
LIMIT_MS = {"CHECKIN": 2 * HOUR_MS}
LETTERS = "NPQRSTUVW"


class Judge:
    """What must hold of the events, in order; `void` are seats of committees that are void."""

    def __init__(self) -> None:
        self.phase = ""
        self.roster: tuple[str, ...] = ()
        self.void: set[str] = set()
        self.stages: dict[tuple[str, str], str] = {}
        self.answered: set[str] = set()
        self.suspended: tuple[str, int] | None = None
        self.seen_again: set[str] = set()

    def hear(self, raw: bytes) -> None:
        one = entry.decode(raw)
        if self.phase == "SUSPENDED":
            assert one.command.type in MEANWHILE, one.command.type
        for event in one.events:
            self._event(type(event).__name__, event, one.at, one.command.type)

    def _event(self, name: str, event: Any, at: int, by: str) -> None:
        if hasattr(event, "seat") and name not in ("SeatBound", "SessionBooked"):
            assert event.seat not in self.void, (name, event.seat)
        match name:
            case "RosterLocked":
                self.roster = event.members
            case "CommitteeVoided":
                self.void |= set(event.members)
                self.roster, self.answered = (), set()
            case "StageEntered":
                self._stage(event)
            case "SheetSealed":
                assert event.seat in self.roster
            case "ReportImported":
                self.answered = set()
            case "ReportSigned" | "DissentRecorded" | "AgreementDeemed":
                self.answered.add(event.seat)
            case "SessionSuspended":
                self.suspended, self.seen_again = (self.phase, at), set()
            case "SeatReconfirmed":
                self.seen_again.add(event.seat)
            case "SessionResumed":
                self._resumed(event, at)
            case "ItemCorrected":
                assert self.stages[event.lot, event.envelope] == "RECHECK"
            case "PhaseEntered":
                self._phase(event.phase)

    def _stage(self, event: Any) -> None:
        if event.phase in ("DETAILED", "SCORES_SEALED", "SUMMARY", "RANKED"):
            assert self.phase == "COMMITTEE_READY"
            assert self.roster
        self.stages[event.lot, event.envelope] = event.phase

    def _resumed(self, event: Any, at: int) -> None:
        assert self.suspended is not None
        phase, since = self.suspended
        limit_ms = LIMIT_MS.get(phase, 4 * HOUR_MS)
        assert at - since <= limit_ms or (phase == "CHECKIN" and event.seat == "tenderee")
        assert set(self.roster) <= self.seen_again

    def _phase(self, phase: str) -> None:
        if phase == "REPORT_DRAFT" and self.phase == "COMMITTEE_READY":
            assert set(self.stages.values()) <= {"RANKED", "FAILED"}
        if phase == "SUBMITTED":
            assert set(self.roster) <= self.answered
            assert self.phase == "SIGNING"
        self.phase = phase


# --- hands --------------------------------------------------------------------------------------------------


def _straight(world: Acting) -> None:
    """The next act of an undisturbed evaluation, whatever is next."""
    match world.at.phase:
        case "CHECKIN":
            _check_in(world)
        case "COMMITTEE_READY":
            _review(world)
        case "SIGNING":
            _sign(world)
        case "SUSPENDED":
            world.reconfirm_all()
            world.code("agent", turns.Resume())
        case "COMMITTEE_VOID":
            world.rebuild(LETTERS[len(world.at.turns.void) - 1])
            world.must("agent", cmd.OpenCheckIn())


def _check_in(world: Acting) -> None:
    waiting = [seat for seat in world.members() if not world.at.seats[seat].checked_in]
    if not waiting:
        world.must("agent", cmd.LockRoster())
        return
    world.bind(waiting[0])
    world.must(waiting[0], world.check_in_content())


def _review(world: Acting) -> None:
    here = world.at.tracks["01/1"]
    stage = world.stage("01", "1")
    match here.phase:
        case "OPENED":
            world.preliminary("01", "1")
        case "DETAILED":
            waiting = [seat for seat in world.members() if seat not in here.sheets]
            if waiting:
                world.seal(waiting[0], "01", "1")
            else:
                world.must("agent", cmd.CloseScoring(), stage)
        case "SCORES_SEALED":
            world.open_scores("01", "1")
        case "SUMMARY" if not here.tally:
            world.tally("01", "1")
        case "SUMMARY":
            turning.explain_all(world, "01", "1")
            world.confirm("01", "1")
        case "RECHECK":
            world.must("agent", turns.EndRecheck(), stage)
        case "RANKED":
            world.to_signing()


def _sign(world: Acting) -> None:
    waiting = [seat for seat in world.members() if not world.at.seats[seat].signed]
    if waiting:
        world.must(waiting[0], cmd.SignReport(world.at.report))
    else:
        world.must("agent", cmd.SubmitReport())


def _suspend(world: Acting, seat: str) -> None:
    """Stop, and knock at once at what is sealed."""
    if world.at.phase not in ("CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING"):
        return
    world.suspend()
    stage = world.stage("01", "1")
    for content in (
        turns.AskMoreTime(),
        cmd.SealSheet(bytes(32)),
        turns.BeginRecheck("abnormal"),
        turns.EndRecheck(),
    ):
        world.code(seat, content, stage)


def _void(world: Acting, seat: str) -> None:
    text = world.statement()
    if len(world.at.turns.void) < len(LETTERS) - 1:
        world.code("tenderee", turns.VoidCommittee("other", text.digest), SESSION_STAGE, (text,))


def _deem(world: Acting, seat: str) -> None:
    content, held = world.deeming(seat)
    world.code("agent", content, SESSION_STAGE, held)


def _dissent(world: Acting, seat: str) -> None:
    if world.at.phase == "SIGNING" and seat in world.at.roster and seat not in world.at.turns.dissents:
        world.dissent(seat)


def _correct(world: Acting, seat: str) -> None:
    world.code("agent", turns.BeginRecheck("abnormal"), world.stage("01", "1"))
    for by in world.members()[:3]:
        world.code(by, turns.FindAbnormal(seat, "b1", "A1"), world.stage("01", "1"))
    content, held = world.correction(seat, "abnormal", {"b1": {"A1": 600}})
    world.code(seat, content, world.stage("01", "1"), held)


def _session(content: cmd.Content, by: str = "agent") -> Callable[[Acting, str], None]:
    return lambda world, _: _ignore(world.code(by, content))


def _of_stage(content: cmd.Content, by: str = "") -> Callable[[Acting, str], None]:
    return lambda world, seat: _ignore(world.code(by or seat, content, world.stage("01", "1")))


def _ignore(code: str) -> None:
    """Refused or done: the judge hears of it."""


def _stale(world: Acting, seat: str) -> None:
    """A sheet of the round before, sealed by whoever sat there."""
    content = cmd.SealSheet(bytes(32))
    world.code("M1", content, Stage("01", "1", max(1, world.at.tracks["01/1"].round - 1)))


HANDS: tuple[Callable[[Acting, str], None], ...] = (
    _suspend,
    _void,
    _deem,
    _dissent,
    _correct,
    _stale,
    lambda world, _: world.wait(70 * MINUTE_MS),
    lambda world, _: world.wait(5 * HOUR_MS),
    lambda world, seat: _ignore(world.code(seat, turns.RefuseToSign(world.at.report or bytes(32)))),
    _session(turns.Resume()),
    _session(turns.Resume(), "tenderee"),
    _session(cmd.BeginReport()),
    _session(cmd.SubmitReport()),
    _session(cmd.LockRoster()),
    _of_stage(cmd.CloseScoring(), "agent"),
    _of_stage(cmd.ConfirmRanking(), "agent"),
    _of_stage(turns.ConfirmPassing(("b1",)), "agent"),
    _of_stage(turns.EndRecheck()),
    _of_stage(turns.AskMoreTime()),
    _of_stage(turns.ExtendTime(HOUR_MS), "tenderee"),
)


@pytest.fixture(scope="module", params=["door", "tally"])
def start(request: pytest.FixtureRequest, case: Case) -> Acting:
    """Before the door of the venues, or before the ranking."""
    world = Acting(case)
    world.to_check_in()
    if request.param == "tally":
        world.check_in_all()
        world.to_scoring_from_check_in()
        world.to_tally("01", "1")
    return world


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_no_sequence_of_acts_gets_past_a_guard(start: Acting, data: st.DataObject) -> None:
    world = copied(start)
    judge = Judge()
    heard = 0
    for _ in range(data.draw(st.integers(15, 60))):
        hand = data.draw(st.integers(0, 5 * len(HANDS) // 2))
        members = world.members() or ["M1"]
        seat = data.draw(st.sampled_from(members))
        if hand < len(HANDS):
            HANDS[hand](world, seat)
        else:
            _straight(world)
        for raw in world.entries[heard:]:
            judge.hear(raw)
        heard = len(world.entries)
    _holds(world)


def _holds(world: Acting) -> None:
    """The record replays, and nobody of a void committee is told among the sheets that count."""
    read = record.read(record.write(world.session, world.entries, world.held))
    state = record.replay(read)
    assert state == world.at
    assert outcome(state, read.disclosed) == outcome(world.at, world.disclosed)
    void = {seat for one in state.turns.void for seat in one.seats}
    for track in state.tracks.values():
        assert not void & set(track.sheets)
        assert not void & {one.seat for one in track.turns.corrections}
    assert not void & set(state.roster)
