"""Supervisors intervene by rule, whoever is addressed answers, and only the end waits (SPEC 34)."""

import pytest

from protocol import commands as cmd
from protocol import limits
from protocol.commands_oversight import NoteAnswerOverdue
from protocol.commands_turns import Resume
from protocol.entry import Entry
from protocol.events_oversight import Intervened
from protocol.plan.case import Case
from protocol.session.installation import own
from protocol.session.outcome import outcome
from protocol.session.oversight.guards import interventions_answered
from protocol.session.phases import RULES
from protocol.words import SESSION_STAGE
from tests.protocol.acting import Acting
from tests.protocol.overseeing import (
    GUEST,
    HOST,
    MINUTE_MS,
    answer,
    asking,
    intervene,
    refused,
    unanswerable,
)


def watched(case: Case, rules: str = "4") -> Acting:
    """A session whose committee is known and whose supervisors have signed in."""
    world = Acting(case, rules=rules)
    world.book()
    world.import_committee()
    world.bind_watchers()
    return world


@pytest.fixture
def world(case: Case) -> Acting:
    return watched(case)


def expert_at(world: Acting, venue: str) -> str:
    return next(seat for seat in world.members() if world.at.seats[seat].venue == venue)


def test_a_question_is_a_numbered_entry_with_its_time_and_without_its_words(world: Acting) -> None:
    raw = intervene(world)
    (event,) = raw.events
    assert isinstance(event, Intervened)
    assert (event.number, event.seat, event.venue) == (1, HOST, "hefei")
    assert event.due_at == raw.at + 10 * MINUTE_MS
    assert "请说明" not in world.entries[-1].decode()
    intervene(world, GUEST)
    assert [one.number for one in world.at.oversight.interventions] == [1, 2]


def test_words_have_to_come_along_and_to_be_neither_empty_nor_too_long(world: Acting) -> None:
    content, _ = asking(world)
    assert world.code(HOST, content) == "DisclosureMissing"
    assert refused(world, words="") == "TextLength"
    assert refused(world, words="字" * (limits.STATEMENT_CHARS_MAX + 1)) == "TextLength"
    intervene(world)
    assert unanswerable(world, "agent", 1, words="") == "TextLength"


@pytest.mark.parametrize("author", ["agent", "witness-hefei", "tenderee"])
def test_nobody_but_a_supervisor_intervenes(world: Acting, author: str) -> None:
    assert refused(world, author) == "NotAllowed"


def test_a_one_time_code_does_not_suffice_to_intervene(case: Case) -> None:
    world = Acting(case, rules="4")
    world.book()
    world.import_committee()
    world.must(HOST, cmd.BindSeat(HOST, "code", world.attest(HOST, HOST)))
    assert refused(world) == "VoiceAwaited"


@pytest.mark.parametrize(
    ("scope", "subject"),
    [
        ("session", "hefei"), ("venue", "wuxi"), ("seat", "nobody"), ("seat", "agent"), ("seat", GUEST),
        ("role", "bidder"), ("role", "agent"), ("role", "supervisor"),
    ],
)  # fmt: skip
def test_a_subject_is_there_and_may_be_addressed(world: Acting, scope: str, subject: str) -> None:
    assert refused(world, scope=scope, subject=subject) == "UnknownSubject"


def test_the_project_s_place_addresses_all_and_another_province_the_session_and_its_own(
    world: Acting,
) -> None:
    here, there = expert_at(world, "hefei"), expert_at(world, "nanjing")
    everything = [
        ("session", ""), ("venue", "hefei"), ("venue", "nanjing"), ("seat", here), ("seat", there),
        ("role", "expert"),
    ]  # fmt: skip
    assert [refused(world, HOST, scope=scope, subject=one) for scope, one in everything] == [""] * 6
    assert [refused(world, GUEST, scope=scope, subject=one) for scope, one in everything] == [
        "", "NoStanding", "", "NoStanding", "", "NoStanding",
    ]  # fmt: skip


def test_a_reason_is_one_of_the_table(world: Acting) -> None:
    assert refused(world, reason="displeasure") == "InterventionUnfit"


def test_a_suspension_is_requested_of_the_session_alone(world: Acting) -> None:
    assert refused(world, kind="suspend_request", scope="venue", subject="hefei") == "InterventionUnfit"
    assert refused(world, kind="suspend_request") == ""


