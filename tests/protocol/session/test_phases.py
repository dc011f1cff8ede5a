"""The phase table: whole, consistent, and as the law's process has it."""

from typing import get_args

from protocol import commands as cmd
from protocol.session.guards import GUARDS
from protocol.session.phases import CURRENT, RULES, SESSION_ORDER, STAGE_ORDER
from protocol.words import Milestone, SessionPhase, StagePhase

TABLE = RULES[CURRENT]
ADDED_2 = {"ReadOut", "SignOpeningRecord", "NoteObservation", "SignWitnessRecord"}


def test_the_current_rules_are_published() -> None:
    assert CURRENT in RULES
    assert all(rules.version == name for name, rules in RULES.items())


def test_available_acts_are_those_whose_content_has_a_form() -> None:
    assert {act.type for act in TABLE.acts.values() if act.available} == set(cmd.CONTENTS)


def test_version_2_is_version_1_with_four_acts_that_nothing_waits_for() -> None:
    one, two = RULES["1"], RULES["2"]
    assert {name for name in two.acts if two.acts[name] != one.acts.get(name)} == ADDED_2 == two.uncounted
    assert not any(one.acts[name].available for name in ADDED_2 if name in one.acts)
    assert (one.moves, one.switches, one.uncounted) == (two.moves, two.switches, frozenset())
    assert not any(move.by in ADDED_2 for move in two.moves)


def test_every_phase_of_the_process_stands_in_a_move() -> None:
    session = {p for m in TABLE.moves if m.scope == "session" for p in (m.source, m.target)} - {"*"}
    stage = {p for m in TABLE.moves if m.scope == "stage" for p in (m.source, m.target)} - {"*"}
    assert session == set(get_args(SessionPhase))
    assert stage == set(get_args(StagePhase))


def test_every_milestone_is_called_for_by_a_move() -> None:
    called = {move.calls for move in TABLE.moves if move.calls}
    assert called == set(get_args(Milestone))


def test_guards_acts_and_phases_that_rows_name_exist() -> None:
    session = {*get_args(SessionPhase)}
    stage = {*get_args(StagePhase)}
    for move in TABLE.moves:
        assert set(move.guards) <= set(GUARDS)
        act = TABLE.acts[move.by]
        assert act.scope == move.scope
        assert not move.available or act.available
        if move.source != "*":
            assert move.source in act.phases, move
    for act in TABLE.acts.values():
        assert set(act.phases) <= (stage if act.scope == "stage" else session), act


def test_an_act_moves_a_track_one_way_only() -> None:
    keys = [(m.scope, m.source, m.by) for m in TABLE.moves]
    assert len(keys) == len(set(keys))


def test_the_main_lines_can_be_walked_with_what_is_available() -> None:
    for scope, order in (("session", SESSION_ORDER), ("stage", STAGE_ORDER)):
        rows = [m for m in TABLE.moves if m.scope == scope and m.available]
        here, walked = order[0], [order[0]]
        while here != order[-1]:
            (row,) = [m for m in rows if m.source == here]
            assert order.index(row.target) > order.index(here)
            here = row.target
            walked.append(here)
        skipped = set(order) - set(walked)
        assert skipped == (set() if scope == "session" else set(STAGE_ORDER[1:4]))


def test_side_states_are_reached_by_acts_of_later_versions() -> None:
    side = {"SUSPENDED", "COMMITTEE_VOID", "FAILED", "CLARIFYING", "REJECT_VOTE", "RECHECK"}
    rows = [m for m in TABLE.moves if m.target in side or m.source in side]
    assert {m.target for m in rows} >= side
    assert not any(m.available for m in rows)
