"""The golden record of rules version 1 replays for ever, and its vectors do not move."""

import json

from protocol import record
from protocol.ledger import tree
from protocol.session.outcome import outcome_digest
from tests.protocol.golden.make import HERE, golden_world, vectors

VECTORS = json.loads((HERE / "vectors-1.json").read_text())


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
