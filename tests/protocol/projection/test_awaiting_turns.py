"""Who is awaited in the lawful turns of rules version 3."""

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.projection.awaiting import awaited
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
