"""Field by field: no view's bytes hold a value that the allow-table hides.

Every hidden field carries a canary that stands nowhere else. After every entry of a whole
session, every role's view is folded from everything there is, and its bytes are searched.
What is expected is written here a second time, by hand, so that a slip in the table shows.
"""

import re
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from protocol import canonical, entry, hidden
from protocol import commands as cmd
from protocol.ledger import tree
from protocol.plan.case import Case
from protocol.projection import lines, project, visibility
from protocol.session.apply import apply
from protocol.session.state import State
from protocol.words import PERSON_ROLES, SESSION_STAGE, Role
from tests.protocol.world import World

SEATS: dict[Role, str] = {
    "agent": "agent", "tenderee": "tenderee", "expert": "M1", "witness": "witness-hefei",
    "supervisor": "supervisor-hefei", "bidder": "b1", "keeper": "keeper-hefei",
}  # fmt: skip

# canary → role → the session's or the stage's phase from which it may be seen
EXPECTED: dict[str, dict[str, str]] = {
    "title": {"agent": "BOOKED", "tenderee": "DRAWN", "supervisor": "DRAWN", "witness": "CHECKIN",
              "expert": "CHECKIN", "bidder": "DRAWN"},
    "person": {"agent": "CHECKIN", "supervisor": "CHECKIN", "witness": "CHECKIN"},
    "name": {"agent": "OPENED", "tenderee": "OPENED", "witness": "OPENED", "supervisor": "OPENED",
             "bidder": "OPENED", "expert": "SUMMARY"},
    "price": {"agent": "OPENED", "tenderee": "OPENED", "witness": "OPENED", "supervisor": "OPENED",
              "bidder": "OPENED", "expert": "SUMMARY"},
    "score": {"agent": "SUMMARY", "expert": "SUMMARY", "supervisor": "SUMMARY"},
    "tally": {"agent": "SUMMARY", "expert": "SUMMARY", "supervisor": "SUMMARY", "tenderee": "RANKED",
              "witness": "RANKED"},
    "report": dict.fromkeys(("agent", "expert", "tenderee", "witness", "supervisor"), "SIGNING"),
    "remark": dict.fromkeys(("witness", "supervisor"), "DRAWN"),
}  # fmt: skip

CANARIES = {
    "title": "标题金丝雀", "person": "示例人员 M2", "name": "名称金丝雀", "price": '"4567.89"',
    "tally": '\\"rows\\"', "report": "报告金丝雀", "remark": "备注金丝雀",
}  # fmt: skip
SCORE = re.compile(rb":737[,}]")


OF_VERSION_3 = {
    "draw_share", "pool", "parties", "facts",
    "blind_findings", "reason", "question", "reply", "price_correction",
    "corrected_scores", "explanation", "dissent", "statement", "objection", "deduction",
}  # fmt: skip
"""Hidden fields that sessions of version 2 have none of."""
OF_VERSION_4 = {
    "bid_release",
    "custody_release",
    "sheet_escrow",
    "escrow_release",
    "delegation",
    "certificate",
    "intervention",
    "intervention_answer",
    "roll_call",
}
"""And those that version 4 brings."""


def _canary_case(case: Case) -> Case:
    """The sample with canaries: a title, a bidder's name, a price, a score of 7.37."""
    plain = msgspec.to_builtins(case)
    _fine_steps(plain["plan"]["schemes"])
    plain["plan"]["title"] = CANARIES["title"]
    plain["bidders"][0]["name"] = CANARIES["name"]
    plain["bids"][0]["price"] = "4567.89"
    first = plain["bidders"][0]["id"]
    plain["sheets"]["01"]["M3"][first]["A1"] = 737
    return msgspec.convert(plain, Case)


def _fine_steps(node: object) -> None:
    if isinstance(node, dict):
        if "step_centi" in node or node.get("kind") in ("subjective", "objective"):
            node["step_centi"] = 1
        for child in node.values():
            _fine_steps(child)
    elif isinstance(node, list | tuple):
        for child in node:
            _fine_steps(child)


@pytest.fixture(scope="module")
def done(case: Case) -> World:
    world = World(_canary_case(case))
    world.to_ranked()
    world.bind("witness-nanjing")
    world.note("witness-nanjing", "seat_left", CANARIES["remark"], subject="M3")
    _report(world)
    return world


