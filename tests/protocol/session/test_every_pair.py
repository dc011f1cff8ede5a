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
from protocol.session.identity.rows import SIGNED
from protocol.session.identity.state import Delegated, Identity
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
    return delegating(replace(world.state, keys=speakers, author_seqs={}))


def delegating(state: State, **changes: Any) -> State:
    """Every speaker's key delegated for as long as anything goes on; what rules before version 4 ignore."""
    voice = Delegated("any", "certificate", b"e" * 32, state.at + 1, 1)
    return replace(state, identity=Identity(dict.fromkeys(state.keys, replace(voice, **changes))))


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


def passing(state: State, version: str) -> list[tuple[Act, str, str, Any]]:
    """Every act, phase and role that the table allows, and what becomes of it in a state."""
    found: list[tuple[Act, str, str, Any]] = []
    for act in RULES[version].acts.values():
        if act.type == "BookSession" or not act.available:
            continue
        for phase in act.phases:
            here, stage = in_phase(state, version, act, phase)
            found += [(act, phase, role, asked(here, act, role, stage)) for role in act.roles]
    return found


def test_a_one_time_code_never_suffices_for_a_score_a_vote_or_a_signature(scoring: State) -> None:
    """Every pair of role and act where it may be done, by a key that a code alone has bound."""
    signed = set()
    for act, phase, role, outcome in passing(replace(scoring, identity=Identity()), "4"):
        needs = act.type in SIGNED and role not in ("venue", "installation")
        assert outcome == ("VoiceAwaited" if needs else "passed"), (act.type, phase, role)
        signed |= {act.type} if needs else set()
    assert signed == SIGNED
    for version in ("1", "2", "3"):
        for act, phase, role, outcome in passing(replace(scoring, identity=Identity()), version):
            assert outcome == "passed", (version, act.type, phase, role)


def test_after_its_end_a_delegation_makes_no_score_and_no_signature(scoring: State) -> None:
    for act, phase, role, outcome in passing(delegating(scoring, until=scoring.at), "4"):
        needs = act.type in SIGNED and role not in ("venue", "installation")
        assert outcome == ("DelegationEnded" if needs else "passed"), (act.type, phase, role)


def test_a_revoked_certificate_does_nothing_but_give_way_to_another(scoring: State) -> None:
    revoked = delegating(scoring, revoked_since=scoring.at - 5, revoked_seq=7)
    for act, phase, role, outcome in passing(revoked, "4"):
        free = act.type == "DelegateSeatKey" or role in ("venue", "installation")
        assert outcome == ("passed" if free else "CertificateRevoked"), (act.type, phase, role)
