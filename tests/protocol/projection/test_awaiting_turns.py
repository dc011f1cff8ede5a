"""Who is awaited in the lawful turns of rules version 3."""

from ops.scripts import tenders
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.projection import project
from protocol.projection.awaiting import awaited
from protocol.words import Role
from tests.protocol import turning
from tests.protocol.acting import Acting


def _acts(world: Acting) -> set[tuple[str, str]]:
    return {(one.who, one.act) for one in awaited(world.at, {})}


def test_a_suspension_waits_for_witnesses_and_then_for_the_agent(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.suspend()
    venues = ("hefei", "shanghai", "nanjing", "hangzhou")
    assert _acts(world) == {(f"witness-{venue}", "ReconfirmSeat") for venue in venues}
    world.reconfirm_all()
    assert _acts(world) == {("agent", "Resume")}
    world.void()
    assert _acts(world) == {("agent", "RebuildCommittee")}


def test_who_dissents_or_is_deemed_to_agree_is_not_waited_for(case: Case) -> None:
    world = Acting(case)
    world.to_scoring()
    world.to_ranked_from_scoring()
    report = world.to_signing()
    for seat in ("M1", "M2", "M3"):
        world.must(seat, cmd.SignReport(report))
    world.dissent("M4")
    assert _acts(world) == {("M5", "SignReport")}
    world.must("M5", turns.RefuseToSign(report))
    content, held = world.deeming("M5")
    world.must("agent", content, world.command("agent", content).stage, held)
    assert _acts(world) == {("agent", "SubmitReport")}


def test_the_tenderee_is_told_which_bids_to_put_in_order_and_nothing_else_of_the_tally(case: Case) -> None:
    tied = tenders.with_plan(
        tenders.with_scheme(tenders.with_a_tie(tenders.fixed_k()), ties=()), candidates_max=1
    )
    world = Acting(tied)
    world.to_scoring()
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    looking: tuple[tuple[Role, str], ...] = (
        ("tenderee", "tenderee"), ("witness", "witness-hefei"), ("agent", "agent"), ("expert", "M1"),
    )  # fmt: skip
    shown = {role: project.view(world.at, world.disclosed, role, seat) for role, seat in looking}
    assert {role: view.stages[0].equal for role, view in shown.items()} == {
        "tenderee": ("b1", "b3"), "witness": (), "agent": ("b1", "b3"), "expert": ("b1", "b3"),
    }  # fmt: skip
    waits = {role for role, view in shown.items() if any(one.act == "DecideTie" for one in view.awaited)}
    assert waits == {"tenderee", "agent", "expert"}
    assert shown["tenderee"].stages[0].tally is None
