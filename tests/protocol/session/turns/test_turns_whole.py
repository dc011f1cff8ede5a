"""Whole evaluations with a turn in them, from booking to the archive, replayed from their records alone."""

import msgspec
import pytest

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import record
from protocol.methods.evaluation import Evaluation
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session.outcome import evaluation, outcome
from protocol.session.turns.rates import drawn
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting, in_two_envelopes


def _replays(world: Acting) -> None:
    """The record alone gives the same state and outcome, every act decided and checked again."""
    assert world.at.phase == "ARCHIVED"
    read = record.read(record.write(world.session, world.entries, world.held))
    state = record.replay(read)
    assert state == world.at
    assert outcome(state, read.disclosed) == outcome(world.at, world.disclosed)


def _finish(world: Acting) -> None:
    world.to_ranked_from_scoring()
    world.to_submitted()
    world.must("agent", cmd.ArchiveSession())


def _technical(result: Evaluation) -> dict[str, list[str]]:
    return {row.bidder: [part.points for part in row.parts[:2]] for row in result.rows}


@pytest.fixture
def acting(case: Case) -> Acting:
    return Acting(case)


def test_an_evaluation_without_any_turn(acting: Acting) -> None:
    acting.to_archived()
    _replays(acting)


def test_a_suspension_of_3_h_50_goes_on_and_ranks_as_if_it_had_not_been(case: Case, acting: Acting) -> None:
    acting.to_scoring()
    acting.seal("M1", "01", "1")
    acting.suspend()
    acting.wait(3 * HOUR_MS + 50 * MINUTE_MS - 10_000)
    acting.reconfirm_all()
    acting.must("agent", turns.Resume())
    assert acting.at.phase == "COMMITTEE_READY"
    for seat in acting.members()[1:]:
        acting.seal(seat, "01", "1")
    acting.must("agent", cmd.CloseScoring(), acting.stage("01", "1"))
    acting.open_scores("01", "1")
    acting.tally("01", "1")
    turning.explain_all(acting, "01", "1")
    acting.confirm("01", "1")
    acting.to_submitted()
    acting.must("agent", cmd.ArchiveSession())
    _replays(acting)
    straight = Acting(case)
    straight.to_archived()
    here, there = acting.at.tracks["01/1"], straight.at.tracks["01/1"]
    assert evaluation(here, acting.disclosed) == evaluation(there, straight.disclosed)
    assert [one.resumed for one in acting.at.turns.suspended] == [True]


def test_after_a_suspension_of_4_h_10_only_a_new_committee_can_evaluate(acting: Acting) -> None:
    acting.to_scoring()
    for seat in acting.members():
        acting.seal(seat, "01", "1")
    sealed = dict(acting.at.tracks["01/1"].sheets)
    acting.suspend()
    acting.wait(4 * HOUR_MS + 10 * MINUTE_MS - 10_000)
    acting.reconfirm_all()
    for by in ("agent", "tenderee"):
        assert acting.code(by, turns.Resume()) == "SuspendedTooLong"
    acting.void()
    acting.rebuild()
    acting.must("agent", cmd.OpenCheckIn())
    acting.check_in_all()
    acting.to_scoring_from_check_in()
    assert acting.at.tracks["01/1"].round == 2
    _finish(acting)
    _replays(acting)
    assert acting.at.roster == ("N1", "N2", "N3", "N4", "N5")
    void = acting.at.turns.void[0]
    assert void.roster == ("M1", "M2", "M3", "M4", "M5")
    assert void.stages[0].sheets == {seat: sheet.commitment for seat, sheet in sealed.items()}
    told = msgspec.json.decode(outcome(acting.at, acting.disclosed))
    assert sorted(told["stages"][0]["sheets"]) == ["N1", "N2", "N3", "N4", "N5"]
    assert [one["roster"] for one in told["void"]] == [["M1", "M2", "M3", "M4", "M5"]]