def _report(world: World) -> None:
    world.must("agent", cmd.BeginReport())
    report = world.hide("report", "report", {"text": CANARIES["report"]})
    content = cmd.ImportReport("test", bytes(32), "test", report.digest)
    world.must("agent", content, SESSION_STAGE, (report,))
    for seat in world.members():
        world.must(seat, cmd.SignReport(report.digest))
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())


def _states(world: World) -> Iterator[State]:
    state: State | None = None
    for raw in world.entries:
        state = apply(state, entry.decode(raw), raw)
        yield state


def _found(raw: bytes, canary: str) -> bool:
    if canary == "score":
        return SCORE.search(raw) is not None
    return CANARIES[canary].encode() in raw


def _may(state: State, canary: str, role: str) -> bool:
    phase = EXPECTED[canary].get(role)
    return phase is not None and phase in (*state.path, *state.tracks["01/1"].path)


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_a_view_holds_what_the_rules_show_and_nothing_else(done: World, role: Role) -> None:
    seen = set()
    for state in _states(done):
        raw = canonical.encode(project.view(state, done.disclosed, role, SEATS[role]))
        for canary in EXPECTED:
            if _found(raw, canary):
                assert _may(state, canary, role), (canary, role, state.phase)
                seen.add(canary)
    assert seen == {canary for canary, roles in EXPECTED.items() if role in roles}


@pytest.mark.parametrize("role", PERSON_ROLES)
def test_a_node_holds_no_disclosure_that_its_roles_may_not_see(done: World, role: Role) -> None:
    for state in _states(done):
        given = visibility.releasable(state, done.disclosed, frozenset({role}), "anhui")
        raw = b"\n".join(canonical.encode(one) for one in given.values())
        for canary in ("title", "person", "name", "price", "score", "report", "remark"):
            text = raw.replace(b'\\"', b'"')
            if _found(text, canary):
                assert _may(state, canary, role), (canary, role, state.phase)


def test_a_node_that_holds_only_what_it_may_shows_the_same_view(done: World) -> None:
    for state in _states(done):
        for role in PERSON_ROLES:
            given = visibility.releasable(state, done.disclosed, frozenset({role}), "anhui")
            full = project.view(state, done.disclosed, role, SEATS[role])
            assert project.view(state, given, role, SEATS[role]) == full


def test_entries_hold_no_hidden_value_at_all(done: World) -> None:
    for raw in done.entries:
        for canary in CANARIES:
            assert not _found(raw, canary), canary
        assert SCORE.search(raw) is None


def test_hidden_names_are_shown_to_nobody(case: Case) -> None:
    plain = msgspec.to_builtins(_canary_case(case))
    plain["plan"]["hide_names"] = True
    world = World(msgspec.convert(plain, Case))
    world.to_ranked()
    for state in _states(world):
        for role in PERSON_ROLES:
            raw = canonical.encode(project.view(state, world.disclosed, role, SEATS[role]))
            assert not _found(raw, "name")


def test_every_field_and_every_view_field_has_its_row(done: World) -> None:
    assert set(visibility.FIELDS) == set(get_args(hidden.Field))
    named = {one.field for one in visibility.digests(done.at)}
    assert set(visibility.FIELDS) - named == OF_VERSION_3 | OF_VERSION_4


def test_every_line_comes_with_its_hash_and_a_bidder_learns_no_more(done: World) -> None:
    state: State | None = None
    kinds = set()
    for seq, raw in enumerate(done.entries):
        one = entry.decode(raw)
        state = apply(state, one, raw)
        leaf = tree.leaf_hash(raw)
        for role in PERSON_ROLES:
            line = lines.line(state, one, leaf, role)
            assert (line.seq, line.leaf) == (seq, leaf)
            if role == "bidder":
                assert line.who == ""
                kinds.add(line.type)
    assert "SealSheet" not in kinds
    assert "NoteObservation" not in kinds
    assert "ImportOpening" in kinds


def test_only_witnesses_and_supervisors_learn_that_something_was_observed(done: World) -> None:
    told = set()
    state: State | None = None
    for raw in done.entries:
        one = entry.decode(raw)
        state = apply(state, one, raw)
        for role in PERSON_ROLES:
            shown = project.view(state, done.disclosed, role, SEATS[role])
            line = lines.line(state, one, tree.leaf_hash(raw), role)
            if shown.observations or shown.witness_records or line.type == "NoteObservation":
                told.add(role)
    assert told == {"witness", "supervisor"}
