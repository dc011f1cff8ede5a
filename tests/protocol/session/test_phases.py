"""The phase table: whole, consistent, and as the law's process has it."""

from typing import get_args

import pytest

from protocol import commands as cmd
from protocol.session.guards import GUARDS
from protocol.session.phases import CURRENT, RULES, SESSION_ORDER, STAGE_ORDER, Rules
from protocol.words import Milestone, SessionPhase, StagePhase

TABLE = RULES["2"]
ADDED_2 = {"ReadOut", "SignOpeningRecord", "NoteObservation", "SignWitnessRecord"}
every_version = pytest.mark.parametrize("rules", RULES.values(), ids=RULES)


def test_the_current_rules_are_published() -> None:
    assert CURRENT in RULES
    assert all(rules.version == name for name, rules in RULES.items())


def test_available_acts_are_those_whose_content_has_a_form() -> None:
    available = {act.type for rules in RULES.values() for act in rules.acts.values() if act.available}
    assert available == set(cmd.CONTENTS)


def test_a_group_replaces_rows_of_version_2_and_leaves_the_others() -> None:
    two, three = RULES["2"], RULES["3"]
    changed = {name for name in three.acts if three.acts[name] != two.acts.get(name)}
    assert changed <= three.grown
    assert (two.grown, three.uncounted) == (frozenset(), two.uncounted)


def test_version_2_is_version_1_with_four_acts_that_nothing_waits_for() -> None:
    one, two = RULES["1"], RULES["2"]
    assert {name for name in two.acts if two.acts[name] != one.acts.get(name)} == ADDED_2 == two.uncounted
    assert not any(one.acts[name].available for name in ADDED_2 if name in one.acts)
    assert (one.moves, one.switches, one.uncounted) == (two.moves, two.switches, frozenset())
    assert not any(move.by in ADDED_2 for move in two.moves)


@every_version
def test_every_phase_of_the_process_stands_in_a_move(rules: Rules) -> None:
    session = {p for m in rules.moves if m.scope == "session" for p in (m.source, m.target)} - {"*"}
    stage = {p for m in rules.moves if m.scope == "stage" for p in (m.source, m.target)} - {"*"}
    assert session == set(get_args(SessionPhase))
    assert stage == set(get_args(StagePhase))


@every_version
def test_every_milestone_is_called_for_by_a_move(rules: Rules) -> None:
    called = {move.calls for move in rules.moves if move.calls}
    assert called == set(get_args(Milestone))


@every_version
def test_guards_acts_and_phases_that_rows_name_exist(rules: Rules) -> None:
    session = {*get_args(SessionPhase)}
    stage = {*get_args(StagePhase)}
    for move in rules.moves:
        assert set(move.guards) <= set(GUARDS)
        act = rules.acts[move.by]
        assert act.scope == move.scope
        assert not move.available or act.available
        if move.source != "*":
            assert move.source in act.phases, move
    for act in rules.acts.values():
        assert set(act.phases) <= (stage if act.scope == "stage" else session), act


@every_version
def test_an_act_moves_a_track_one_way_only(rules: Rules) -> None:
    keys = [(m.scope, m.source, m.by) for m in rules.moves]
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


def test_a_version_that_grows_another_one_asks_for_no_less_before_a_move() -> None:
    """A row that replaces its namesake keeps the guards of the one before, and its milestone."""
    now = {(move.scope, move.source, move.by): move for move in RULES["4"].moves}
    for before in RULES["3"].moves:
        move = now[before.scope, before.source, before.by]
        if not before.available:
            continue
        assert set(before.guards) <= set(move.guards), before.by
        assert (before.awaits, before.calls) == (move.awaits, move.calls), before.by
