"""Whole evaluations in simulated weather: the judge finds nothing, and finds what was planted."""

import os
import subprocess
import sys

import pytest

from tests.house import ground
from tests.simulation import planted
from tests.simulation.run import run
from tests.simulation.storm import as_json, storm

IN_CI = bool(os.environ.get("CI"))
SEEDS = 200 if IN_CI else 16
"""How many seeds are run with every test run; `tongchang storm` runs as many as are wanted."""
SAFETY_SEEDS = 14 if IN_CI else 4
"""Among them 2 and 12, in which a copy took a feed by halves and was called damaged at the next start."""
AT_ONCE, SAFETY_AT_ONCE = 50 if IN_CI else 8, 7 if IN_CI else 4
"""So many of them make one test: workers share the tests of this file (`tests.spread`)."""
PROCESSES = 2
"""A storm switches its process's garbage collector off and on, so it has processes of its own."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_the_judge_finds_nothing_in_any_weather(first: int) -> None:
    found = storm(range(first, first + AT_ONCE), PROCESSES)
    assert [(one.replay, one.findings) for one in found.failures] == []
    told = as_json(found)
    assert told["entries"]["min"] >= 150
    assert told["faults"]["min"] >= 3


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, SAFETY_SEEDS, SAFETY_AT_ONCE))
def test_the_judge_finds_no_promise_broken_while_faults_never_end(first: int) -> None:
    found = storm(range(first, first + SAFETY_AT_ONCE), PROCESSES, safety=True)
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