def test_who_refuses_to_sign_without_reasons_is_deemed_to_agree(acting: Acting) -> None:
    acting.to_scoring()
    acting.to_ranked_from_scoring()
    report = acting.to_signing()
    for seat in acting.members()[:4]:
        acting.must(seat, cmd.SignReport(report))
    assert acting.code("agent", cmd.SubmitReport()) == "GuardUnmet"
    acting.must("M5", turns.RefuseToSign(report))
    content, text = acting.deeming("M5")
    acting.must("agent", content, acting.command("agent", content).stage, text)
    acting.must("agent", cmd.SubmitReport())
    acting.must("agent", cmd.ArchiveSession())
    _replays(acting)
    told = msgspec.json.decode(outcome(acting.at, acting.disclosed))
    assert (told["deemed"], told["refused"], told["dissents"]) == (["M5"], ["M5"], [])


def test_who_refuses_to_sign_with_reasons_dissents(acting: Acting) -> None:
    acting.to_scoring()
    acting.to_ranked_from_scoring()
    report = acting.to_signing()
    for seat in acting.members()[:4]:
        acting.must(seat, cmd.SignReport(report))
    acting.dissent("M5")
    content, text = acting.deeming("M5")
    assert acting.code("agent", content, acting.command("agent", content).stage, text) == "AlreadyDone"
    acting.must("agent", cmd.SubmitReport())
    acting.must("agent", cmd.ArchiveSession())
    _replays(acting)
    told = msgspec.json.decode(outcome(acting.at, acting.disclosed))
    assert (told["deemed"], told["dissents"]) == ([], ["M5"])


def test_two_envelopes_rank_as_one_would_where_all_pass(case: Case) -> None:
    world = Acting(in_two_envelopes(case))
    world.to_archived()
    _replays(world)
    straight = Acting(case)
    straight.to_archived()
    whole = evaluation(world.at.tracks["01/2"], world.disclosed)
    assert whole is not None
    one = evaluation(straight.at.tracks["01/1"], straight.disclosed)
    assert one is not None
    k, other_k = world.at.tracks["01/2"].draws["K"], straight.at.tracks["01/1"].draws["K"]
    assert _technical(whole) == _technical(one)
    assert (k == other_k) <= ([row.bidder for row in whole.rows] == [row.bidder for row in one.rows])
    first = evaluation(world.at.tracks["01/1"], world.disclosed)
    assert first is not None
    assert all(row.price == "" and len(row.parts) == 2 for row in first.rows)


def test_the_second_envelope_is_opened_for_those_who_pass_alone(case: Case) -> None:
    world = Acting(in_two_envelopes(case, pass_centi=3200))
    world.to_scoring()
    world.to_tally("01", "1")
    on = world.who_pass("01", "1")
    out = tuple(bid.bidder for bid in world.at.tracks["01/1"].bids if bid.bidder not in on)
    assert on
    assert out
    assert world.code("agent", turns.ConfirmPassing((*on, *out)), world.stage("01", "1")) in (
        "PassingMismatch", "Malformed",
    )  # fmt: skip
    turning.explain_all(world, "01", "1")
    world.confirm("01", "1")
    more = world.open_envelope("01", "2", (*on, *out))
    assert isinstance(more, Refusal)
    assert more.code == "NotPassing"
    world.open_next("01", "2")
    world.to_tally("01", "2")
    turning.explain_all(world, "01", "2")
    world.confirm("01", "2")
    assert {row.bidder for row in turning.result(world, "01", "2").rows} == set(on)
    world.to_submitted()
    world.must("agent", cmd.ArchiveSession())
    _replays(world)


def test_k_is_drawn_by_all_who_watch_and_can_be_drawn_again_from_the_record(acting: Acting) -> None:
    acting.to_archived()
    _replays(acting)
    here = acting.at.tracks["01/1"]
    again = drawn(acting.at, here, "K", here.turns.k_draws["K"].randoms)
    assert here.draws == {"K": again}
    assert again in ("97", "97.5", "98", "98.5", "99")