def test_one_seat_intervenes_so_many_times_and_others_still_may(
    world: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "INTERVENTIONS_PER_SEAT_MAX", 2)
    assert [refused(world) for _ in range(3)] == ["", "", "InterventionsFull"]
    assert refused(world, GUEST) == ""


def test_the_agent_answers_any_and_others_what_is_put_to_them_by_name(world: Acting) -> None:
    seat = expert_at(world, "nanjing")
    for scope, subject in (("session", ""), ("venue", "nanjing"), ("seat", "tenderee"), ("role", "witness")):
        intervene(world, scope=scope, subject=subject)
    assert unanswerable(world, "witness-nanjing", 1) == "NotAddressed"
    assert unanswerable(world, "witness-hefei", 2) == "NotAddressed"
    assert unanswerable(world, "witness-nanjing", 4) == "NotAddressed"
    assert unanswerable(world, "witness-nanjing", 2) == ""
    assert unanswerable(world, "tenderee", 3) == ""
    assert [unanswerable(world, "agent", number) for number in (1, 4)] == ["", ""]
    assert unanswerable(world, "agent", 5) == "UnknownIntervention"
    world.bind(seat)
    assert unanswerable(world, seat, 1) == "NotCheckedIn"


def test_an_answer_is_given_once(world: Acting) -> None:
    intervene(world)
    answer(world, "agent", 1, "corrected")
    assert unanswerable(world, "agent", 1) == "AlreadyDone"
    given = world.at.oversight.interventions[0].answer
    assert given is not None
    assert (given.seat, given.outcome, given.seq) == ("agent", "corrected", world.at.size - 1)


@pytest.mark.parametrize("kind", ["question", "warning"])
def test_suspended_answers_a_request_alone(world: Acting, kind: str) -> None:
    intervene(world, kind=kind)
    assert unanswerable(world, "agent", 1, "suspended") == "InterventionUnfit"


def test_a_request_is_granted_by_a_suspension_entered_after_it_or_declined(world: Acting) -> None:
    world.suspend()
    world.must("agent", Resume())
    intervene(world, kind="suspend_request", reason="technical")
    assert unanswerable(world, "agent", 1, "explained") == "InterventionUnfit"
    assert unanswerable(world, "agent", 1, "suspended") == "InterventionUnfit"
    world.suspend()
    assert refused(world, kind="suspend_request") == "WrongPhase"
    assert refused(world) == ""
    answer(world, "agent", 1, "suspended")
    world.must("agent", Resume())
    intervene(world, kind="suspend_request", reason="technical")
    answer(world, "agent", 3, "declined")


def test_an_answer_that_is_late_is_noted_once_and_still_taken(world: Acting) -> None:
    intervene(world)
    due_at = world.at.oversight.interventions[0].due_at
    world.now = due_at - 2 * MINUTE_MS
    early = own(world.at, SESSION_STAGE, NoteAnswerOverdue(1), "overdue 1", world.now)
    assert not isinstance(world.take(early, "installation"), Entry)
    world.settle(due_at)
    assert world.at.oversight.interventions[0].overdue
    size = world.at.size
    world.settle(due_at + MINUTE_MS)
    assert world.at.size == size
    assert unanswerable(world, "agent", 1) == ""


def test_nothing_is_overdue_while_the_session_is_suspended(world: Acting) -> None:
    intervene(world)
    world.suspend()
    world.settle(world.now + 11 * MINUTE_MS)
    assert not world.at.oversight.interventions[0].overdue
    world.must("agent", Resume())
    assert world.at.oversight.interventions[0].overdue


def test_the_end_waits_for_every_answer_and_nothing_else_does(world: Acting) -> None:
    assert interventions_answered(world.at, None) is None
    intervene(world)
    unmet = interventions_answered(world.at, None)
    assert unmet is not None
    assert unmet.code == "GuardUnmet"
    answer(world, "agent", 1)
    assert interventions_answered(world.at, None) is None
    waiting = {move.by for move in RULES["4"].moves if "interventions_answered" in move.guards}
    assert waiting == {"SubmitReport", "ArchiveSession"}


def test_the_outcome_is_the_same_with_interventions_and_without(world: Acting) -> None:
    before = outcome(world.at, world.disclosed)
    intervene(world)
    answer(world, "agent", 1)
    assert outcome(world.at, world.disclosed) == before


def test_under_version_3_nobody_intervenes(case: Case) -> None:
    assert refused(watched(case, "3")) == "NotYetAvailable"
