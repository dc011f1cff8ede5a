"""What a record gives cause to look at, and when it ends; folded from the entries alone."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol import entry, hidden, record
from protocol.plan.case import Case
from protocol.projection import alerts, project
from protocol.projection.alerts import Watched, watch
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.views import AlertKind, AlertView
from protocol.words import SESSION_STAGE
from tests.protocol.golden.make_3 import case as case_3
from tests.protocol.golden.whole_recognised import recognised
from tests.protocol.world import World


def watched(world: World) -> Watched:
    state: State | None = None
    found = Watched()
    for raw in world.entries:
        one = entry.decode(raw)
        found = watch(state, one, found)
        state = apply(state, one, raw)
    return found


def found(world: World, kind: AlertKind, seat: str = "supervisor-hangzhou") -> list[AlertView]:
    """The alerts of a kind, as a supervisor is shown them."""
    view = project.view(world.at, world.disclosed, "supervisor", seat, watched(world))
    return [one for one in view.alerts if one.kind == kind]


@pytest.fixture
def world(case: Case) -> World:
    return World(case)


def test_an_overrun_is_raised_for_each_seat_and_ends_when_it_seals(world: World) -> None:
    world.to_scoring()
    for seat in ("M1", "M2", "M3"):
        world.seal(seat, "01", "1")
    world.settle(world.now + world.plan.scoring_ms + 1)
    late = found(world, "ScoringOverrun")
    assert [one.seats for one in late] == [("M4",), ("M5",)]
    assert [one.venues for one in late] == [("nanjing",), ("hangzhou",)]
    assert {one.until for one in late} == {0}
    assert {one.seq for one in late} == {len(world.entries) - 1}
    assert {one.since for one in late} == {world.at.at}
    world.seal("M4", "01", "1")
    first, second = found(world, "ScoringOverrun")
    assert first.until == entry.decode(world.entries[-1]).at > first.since
    assert second.until == 0


def test_a_refused_act_that_was_noted_says_whose_what_and_why(world: World) -> None:
    world.to_check_in()
    world.bind("M5")
    note = cmd.NoteRefusal("M5", "SealSheet", "WrongPhase", bytes(32))
    command = replace(
        world.command("installation", note, SESSION_STAGE), author_seq=0, command_id="due-noted"
    )
    assert isinstance(world.take(command, "installation"), entry.Entry)
    (one,) = found(world, "ActRefused")
    assert (one.group, one.severity, one.seats, one.venues) == ("flow", "warning", ("M5",), ("hangzhou",))
    assert one.detail == {"act": "SealSheet", "code": "WrongPhase"}


def test_a_seat_is_rebound_only_when_it_had_a_key_before(world: World) -> None:
    world.to_check_in()
    world.bind("M5")
    assert found(world, "SeatRebound") == []
    world.bind("M5", "another machine")
    (one,) = found(world, "SeatRebound")
    assert (one.group, one.seats, one.venues) == ("movement", ("M5",), ("hangzhou",))
    assert one.seq == len(world.entries) - 1


def test_a_sheet_that_could_not_be_opened_is_an_alarm_until_it_can(world: World) -> None:
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, "01", "1")
    stage = world.stage("01", "1")
    world.must("agent", cmd.CloseScoring(), stage)
    commitment = hidden.commitment(world.opening("M5", "01", "1"))
    world.must("node hangzhou", cmd.TryOpening("M5", commitment, "fault", "key"), stage)
    (one,) = found(world, "OpeningFault")
    assert (one.severity, one.until, one.detail) == ("alarm", 0, {"cause": "key"})
    world.must("node hangzhou", cmd.TryOpening("M5", commitment, "ok", ""), stage)
    assert found(world, "OpeningFault")[0].until > one.since


def test_bids_that_are_rejected_and_too_few_that_are_left_are_told(case: Case) -> None:
    plain = msgspec.to_builtins(case)
    plain["rejections"] = [
        {"lot": "01", "bidder": bidder, "ground_zh": "示例"} for bidder in ("b1", "b2", "b4")
    ]
    world = World(msgspec.convert(plain, Case))
    world.to_scoring()
    (few,) = found(world, "BidsFew")
    assert (few.group, few.severity, few.detail) == ("opening", "alarm", {"left": "2", "min": "3"})
    (out,) = found(world, "BidsRejected")
    assert (out.detail, out.seq) == ({"bids": "甲, 乙, 丁", "count": "3"}, few.seq)


def test_deviation_and_mismatch_are_told_with_the_tally_and_not_before(case: Case) -> None:
    plain = msgspec.to_builtins(case)
    plain["sheets"]["01"]["M4"]["b3"]["B2"] = 600
    world = World(msgspec.convert(plain, Case))
    world.to_scoring()
    for seat in world.members():
        world.seal(seat, "01", "1")
    world.must("agent", cmd.CloseScoring(), world.stage("01", "1"))
    world.open_scores("01", "1")
    assert found(world, "Deviation") == []
    one = world.tally("01", "1")
    far = found(world, "Deviation")
    assert {(a.detail["seat"], a.detail["bid"], a.detail["percent"]) for a in far} >= {("M5", "甲", "-15.71")}
    assert {a.seq for a in far} == {one.seq}
    (differs,) = found(world, "ObjectiveMismatch")
    assert differs.detail == {"bid": "丙", "criterion": "B2"}
    assert "M4" in differs.seats


def test_nobody_but_those_who_watch_is_shown_alerts(world: World) -> None:
    world.to_check_in()
    world.bind("M5")
    world.bind("M5", "another machine")
    for role, seat in (("agent", "agent"), ("expert", "M1"), ("keeper", "M1"), ("tenderee", "tenderee")):
        assert project.view(world.at, world.disclosed, role, seat, watched(world)).alerts == ()  # type: ignore[arg-type]


def test_what_a_node_notices_by_itself_is_of_no_entry() -> None:
    silent, stopped = alerts.line_silent("hangzhou", 5), alerts.copy_stopped("TwoHistories", 7, 9)
    left = alerts.seat_left("M5", "hangzhou", 8)
    assert (left.seq, left.group, left.seats, left.venues) == (-1, "movement", ("M5",), ("hangzhou",))
    assert (silent.seq, silent.venues, silent.since) == (-1, ("hangzhou",), 5)
    assert (stopped.seq, stopped.severity, stopped.detail["entry"]) == (-1, "alarm", "7")
    assert {one.kind for one in (silent, stopped, left)} <= set(alerts.KINDS)


def test_what_a_witness_saw_is_told_until_it_was_dealt_with(case: Case) -> None:
    world = World(case, rules="2")
    world.to_check_in()
    world.bind("witness-hangzhou")
    world.note("witness-hangzhou", "room_ready", finding="normal")
    assert found(world, "Observation") == []
    seen = world.note("witness-hangzhou", "seat_left", subject="M5", finding="irregular")
    (one,) = found(world, "Observation")
    assert (one.group, one.seats, one.venues, one.until) == ("movement", ("M5",), ("hangzhou",), 0)
    assert (one.detail["zh"], one.detail["witness"]) == ("离席", "witness-hangzhou")
    dealt = world.note("witness-hangzhou", "seat_left", subject="M5", finding="handled", entry=seen.seq)
    assert found(world, "Observation")[0].until == dealt.at


def test_what_was_waived_shown_or_not_opened_is_told_of_a_whole_session_of_version_4() -> None:
    held = recognised(case_3())
    state: State | None = None
    told = Watched()
    for raw in record.read(record.write(held.session, held.entries, held.held)).entries:
        one = entry.decode(raw)
        told = watch(state, one, told)
        state = apply(state, one, raw)
    raised = {one.kind: one for one in told.alerts}
    face, failed = raised["FaceShown"], raised["BidFailed"]
    assert (face.group, face.detail, len(face.venues)) == ("movement", {"reason": "identity"}, 1)
    assert (failed.group, set(failed.detail)) == ("opening", {"reason"}), "whose bid it was is not told here"
    assert {"SessionFailed", "StageFailed"} & set(raised) == set()
