"""Roll-call pictures in the record: who is called, and that entry and picture belong together."""

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import limits
from protocol.commands_live import RecordRollCall
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.plan.case import Case
from protocol.projection import project, visibility
from protocol.session.live import roll_calls
from protocol.session.outcome import outcome
from protocol.words import SESSION_STAGE, Role
from tests.protocol.acting import Acting
from tests.protocol.calling import JPEG, picture
from tests.protocol.world import World

WITNESS = "witness-hefei"


@pytest.fixture
def world(case: Case) -> Acting:
    world = Acting(case, "s-called", rules="4")
    world.to_check_in()
    return world


def say(world: World, content: RecordRollCall, shown: Disclosure | None, by: str = "agent") -> str:
    """What becomes of a picture: `taken`, or the refusal's code."""
    result = world.do(by, content, SESSION_STAGE, () if shown is None else (shown,))
    return "taken" if isinstance(result, Entry) else result.code


def test_agent_and_witness_take_pictures_and_no_outcome_hangs_on_them(world: World) -> None:
    before = outcome(world.at, world.disclosed)
    for by in ("agent", WITNESS):
        assert say(world, *picture(world), by) == "taken"
    assert [one.by for one in world.at.live.roll_calls] == ["agent", WITNESS]
    assert outcome(world.at, world.disclosed) == before
    assert say(world, *picture(world), "supervisor-hefei") != "taken"


def test_every_member_and_officer_is_called_and_nobody_else(world: World) -> None:
    called = roll_calls.called(world.at)
    assert set(world.members()) <= set(called)
    assert {world.at.seats[seat].role for seat in called} >= {"agent", "expert", "witness", "supervisor"}
    assert not any(world.at.seats[seat].reserve for seat in called)
    assert not {world.at.seats[seat].role for seat in called} & {"bidder", "custodian"}


def test_who_is_called_is_told_whole(world: World) -> None:
    called = roll_calls.called(world.at)
    wrong: dict[str, list[dict[str, Any]]] = {
        "RollCallIncomplete": [
            {"missing": ()}, {"missing": called[-2:]}, {"missing": ("nobody",)}, {"shown": called},
        ],
        "RollCallUnfit": [
            {"shown": called[-2::-1]}, {"missing": (called[-1], called[-1])}, {"rooms": ("nanjing", "hefei")},
        ],
        "UnknownVenue": [{"rooms": ("elsewhere",)}],
    }  # fmt: skip
    for code, given in wrong.items():
        for one in given:
            assert say(world, *picture(world, **one)) == code, one
    assert say(world, *picture(world, shown=(), missing=called, rooms=())) == "taken"


def test_entry_and_picture_are_of_each_other(world: World) -> None:
    content, shown = picture(world)
    assert say(world, content, None) == "DisclosureMissing"
    others: list[dict[str, Any]] = [
        {"digest": b"d" * 32},
        {"octets": len(JPEG) - 1},
        {"width": 17},
        {"height": 17},
    ]
    for other in others:
        assert say(world, *picture(world, **other)) == "RollCallUnfit", other
    assert say(world, *picture(world, b"\x89PNG" + JPEG)) == "RollCallUnfit"
    assert say(world, *picture(world, JPEG[:-2])) == "RollCallUnfit"
    loose = world.hide("roll_call", "loose", base64.b64encode(JPEG).decode() + "\n")
    assert say(world, replace(content, picture=loose.digest), loose) == "DisclosureMismatch"
    assert say(world, content, shown) == "taken"
    assert world.at.live.roll_calls[-1].digest == content.digest


def test_a_session_has_so_many_pictures_and_no_more(world: World) -> None:
    for _ in range(limits.ROLL_CALLS_MAX):
        assert say(world, *picture(world)) == "taken"
    assert say(world, *picture(world)) == "RollCallsFull"


def test_it_is_shown_to_whom_the_wall_shows_everybody_and_to_nobody_else(world: World) -> None:
    content, shown = picture(world)
    world.must("agent", content, SESSION_STAGE, (shown,))
    sees: dict[Role, str] = {
        "agent": "agent", "witness": WITNESS, "supervisor": "supervisor-nanjing", "expert": "M1",
        "tenderee": "tenderee", "keeper": "keeper-hefei", "bidder": "b1",
    }  # fmt: skip
    for role, seat in sees.items():
        view = project.view(world.at, world.disclosed, role, seat)
        told = role in ("agent", "witness", "supervisor")
        assert [one.digest for one in view.roll_calls] == ([content.digest] if told else [])
        assert bool(view.called) is (role in ("agent", "witness"))
        given = visibility.releasable(world.at, world.disclosed, frozenset({role}), "CN-32")
        assert (shown.digest in given) is told


def test_there_is_none_before_check_in(case: Case) -> None:
    world = World(case, rules="4")
    world.book()
    world.import_committee()
    assert say(world, *picture(world)) == "WrongPhase"
