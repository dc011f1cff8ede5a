"""The golden records of rules version 3 replay, are made again to the byte, and hold what the tables say."""

import base64
import hashlib
import json
from functools import cache
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from protocol import entry, record
from protocol.entry import Entry
from protocol.ledger import tree
from protocol.refusals import Refusal
from protocol.session.apply import apply
from protocol.session.decide import decide
from protocol.session.outcome import outcome_digest
from protocol.session.phases import RULES
from protocol.session.state import State, track
from protocol.session.turns.rows import SEALED
from protocol.words import SESSION_STAGE, SessionPhase, StagePhase, track_name
from tests.protocol.acting import Acting
from tests.protocol.golden import make_3
from tests.protocol.golden.make_3 import HERE, RECORDS

VECTORS = json.loads((HERE / "vectors-3.json").read_text(encoding="utf-8"))
DRAW = json.loads((HERE / "draw-3.json").read_text(encoding="utf-8"))
TABLE = json.loads((HERE / "table-3.json").read_text(encoding="utf-8"))
NOT_HELD = {"FailStage", "NoteRefusal", "RaiseOverrun"}
"""Acts that none of the records has."""


@cache
def worlds() -> dict[str, Acting]:
    return make_3.worlds()


@pytest.mark.parametrize("name", RECORDS)
def test_a_golden_record_replays_to_its_outcome(name: str) -> None:
    raw = (HERE / f"record-3-{name}.jsonl").read_bytes()
    read = record.read(raw)
    state = record.replay(read)
    told = VECTORS[name]
    assert (state.phase, state.rules_version) == (told["phase"], "3")
    assert [tree.leaf_hash(one).hex() for one in read.entries] == told["leaves"]
    assert tree.frontier_root(state.frontier).hex() == told["root"]
    assert outcome_digest(state, read.disclosed).hex() == told["outcome"]


@pytest.mark.parametrize("name", RECORDS)
def test_the_same_acts_give_the_same_bytes(name: str) -> None:
    anew = "version 3 has changed: python -m tests.protocol.golden.make_3, and tell why in the commit"
    assert make_3.written(worlds()[name]) == (HERE / f"record-3-{name}.jsonl").read_bytes(), anew


def test_vectors_draw_and_table_are_what_the_records_give() -> None:
    assert json.loads(json.dumps(make_3.vectors(worlds()))) == VECTORS
    assert json.loads(json.dumps(make_3.drawn(worlds()["tender"]))) == DRAW
    assert json.loads(json.dumps(make_3.table(worlds()))) == TABLE


def test_the_records_hold_every_act_but_three() -> None:
    held = {one.command.type for one in _entries()}
    assert set(TABLE["acts"]) - held == NOT_HELD


# --- the draw, by the words of SPEC 15 alone ----------------------------------------------------------------


def _tag(name: str) -> bytes:
    return hashlib.sha256(b"tongchang/" + name.encode()).digest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _base64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def _order(seed: str, label: list[str], size: int) -> list[int]:
    key = hashlib.sha256(_tag("draw-stream/v1") + _canonical([label, _base64(seed)])).digest()
    stream: list[int] = []
    block = 0

    def word() -> int:
        nonlocal block
        if not stream:
            data = hashlib.sha256(_tag("draw-block/v1") + key + block.to_bytes(8, "big")).digest()
            stream.extend(int.from_bytes(data[at : at + 8], "big") for at in range(0, 32, 8))
            block += 1
        return stream.pop(0)

    def below(bound: int) -> int:
        while True:
            found = word()
            if found < 2**64 - 2**64 % bound:
                return found % bound

    order = list(range(size))
    for place in range(size - 1):
        other = place + below(size - place)
        order[place], order[other] = order[other], order[place]
    return order


def test_the_draw_follows_from_its_shares_by_the_words_of_the_specification() -> None:
    for one in DRAW["shares"]:
        share = {
            "draw": DRAW["draw"], "party": one["party"], "random": _base64(one["random"]),
            "session": DRAW["session"], "subject": _base64(DRAW["subject"]),
        }  # fmt: skip
        hidden = _tag("hidden/v1/draw_share") + bytes.fromhex(one["salt"]) + _canonical(share)
        assert hashlib.sha256(hidden).hexdigest() == one["commitment"]
    shares = sorted([one["party"], _base64(one["random"])] for one in DRAW["shares"])
    subject = _base64(DRAW["subject"])
    value = {"draw": DRAW["draw"], "session": DRAW["session"], "shares": shares, "subject": subject}
    assert hashlib.sha256(_tag("draw-seed/v1") + _canonical(value)).hexdigest() == DRAW["seed"]
    for one in DRAW["orders"]:
        label = ["stratum", one["province"], one["speciality"]]
        assert _order(DRAW["seed"], label, len(one["order"])) == one["order"]


