"""Played people and interventions: the supervisor asks once, the agent answers whatever anybody asks."""

from typing import Any

import pytest
from msgspec.structs import replace

from ops import places
from ops.people import script
from ops.people.deed import Deed, Recollection, Scene
from ops.people.roles.next import next_deed_of
from ops.senses import Dice
from protocol.commands_oversight import AnswerIntervention, Intervene
from protocol.entry import Entry
from protocol.projection.project import view
from protocol.words import Role
from tests.protocol.acting import Acting
from tests.protocol.overseeing import GUEST, HOST, intervene


@pytest.fixture
def world() -> Acting:
    """The sample, its committee known."""
    made = Acting(replace(script.load(places.sample_case()), rules="4"), rules="4")
    made.book()
    made.import_committee()
    made.bind_watchers()
    return made


def scene(world: Acting, role: Role, seat: str, phase: str = "", stage: str = "") -> Scene:
    """What the seat sees; with `phase` and `stage`, as if the session had come so far."""
    shown = view(world.at, world.disclosed, role, seat)
    if stage:
        stages = tuple(replace(one, phase=stage) for one in shown.stages)
        shown = replace(shown, phase=phase, stages=stages)
    course = script.course_of(world.case)
    return Scene(shown, seat, role, world.case, Dice("1"), world.now, Recollection(), course)


def answered(world: Acting) -> AnswerIntervention:
    """What the agent answers once nothing else is awaited of it."""
    found = scene(world, "agent", "agent")
    waiting = tuple(one for one in found.view.awaited if one.act == "AnswerIntervention")
    deed = next_deed_of(replace(found, view=replace(found.view, awaited=waiting)))
    assert deed is not None
    assert isinstance(deed.content, AnswerIntervention), deed
    assert isinstance(carried_out(world, "agent", deed), Entry)
    return deed.content


def carried_out(world: Acting, seat: str, deed: Deed) -> object:
    assert deed.content is not None
    return world.do(seat, deed.content, deed.stage, deed.disclosures)


def test_the_host_s_supervisor_asks_while_members_score_and_is_answered(world: Acting) -> None:
    assert next_deed_of(scene(world, "supervisor", HOST)) is None
    asks = next_deed_of(scene(world, "supervisor", HOST, "COMMITTEE_READY", "DETAILED"))
    assert asks is not None
    assert isinstance(asks.content, Intervene)
    assert isinstance(carried_out(world, HOST, asks), Entry)
    # Whoever takes the seat over sees that it was asked, and asks nothing again.
    assert next_deed_of(scene(world, "supervisor", HOST, "COMMITTEE_READY", "SUMMARY")) is None
    assert next_deed_of(scene(world, "supervisor", GUEST, "COMMITTEE_READY", "DETAILED")) is None

    answered(world)
    (shown,) = view(world.at, world.disclosed, "supervisor", HOST).interventions
    (planned,) = script.course_of(world.case).interventions
    assert (shown.text, shown.outcome, shown.answer) == (planned.text, "explained", planned.answer)


def test_whatever_a_person_asks_is_answered_in_order_of_number(world: Acting) -> None:
    intervene(world, GUEST, words="请说明副场线路情况。")
    intervene(world, GUEST, scope="venue", subject="nanjing", kind="warning")
    assert [(one.number, one.outcome) for one in (answered(world), answered(world))] == [
        (1, "explained"), (2, "explained"),
    ]  # fmt: skip
    assert all(one.answer for one in view(world.at, world.disclosed, "agent", "agent").interventions)


@pytest.mark.parametrize("change", [{"rules": "3"}, {"kind": "real"}])
def test_nobody_asks_by_older_rules_or_in_a_case_that_is_no_invention(change: dict[str, str]) -> None:
    values: dict[str, Any] = {"rules": "4", **change}
    assert script.course_of(replace(script.load(places.sample_case()), **values)).interventions == ()
