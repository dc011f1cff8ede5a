"""The golden records of every rules version replay for ever, and their vectors do not move."""

import json

from protocol import canonical, record
from protocol.ledger import tree
from protocol.session.outcome import outcome_digest
from tests.protocol.golden.make import HERE, golden_world, golden_world_2, vectors, vectors_2

VECTORS = json.loads((HERE / "vectors-1.json").read_text())
VECTORS_2 = json.loads((HERE / "vectors-2.json").read_text())


def test_the_golden_record_replays_to_its_outcome() -> None:
    read = record.read((HERE / "record-1.jsonl").read_bytes())
    state = record.replay(read)
    assert state.phase == "ARCHIVED"
    assert tree.frontier_root(state.frontier).hex() == VECTORS["root"]
    assert outcome_digest(state, read.disclosed).hex() == VECTORS["outcome"]
    leaves = [tree.leaf_hash(raw).hex() for raw in read.entries]
    assert leaves == [one["leaf"] for one in VECTORS["entries"]]


def test_the_same_acts_give_the_same_bytes_as_ever() -> None:
    world = golden_world()
    read = record.read((HERE / "record-1.jsonl").read_bytes())
    assert tuple(world.entries) == read.entries
    assert json.loads(json.dumps(vectors(world))) == VECTORS


def test_the_golden_record_of_version_2_replays_to_its_outcome() -> None:
    read = record.read((HERE / "record-2.jsonl").read_bytes())
    state = record.replay(read)
    assert (state.phase, state.rules_version) == ("ARCHIVED", "2")
    assert tree.frontier_root(state.frontier).hex() == VECTORS_2["root"]
    assert outcome_digest(state, read.disclosed).hex() == VECTORS_2["outcome"]
    signed = {one.chain.hex() for one in state.witness_records.values() if one.signed}
    assert len(signed) == 2
    assert signed <= {one["record"] for one in VECTORS_2["observations"]}


def test_the_same_acts_of_version_2_give_the_same_bytes_as_ever() -> None:
    world = golden_world_2()
    read = record.read((HERE / "record-2.jsonl").read_bytes())
    assert tuple(world.entries) == read.entries
    assert json.loads(json.dumps(vectors_2(world))) == VECTORS_2


def test_a_witnesss_observations_are_checked_without_the_rest_of_the_session() -> None:
    """By the formula of SPEC 2 and 13.1 alone: values in, the signed chain out."""
    chains: dict[str, bytes] = {}
    for one in VECTORS_2["observations"]:
        seat = json.loads(one["value"])["seat"]
        hashed = canonical.sha256(canonical.tag("observation/v1") + one["value"].encode())
        before = chains.get(seat, bytes(32))
        chains[seat] = canonical.sha256(canonical.tag("witness-record/v1") + before + hashed)
        assert chains[seat].hex() == one["record"]