def test_seats_take_one_after_the_other_and_nobody_is_taken_twice() -> None:
    orders = {(one["province"], one["speciality"]): list(one["order"]) for one in DRAW["orders"]}
    provinces = {"hefei": "anhui", "nanjing": "jiangsu", "suzhou": "jiangsu", "pudong": "shanghai"}
    places = {"main": 0, "sub-1": 1, "sub-2": 2}
    for take in DRAW["takes"]:
        venue = DRAW["venues"][places[take["place"]]]
        assert venue == take["venue"]
        assert orders[provinces[venue], take["speciality"]].pop(0) == take["index"]


# --- phases × acts ------------------------------------------------------------------------------------------


@cache
def _entries() -> tuple[Entry, ...]:
    return tuple(entry.decode(raw) for world in worlds().values() for raw in world.entries)


@cache
def _taken() -> dict[str, tuple[State, Entry]]:
    """Act → a state before which it was taken, and its entry; the first of each."""
    found: dict[str, tuple[State, Entry]] = {}
    for world in worlds().values():
        state: State | None = None
        for raw in world.entries:
            one = entry.decode(raw)
            if state is not None:
                found.setdefault(one.command.type, (state, one))
            state = apply(state, one, raw)
    return found


@pytest.mark.parametrize("name", sorted(set(TABLE["acts"]) - NOT_HELD - {"BookSession"}))
def test_an_act_is_taken_in_exactly_the_phases_that_the_table_says(name: str) -> None:
    """The same act by the same author, with the session or its stage in every phase there is."""
    before, one = _taken()[name]
    row = TABLE["acts"][name]
    assert not isinstance(decide(before, one.command, one.at, one.entropy), Refusal)
    of_stage = row["scope"] == "stage"
    for phase in get_args(StagePhase if of_stage else SessionPhase):
        decided = decide(_in(before, one, phase, of_stage=of_stage), one.command, one.at, one.entropy)
        wanted = ", ".join(row["phases"])
        by_table = isinstance(decided, Refusal) and (decided.code, decided.detail.get("wanted")) == (
            "WrongPhase", wanted,
        )  # fmt: skip
        assert by_table == (phase not in row["phases"]), (phase, decided)


@pytest.mark.parametrize("phase", sorted(SEALED))
def test_of_a_stage_nothing_is_taken_while_the_session_is_sealed(phase: str) -> None:
    for name, (before, one) in _taken().items():
        if TABLE["acts"][name]["scope"] == "stage":
            decided = decide(replace(before, phase=phase), one.command, one.at, one.entropy)
            assert isinstance(decided, Refusal), name
            assert decided.code == "SessionSealed", name


def test_every_event_comes_from_acts_that_the_table_names_in_their_phases() -> None:
    for world in worlds().values():
        state: State | None = None
        for raw in world.entries:
            one = entry.decode(raw)
            row = TABLE["acts"][one.command.type]
            names = {str(type(event).__struct_config__.tag) for event in one.events}
            assert names <= set(row["events"])
            if state is not None:
                here = track(state, one.command.stage) if row["scope"] == "stage" else None
                assert (state.phase if here is None else here.phase) in row["phases"]
            state = apply(state, one, raw)


def test_the_rows_are_the_rules() -> None:
    rules = RULES["3"]
    assert {name for name, act in rules.acts.items() if act.available} == set(TABLE["acts"])
    for name, row in TABLE["acts"].items():
        assert (list(rules.acts[name].phases), list(rules.acts[name].roles)) == (row["phases"], row["roles"])


def _in(state: State, one: Entry, phase: str, *, of_stage: bool) -> State:
    if not of_stage:
        return replace(state, phase=phase)
    assert one.command.stage != SESSION_STAGE
    name = track_name(one.command.stage.lot, one.command.stage.envelope)
    here: Any = replace(state.tracks[name], phase=phase, path=(*state.tracks[name].path, phase))
    return replace(state, tracks={**state.tracks, name: here})
