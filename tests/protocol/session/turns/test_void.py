"""A void committee's work is kept and never counts; a new one begins anew, and knows nothing of it."""

import pytest

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.content import SeatRef
from protocol.hidden import Disclosed
from protocol.plan.case import Case
from protocol.projection import visibility
from protocol.session.outcome import outcome_digest
from protocol.session.state import is_reached
from protocol.words import SESSION_STAGE
from tests.protocol import turning
from tests.protocol.acting import Acting, in_two_envelopes


def _again(world: Acting, letter: str = "N") -> None:
    """Void, a new committee, and as far as its empty sheets."""
    world.void("unlawful")
    world.rebuild(letter)
    world.must("agent", cmd.OpenCheckIn())
    world.check_in_all()
    world.to_scoring_from_check_in()


@pytest.fixture
def ranked(tallied: Acting) -> Acting:
    turning.explain_all(tallied, "01", "1")
    tallied.confirm("01", "1")
    return tallied


def test_the_stages_go_back_to_their_opened_bids_one_round_higher(ranked: Acting) -> None:
    before = ranked.at.tracks["01/1"]
    ranked.void("unlawful")
    after = ranked.at.tracks["01/1"]
    assert (after.phase, after.round, after.path) == ("OPENED", 2, ("AWAITED", "OPENED"))
    assert (after.bids, after.draws) == (before.bids, before.draws)
    assert (after.sheets, after.tally, after.valid) == ({}, b"", ())
    kept = ranked.at.turns.void[0].stages[0]
    assert (kept.tallies, kept.valid, kept.path) == ((before.tally,), before.valid, before.path)


def test_members_of_a_void_committee_speak_no_more(ranked: Acting) -> None:
    ranked.void("misconduct")
    for seat in ("M1", "M5"):
        assert ranked.code(seat, turns.RefuseToSign(bytes(32))) == "UnknownAuthor"
    assert ranked.code("agent", cmd.BeginReport()) == "WrongPhase"


def test_rows_of_a_void_committee_never_count(case: Case, ranked: Acting) -> None:
    """What the first committee scored makes no difference to the second one's result."""
    _again(ranked)
    ranked.to_tally("01", "1")
    other = Acting(case)
    other.to_scoring()
    for seat in other.members()[:2]:
        other.seal(seat, "01", "1")
    _again(other)
    other.to_tally("01", "1")
    for world in (ranked, other):
        tally = world.at.tracks["01/1"].tally
        assert set(world.at.tracks["01/1"].sheets) == {"N1", "N2", "N3", "N4", "N5"}
        assert tally not in world.at.turns.void[0].stages[0].tallies
    values = [w.disclosed[w.at.tracks["01/1"].tally].value for w in (ranked, other)]
    assert values[0] == values[1]


def test_milestones_are_reached_once_more_in_the_new_round(ranked: Acting) -> None:
    ranked.void("unlawful")
    for name in ("scores_closed", "scores_opened"):
        assert not is_reached(ranked.at, name, "01", "1")
    assert not is_reached(ranked.at, "roster_locked")
    ranked.rebuild()
    ranked.must("agent", cmd.OpenCheckIn())
    ranked.check_in_all()
    ranked.to_scoring_from_check_in()
    ranked.to_ranked_from_scoring()
    assert is_reached(ranked.at, "scores_opened", "01", "1")
    ids = [raw for raw in ranked.entries if b'"command_id":"due-' in raw]
    names = {raw.split(b'"command_id":"')[1].split(b'"')[0] for raw in ids}
    assert len(names) == len(ids)


def test_nobody_sits_twice_neither_by_seat_nor_in_person(ranked: Acting) -> None:
    ranked.void("unlawful")
    same, held = ranked.committee_content()
    content = turns.RebuildCommittee("test", same.digest, "test", same.venues, same.seats)
    assert ranked.code("agent", content, SESSION_STAGE, held) == "SeatUsed"
    content, held = ranked.rebuilding()
    old = next(one for one in ranked.held if one.field == "person" and "M3" in one.value)
    again = ranked.hide("person", "person again", "示例人员 M3")
    assert again.value == old.value
    seats = tuple(
        SeatRef(s.seat, s.role, s.venue, s.kind, s.reserve, again.digest) if s.seat == "N3" else s
        for s in content.seats
    )
    changed = turns.RebuildCommittee("test", content.digest, "test", content.venues, seats)
    assert ranked.code("agent", changed, SESSION_STAGE, (*held, again)) == "MemberAgain"
    assert ranked.code("agent", content, SESSION_STAGE, held) == ""


