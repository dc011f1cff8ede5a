"""Scripted evaluations over real processes and sockets, as `ops/run --act --script` plays them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ops import stack
from ops.scripts import catalogue
from protocol import record
from protocol.hidden import Disclosed
from protocol.session.outcome import outcome, outcome_digest
from protocol.session.state import State
from tests.ops.scripts.hall import Hall
from tests.ops.stage import call

SEALED_S = 400
"""So long a loaded machine takes at most to open, score and sign what came sealed."""


@pytest.mark.parametrize("name", ["normal-tender", "late-recusal"])
def test_a_script_comes_to_the_same_over_the_real_stack_as_in_memory(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ended = call("act", "--up", "--json", "--script", name, "--data", str(data), cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert ended.told["script"] == name
    assert ended.told["phases"]["session"][-1] == "ARCHIVED"
    assert ended.told["lasted_ms"] > 0
    assert not stack.running(data)
    read = record.read(Path(ended.told["record"]).read_bytes())
    state = record.replay(read)
    assert outcome_digest(state, read.disclosed).hex() == ended.told["outcome"]
    files = (ended.told["archive"], "--policy", ended.told["policy"])
    verified = call("verify", *files, "--json", cwd=tmp_path)
    assert (verified.code, verified.told["outcome"]) == (0, ended.told["outcome"]), verified.told
    hall = Hall(catalogue.find(name), tmp_path / "cases")
    hall.play()
    assert _told(state, read.disclosed) == _told(hall.at, hall.disclosed)


def test_bids_come_sealed_scores_lie_with_custodians_and_everybody_signs_the_report(tmp_path: Path) -> None:
    data = tmp_path / "data"
    play = ("act", "--up", "--json", "--script", "sealed-tender", "--data", str(data))
    ended = call(*play, cwd=tmp_path, timeout_s=SEALED_S)
    assert ended.code == 0, ended.err
    read = record.read(Path(ended.told["record"]).read_bytes())
    state = record.replay(read)
    assert outcome_digest(state, read.disclosed).hex() == ended.told["outcome"]
    done = Counter(json.loads(raw)["command"]["type"] for raw in read.entries)
    assert {"ImportOpening", "ImportPreliminary"}.isdisjoint(done)
    assert (done["ReleaseBid"], done["EscrowSheet"], done["SignReport"]) == (5, 5, 5)
    assert done["ReleaseCustody"] >= 4  # three of five centres, and the tenderee
    assert done["AcknowledgeEscrow"] >= 15
    assert done["DelegateSeatKey"] >= 8
    assert (done["PrepareReport"], done["SignPaper"]) == (1, len(state.signatures.places))
    files = (ended.told["archive"], "--policy", ended.told["policy"])
    verified = call("verify", *files, "--json", cwd=tmp_path)
    assert (verified.code, verified.told["outcome"]) == (0, ended.told["outcome"]), verified.told
    signed = call("verify", *files, "--signed", "--json", cwd=tmp_path)
    assert (signed.code, signed.told["findings"]) == (0, []), signed.told
    assert len(signed.told["signatures"]) == len(state.signatures.places)


def _told(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """The outcome without the order in which each seat did its own acts, which is theirs."""
    told: dict[str, Any] = json.loads(outcome(state, disclosed))
    del told["orders"]
    return told
