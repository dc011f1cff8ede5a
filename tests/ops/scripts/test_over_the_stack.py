"""Scripted evaluations over real processes and sockets, as `ops/run --act --script` plays them."""

import json
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


def _told(state: State, disclosed: Disclosed) -> dict[str, Any]:
    """The outcome without the order in which each seat did its own acts, which is theirs."""
    told: dict[str, Any] = json.loads(outcome(state, disclosed))
    del told["orders"]
    return told