def test_the_others_keep_their_seats_and_keys(ranked: Acting) -> None:
    before = {seat: ranked.at.seats[seat].key for seat in ("agent", "tenderee", "witness-nanjing")}
    ranked.void("unlawful")
    ranked.rebuild()
    assert {seat: ranked.at.seats[seat].key for seat in before} == before
    assert not any(seat.startswith("M") for seat in ranked.at.seats)


def test_what_the_first_committee_was_shown_the_second_is_shown_in_its_own_time(ranked: Acting) -> None:
    """Names, prices and scores are closed to the new members until they have scored."""
    _again(ranked)
    for seat in ranked.members()[:4]:
        ranked.seal(seat, "01", "1")
    track = ranked.at.tracks["01/1"]
    for field in ("bidder_name", "price", "sheet", "tally"):
        assert not visibility.allowed(ranked.at, field, "expert", track)
    held = visibility.releasable(ranked.at, ranked.disclosed, frozenset({"expert"}), "jiangsu")
    assert {one.field for one in held.values()} <= {"plan", "reason", "objection"}
    assert isinstance(held, Disclosed)


def test_of_a_void_round_no_score_is_handed_on(ranked: Acting) -> None:
    _again(ranked)
    sheets = [one.commitment for one in _void_sheets(ranked)]
    named = {one.digest for one in visibility.digests(ranked.at)}
    assert not named & set(sheets)


def _void_sheets(world: Acting) -> list[cmd.SealSheet]:
    return [
        cmd.SealSheet(digest)
        for one in world.at.turns.void
        for stage in one.stages
        for digest in stage.sheets.values()
    ]


def test_a_second_void_committee_is_counted_and_kept_too(scoring: Acting) -> None:
    _again(scoring)
    _again(scoring, "P")
    assert [one.number for one in scoring.at.turns.void] == [1, 2]
    assert scoring.at.tracks["01/1"].round == 3
    scoring.to_ranked_from_scoring()
    scoring.to_submitted()
    scoring.must("agent", cmd.ArchiveSession())
    assert outcome_digest(scoring.at, scoring.disclosed)


def test_a_second_envelope_that_was_open_is_opened_anew_for_those_who_pass(case: Case) -> None:
    world = Acting(in_two_envelopes(case))
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    world.confirm("01", "1")
    world.open_next("01", "2")
    world.void("unlawful")
    first, second = world.at.tracks["01/1"], world.at.tracks["01/2"]
    assert (first.phase, first.round, first.turns.passing) == ("OPENED", 2, ())
    assert (second.phase, second.round, second.bids, second.path) == ("AWAITED", 2, (), ("AWAITED",))
    world.rebuild()
    world.must("agent", cmd.OpenCheckIn())
    world.check_in_all()
    world.to_scoring_from_check_in()
    world.to_ranked_from_scoring()
    assert world.at.tracks["01/2"].phase == "RANKED"


def test_a_failed_session_takes_no_more_acts_save_the_witnesses(ranked: Acting) -> None:
    text = ranked.statement("项目终止。")
    ranked.must("tenderee", turns.FailSession("ended", text.digest), SESSION_STAGE, (text,))
    assert ranked.code("agent", turns.BeginRecheck("abnormal"), ranked.stage("01", "1")) == "SessionSealed"
    assert ranked.code("agent", cmd.BeginReport()) == "WrongPhase"
    ranked.sign_witnessing("witness-hefei")


def test_a_stage_fails_on_a_reason_that_holds_and_takes_its_later_envelopes_along(case: Case) -> None:
    world = Acting(in_two_envelopes(case))
    world.to_scoring()
    stage = world.stage("01", "1")
    text = world.statement("采购任务取消。")
    for reason in ("too_few_bids", "all_rejected"):
        content = turns.FailStage(reason, text.digest)
        assert world.code("agent", content, stage, (text,)) == "GuardUnmet"
    assert world.code("tenderee", turns.FailStage("ended", text.digest), stage, (text,)) == ""
    assert [track.phase for track in world.at.tracks.values()] == ["FAILED", "FAILED"]
