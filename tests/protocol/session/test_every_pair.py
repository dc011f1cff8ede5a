"""Roles × acts × phases: every triple of every version is met once, and what the table leaves out is refused.

The table is `protocol.session.phases`; this asks `decide` itself. What an act's own rule says is not asked
here: it is taken out, so that whatever passes header, role and phase shows as passed.
"""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from protocol import commands as cmd
from protocol.commands import NO_HEAD, Command
from protocol.plan.case import Case
from protocol.refusals import Refusal
from protocol.session import decide as room
from protocol.session.phases import RULES
from protocol.session.rows import Act
from protocol.session.state import Speaker, State
from protocol.words import SESSION_STAGE, Role, SessionPhase, Stage, StagePhase
from tests.protocol.world import SESSION, World, key

ROLES = get_args(Role)
PASSED = ()
"""What `decide` answers here when nothing before the act's own rule has refused."""


@pytest.fixture
def scoring(case: Case, monkeypatch: pytest.MonkeyPatch) -> State:
    """A session in scoring with one speaker of every role, whose acts have no rules of their own."""
    world = World(case)
    world.to_scoring()
    assert world.state is not None
    member = next(seat for seat, found in world.state.seats.items() if found.role == "expert")
    speakers = {key(f"the {role}"): Speaker(role, member, "") for role in ROLES if role != "installation"}
    monkeypatch.setattr(room, "_act", lambda *_: PASSED)
    monkeypatch.setattr(room, "_RULED", dict.fromkeys(cmd.CONTENTS.values(), lambda *_: PASSED))
    return replace(world.state, keys=speakers, author_seqs={})


def in_phase(state: State, version: str, act: Act, phase: str) -> tuple[State, Stage]:
    """The session, or one of its stages, in a phase; and the stage that an act names there."""
    if act.scope != "stage":
        return replace(state, rules_version=version, phase=phase), SESSION_STAGE
    name, here = next(iter(state.tracks.items()))
    tracks = {**state.tracks, name: replace(here, phase=phase)}
    stage = Stage(here.lot, here.envelope, here.round)
    return replace(state, rules_version=version, phase="COMMITTEE_READY", tracks=tracks), stage


def asked(state: State, act: Act, role: str, stage: Stage) -> Any:
    """What becomes of an act by a role; `passed`, or the refusal's code."""
    own = role == "installation"
    command = Command(
        session=SESSION,
        type=act.type,
        command_id="c",
        author_key=state.installation_key if own else key(f"the {role}"),
        author_at=state.at,
        author_seq=0 if own else 1,
        seen=NO_HEAD,
        stage=stage,
        content=blank(cmd.CONTENTS[act.type]),
    )
    found = room.decide(state, command, state.at, b"\0" * 32)
    return found.code if isinstance(found, Refusal) else "passed"


def blank(form: Any) -> Any:
    """A content of a form with nothing in it: nobody looks inside."""
    return form(**dict.fromkeys(form.__struct_fields__))


def phases(act: Act) -> tuple[str, ...]:
    return get_args(StagePhase) if act.scope == "stage" else get_args(SessionPhase)


@pytest.mark.parametrize("version", RULES)
def test_every_role_does_every_act_in_every_phase_or_is_refused_by_the_table(
    scoring: State, version: str
) -> None:
    met = {"passed": 0, "NotAllowed": 0, "WrongPhase": 0, "NotYetAvailable": 0}
    for act in RULES[version].acts.values():
        if act.type == "BookSession":  # genesis: before it there is neither phase nor role
            continue
        if act.type not in cmd.CONTENTS:
            assert not act.available
            continue
        for phase in phases(act):
            state, stage = in_phase(scoring, version, act, phase)
            for role in ROLES:
                expected = "passed"
                if not act.available:
                    expected = "NotYetAvailable"
                elif role not in act.roles:
                    expected = "NotAllowed"
                elif phase not in act.phases:
                    expected = "WrongPhase"
                assert asked(state, act, role, stage) == expected, (act.type, phase, role)
                met[expected] += 1
    assert min(met["passed"], met["NotAllowed"], met["WrongPhase"]) > 0
    assert met["NotAllowed"] + met["WrongPhase"] > 5 * met["passed"]
