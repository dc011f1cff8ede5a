"""Whole evaluations in simulated weather: the judge finds nothing, and finds what was planted."""

import os
import subprocess
import sys

import pytest

from tests.house import ground
from tests.simulation import planted
from tests.simulation.run import run
from tests.simulation.storm import as_json, storm

SEEDS = 200 if os.environ.get("CI") else 16
"""How many seeds are run with every test run; `tongchang storm` runs as many as are wanted."""


@pytest.mark.timeout(900)
def test_the_judge_finds_nothing_in_any_weather() -> None:
    found = storm(range(SEEDS), min(2, os.cpu_count() or 1))
    assert [(one.replay, one.findings) for one in found.failures] == []
    told = as_json(found)
    assert told["entries"]["min"] >= 150
    assert told["faults"]["min"] >= 3


@pytest.mark.parametrize("name", planted.BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    found = run(planted.BUGS[name].seeds[0], name)
    assert found.findings != ()


def test_a_seed_is_the_same_run_in_every_process() -> None:
    traces = set()
    for hashing in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", "from tests.simulation.run import run; print(run(3).trace)"],
            cwd=ground.ROOT, env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        traces.add(done.stdout)
    traces.add(f"{run(3).trace}\n")
    assert len(traces) == 1
