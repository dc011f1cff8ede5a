"""Who is awaited while a committee is drawn and seated, while a rate is drawn, and in turns."""

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.projection.awaiting import awaited
from protocol.projection.project import view
from protocol.words import SESSION_STAGE
from tests.protocol import reviewing, turning
from tests.protocol.acting import Acting, with_plan
from tests.protocol.session.drawing import PARTIES, DrawWorld
from tests.protocol.world import World


def _told(world: World, undrawn: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    return {(one.who, one.act) for one in awaited(world.at, {"01/1": undrawn})}


def _shown(world: World) -> set[tuple[str, str]]:
    return {(one.who, one.act) for one in view(world.at, world.disclosed, "agent", "agent").awaited}


def test_before_the_draw_each_party_is_awaited_until_it_has_given_its_share(case: Case) -> None:
    world = DrawWorld(case)
    world.book()
    assert _told(world) == {("agent", "FreezePool")}
    world.freeze()
    assert _told(world) == {(one.party, "CommitDrawSeed") for one in PARTIES}
    for one in PARTIES:
        world.commit(one.party)
    world.reveal(PARTIES[0].party)
    assert _told(world) == {(one.party, "RevealDrawSeed") for one in PARTIES[1:]}
    for one in PARTIES[1:]:
        world.reveal(one.party)
    assert _told(world) == {("agent", "DrawVenues")}
    world.must("agent", form.DrawVenues(world.draw_id))
    assert _told(world) == {("agent", "DrawCommittee")}


def test_at_the_door_the_officer_comes_before_the_member_and_nobody_waits_for_who_recused(case: Case) -> None:
    world = DrawWorld(case)
    world.to_published()
    assert ("M1", "BindSeat") in _told(world)
    world.bind("M1")
    assert {act for who, act in _told(world) if who in ("keeper", "witness-hefei")} == {"ConfirmIdentity"}
    world.bind("keeper")
    world.must("keeper", form.ConfirmIdentity("M1", "desk", b""))
    assert ("M1", "CheckIn") in _told(world)
    world.must("M1", world.check_in_content())
    world.must("M1", form.DeclareRecusal("kin", "", b""))
    told = _told(world)
    assert ("agent", "CallReplacement") in told
    assert "M1" not in {who for who, _ in told}


def test_a_chair_is_elected_by_whoever_has_not_voted_and_a_ballot_without_majority_is_followed(
    case: Case,
) -> None:
    world = DrawWorld(case)
    world.to_locked()
    assert ("agent", "OpenChairBallot") in _told(world)
    world.must("agent", form.OpenChairBallot(secret=False))
    members = world.members()
    world.must(members[0], form.ElectChair(members[0], b""))
    assert {who for who, act in _told(world) if act == "ElectChair"} == set(members[1:])
    for place, seat in enumerate(members[1:], 1):
        world.must(seat, form.ElectChair(members[place % 3], b""))
    assert ("agent", "OpenChairBallot") in _told(world)


def test_where_the_plan_says_how_a_chair_comes_an_imported_committee_waits_for_it_too(case: Case) -> None:
    for conduct, wanted in (
        (Conduct(chair="named"), ("tenderee", "NameChair")),
        (Conduct(chair="elected", chair_ballot="open"), ("agent", "OpenChairBallot")),
    ):
        world = Acting(with_plan(case, conduct=conduct))
        world.to_check_in()
        world.check_in_all()
        world.must("agent", cmd.LockRoster())
        reviewing.publish(world)
        assert wanted in _shown(world)
        assert ("agent", "BeginPreliminary") not in _shown(world)
        if conduct.chair == "named":
            world.must("tenderee", form.NameChair("M2"))
        else:
            world.must("agent", form.OpenChairBallot(secret=False))
            for seat in world.members()[:3]:
                world.must(seat, form.ElectChair("M2", b""))
        assert wanted not in _shown(world)


def test_a_rate_waits_for_who_has_not_committed_and_then_for_who_has_not_revealed(case: Case) -> None:
    world = Acting(case)
    world.book()
    world.import_committee()
    world.bind_watchers()
    world.open_bids("01", "1")
    stage = world.stage("01", "1")
    (rate,) = [one for one in case.plan.schemes[0].rates if one.candidates]
    assert ("agent", "BeginDrawK") in _told(world, (rate.id,))
    world.must("agent", turns.BeginDrawK(rate.id, rate.candidates), stage)
    assert not {act for _, act in _told(world, (rate.id,))} & {"BeginDrawK", "DrawK"}
    world.must("tenderee", turning.commitment(world, "tenderee", rate.id, "01", "1"), stage)
    waiting = {who for who, act in _told(world, (rate.id,)) if act == "CommitK"}
    assert waiting == {
        seat.seat for seat in world.at.seats.values() if seat.role in ("witness", "supervisor")
    }
    for seat in turning.DRAWING[1:]:
        world.must(seat, turning.commitment(world, seat, rate.id, "01", "1"), stage)
    world.must("tenderee", turning.reveal("tenderee", rate.id), stage)
    assert {who for who, act in _told(world, (rate.id,)) if act == "RevealK"} == set(turning.DRAWING[1:])
    for seat in turning.DRAWING[1:]:
        world.must(seat, turning.reveal(seat, rate.id), stage)
    assert _told(world) == {("agent", "OpenCheckIn")}


def test_an_objection_on_the_spot_waits_for_the_tenderee_and_holds_the_review_up(case: Case) -> None:
    world = Acting(case)
    world.to_check_in()
    text = world.hide("objection", "objection", "唱标内容与投标文件不一致")
    world.must("tenderee", turns.RaiseObjection("b1", text.digest), world.stage("01", "1"), (text,))
    assert ("tenderee", "AnswerObjection") in _told(world)
    answer = world.hide("objection", "answer", "经核对,以投标函大写为准")
    world.must("tenderee", turns.AnswerObjection(1, answer.digest), world.stage("01", "1"), (answer,))
    assert ("tenderee", "AnswerObjection") not in _told(world)


def test_what_a_ranking_waits_for_is_told_only_to_whom_the_tally_is_shown(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")

    def told(role: str, seat: str) -> set[tuple[str, str]]:
        shown = view(world.at, world.disclosed, role, seat)  # type: ignore[arg-type]
        return {(one.who, one.act) for one in shown.awaited}

    over = {(one.seat, "ExplainDeviation") for one in turning.result(world, "01", "1").deviations if one.over}
    assert over
    assert told("agent", "agent") == told("expert", "M1") == over
    assert told("tenderee", "tenderee") == told("witness", "witness-hefei") == {("agent", "ConfirmRanking")}
    turning.explain_all(world, "01", "1")
    assert told("agent", "agent") == {("agent", "ConfirmRanking")}


def test_a_recheck_waits_to_be_ended_and_a_suspension_too_long_for_the_tenderee(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_tally("01", "1")
    world.must("agent", turns.BeginRecheck("abnormal"), world.stage("01", "1"))
    assert _told(world) == {("agent", "EndRecheck")}
    world.suspend()
    world.wait(5 * 3_600_000)
    text = world.statement("仍未恢复")
    world.note("witness-nanjing", "line_cut", subject="nanjing")
    assert ("tenderee", "VoidCommittee") in _told(world)
    world.must("tenderee", turns.VoidCommittee("suspended_too_long", text.digest), SESSION_STAGE, (text,))
    assert _told(world) == {("agent", "RebuildCommittee")}


def test_who_refused_to_sign_waits_for_the_agents_record(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_ranked_from_scoring()
    report = world.to_signing()
    for seat in ("M1", "M2", "M3", "M4"):
        world.must(seat, cmd.SignReport(report))
    world.must("M5", turns.RefuseToSign(report))
    assert _told(world) == {("agent", "DeemAgreement")}


def test_who_recuses_at_the_door_of_an_imported_committee_is_replaced_by_a_reserve(case: Case) -> None:
    world = Acting(case)
    world.to_check_in()
    world.check_in_all()
    world.must("M3", form.DeclareRecusal("kin", "", b""))
    assert ("agent", "ReplaceMember") in _told(world)
    world.must("agent", form.ReplaceMember("M3", "M6", "recused", (), ()))
    assert ("M6", "BindSeat") in _told(world)
