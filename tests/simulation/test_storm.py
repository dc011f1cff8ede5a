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

SAFETY_SEEDS = range(14 if os.environ.get("CI") else 4)
"""Among them 2 and 12, in which a copy took a feed by halves and was called damaged at the next start."""


@pytest.mark.timeout(900)
def test_the_judge_finds_nothing_in_any_weather() -> None:
    found = storm(range(SEEDS), min(2, os.cpu_count() or 1))
    assert [(one.replay, one.findings) for one in found.failures] == []
    told = as_json(found)
    assert told["entries"]["min"] >= 150
    assert told["faults"]["min"] >= 3


def test_the_judge_finds_no_promise_broken_while_faults_never_end() -> None:
    found = storm(SAFETY_SEEDS, min(2, os.cpu_count() or 1), safety=True)
    assert [(one.replay, one.findings) for one in found.failures] == []
    assert as_json(found)["faults"]["min"] >= 20


@pytest.mark.parametrize("name", planted.BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    bug = planted.BUGS[name]
    found = run(bug.seeds[0], name, safety=bug.safety)
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
