"""Every scripted evaluation in memory: what comes out is what the script wants, whoever acts first."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from ops import command, result
from ops.people.newcomers import changes
from ops.scripts import catalogue, judged
from ops.scripts.scripted import HOUR_MS, Scripted, Wanted
from ops.trouble import Trouble
from protocol import commands_turns as turns
from protocol import entry, record
from protocol.plan.conduct import conduct_of
from protocol.projection import project
from protocol.session.outcome import outcome
from protocol.words import SESSION_STAGE
from tests.ops.scripts.hall import Hall
from tests.protocol import reviewing

MINUTE_MS = 60_000


def held(name: str, folder: Path, order: int = 0) -> Hall:
    hall = Hall(catalogue.find(name), folder / f"cases-{order}", order)
    hall.play()
    return hall


@pytest.mark.parametrize("script", catalogue.SCRIPTS, ids=lambda one: one.name)
def test_a_script_comes_out_as_it_must_and_replays_from_its_record(script: Scripted, tmp_path: Path) -> None:
    hall = held(script.name, tmp_path)
    read = record.read(record.write(hall.session, hall.entries, hall.held))
    state = record.replay(read)
    assert state == hall.at
    assert judged.differences(script, state, read.disclosed) == ()


@pytest.mark.parametrize("name", ["rejection-3-2"])
def test_who_acts_first_is_not_in_the_outcome(name: str, tmp_path: Path) -> None:
    one, other = held(name, tmp_path, 1), held(name, tmp_path, 2)
    assert one.entries != other.entries
    told, again = (json.loads(outcome(hall.at, hall.disclosed)) for hall in (one, other))
    # in which order each seat did its own acts is told, and is theirs
    assert told.pop("orders") != again.pop("orders")
    assert told == again


@pytest.mark.parametrize(
    ("name", "lasted_ms"),
    [("suspension-3h50", 3 * HOUR_MS + 50 * MINUTE_MS), ("suspension-4h10", 4 * HOUR_MS + 10 * MINUTE_MS)],
)
def test_in_memory_a_suspension_lasts_to_the_millisecond(name: str, lasted_ms: int, tmp_path: Path) -> None:
    hall = held(name, tmp_path)
    (found,) = hall.at.turns.suspended
    resumed = name == "suspension-3h50"
    assert found.resumed == resumed
    assert (found.suspended_ms == lasted_ms) if resumed else (found.suspended_ms > lasted_ms)
    assert conduct_of(hall.plan.conduct).suspension_during_ms == 4 * HOUR_MS


def test_over_the_stack_limits_and_suspensions_are_shortened_alike() -> None:
    script = catalogue.find("suspension-3h50")
    shorter = script.over_the_stack()
    assert shorter.course.suspension is not None
    assert shorter.course.suspension.lasts_ms * HOUR_MS == 230 * MINUTE_MS * script.hour_ms
    assert conduct_of(shorter.case.plan.conduct).suspension_during_ms == 4 * script.hour_ms
    assert catalogue.find("tie").over_the_stack() == catalogue.find("tie")


def test_nobody_opens_a_secret_vote_before_all_have_sealed_theirs(tmp_path: Path) -> None:
    """Of the chair as of a rejection; the chair is there before the review begins."""
    drawn, voted = held("drawn-committee", tmp_path), held("secret-votes", tmp_path)
    kinds = [entry.decode(raw).command.type for raw in drawn.entries]
    sealed = [place for place, kind in enumerate(kinds) if kind == "ElectChair"]
    assert len(sealed) == 5
    assert max(sealed) < kinds.index("OpenChairVote") < kinds.index("BeginPreliminary")
    kinds = [entry.decode(raw).command.type for raw in voted.entries]
    assert (kinds.count("CastSecretVote"), kinds.count("OpenVote"), kinds.count("CastVote")) == (5, 5, 0)
    last = max(place for place, kind in enumerate(kinds) if kind == "CastSecretVote")
    assert last < kinds.index("OpenVote")
    assert kinds.index("ElectChair") < kinds.index("BeginPreliminary")


def test_a_plan_that_has_the_chair_named_holds_no_ballot(tmp_path: Path) -> None:
    hall = held("chair-named", tmp_path)
    kinds = [entry.decode(raw).command.type for raw in hall.entries]
    assert "OpenChairBallot" not in kinds
    assert kinds.index("NameChair") < kinds.index("BeginPreliminary")
    assert (hall.at.drawn.chair, hall.at.drawn.chair_named) == ("M4", True)


def test_what_comes_out_otherwise_is_told_in_both_languages(tmp_path: Path) -> None:
    hall = held("normal-tender", tmp_path)
    wanted = Wanted(
        ranking={"": ("b3", "b1")}, facts={"stages.0.rejected": [["b5", "51-6"]], "nothing.here": 1},
        phase="FAILED",
    )  # fmt: skip
    found = judged.differences(replace(hall.scripted, wanted=wanted), hall.at, hall.disclosed)
    assert [one.zh.split(" ")[0] for one in found] == ["阶段", "排序", "stages.0.rejected", "nothing.here"]
    assert all("should be" in one.en for one in found)


def test_a_result_in_two_envelopes_ranks_by_the_last_and_names_who_got_no_further(tmp_path: Path) -> None:
    hall = held("two-envelopes", tmp_path)
    told = [(row.id, row.rank, row.status) for row in result.of(hall.at, hall.disclosed).rows]
    ranked = [(bidder, place, "ranked") for place, bidder in enumerate(("b1", "b4", "b3", "b2"), 1)]
    assert told == [*ranked, ("b5", 0, "below_pass")]


def test_names_are_one_for_each_and_say_what_they_show() -> None:
    names = [one.name for one in catalogue.SCRIPTS]
    assert len(set(names)) == len(names) >= 12
    assert all(one.zh and one.en and one.case.rules == "3" for one in catalogue.SCRIPTS)


def test_whoever_sits_in_is_not_played_and_everybody_waits_for_them(tmp_path: Path) -> None:
    hall = Hall(catalogue.find("normal-tender"), tmp_path / "cases")
    hall.humans = frozenset({"M5"})
    hall.go_on()
    assert (hall.at.phase, hall.waiting()) == ("CHECKIN", [("M5", "CheckIn")])
    hall.must("M5", hall.check_in_content())
    hall.go_on()
    assert hall.waiting() == [("M5", "MarkItem")]
    assert all("M5" not in row["form"] for row in hall.at.tracks["01/1"].review.marks.values())
    hall.humans = frozenset()
    hall.play()
    assert judged.differences(hall.scripted, hall.at, hall.disclosed) == ()


def test_what_a_person_asks_for_unforeseen_is_answered_by_those_who_are_played(tmp_path: Path) -> None:
    """M5 asks a bidder, proposes to reject another, wants more time; a supervisor suspends."""
    hall = Hall(catalogue.find("normal-tender"), tmp_path / "cases")
    hall.humans = frozenset({"M5", "supervisor-hefei"})
    hall.go_on()
    hall.must("M5", hall.check_in_content())
    hall.go_on()
    reviewing.ask(hall, "M5", "b2")
    reviewing.propose(hall, "M5", "b4", "51-6")
    hall.go_on()
    review = hall.at.tracks["01/1"].review
    assert [(one.answered, one.refused) for one in review.clarifications] == [(True, False)]
    (vote,) = review.votes.values()
    assert {seat: one.choice for seat, one in vote.ballots.items()} == dict.fromkeys(
        ("M1", "M2", "M3", "M4"), "no"
    )
    text = hall.hide("statement", "why", "会场断电")
    limit_ms = conduct_of(hall.plan.conduct).suspension_during_ms
    hall.must("supervisor-hefei", turns.Suspend("power", text.digest, limit_ms), SESSION_STAGE, (text,))
    hall.go_on()
    assert [one.resumed for one in hall.at.turns.suspended] == [True]
    hall.humans = frozenset()
    hall.play()
    assert judged.differences(hall.scripted, hall.at, hall.disclosed) == ()


def test_who_comes_in_is_to_be_played_and_who_left_is_not(tmp_path: Path) -> None:
    hall = held("late-recusal", tmp_path)
    shown = project.view(hall.at, hall.disclosed, "agent", "agent")
    played = frozenset({"M1", "M2", "M3", "M4", "M5", "tenderee"})
    new, gone = changes(shown, played, frozenset())
    assert ([one.seat for one in new], gone) == (["M6"], ("M3",))
    assert changes(shown, played - {"M3"}, frozenset({"M6"})) == ((), ())


def test_the_list_names_every_script_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    command.act(script="list")
    listed = capsys.readouterr().out
    assert all(one.name in listed and one.zh in listed and one.en in listed for one in catalogue.SCRIPTS)


def test_an_unknown_script_is_told_which_there_are_and_a_script_brings_its_own_case() -> None:
    with pytest.raises(Trouble) as unknown:
        command.act(script="nothing")
    assert (unknown.value.exit_code, "normal-tender" in unknown.value.en) == (2, True)
    with pytest.raises(Trouble) as twice:
        command.act(script="tie", case=Path("case.json"))
    assert twice.value.exit_code == 2
