"""Running a fault by its command, as a person would, and reading what it came to."""

import json
import subprocess
import sys
from typing import Any

from tests.house import ground
from tests.ops import stage

END_S = 150
"""How long a quick run of one fault may take on a slow machine."""


def broken(name: str) -> dict[str, Any]:
    """The report of a fault's quick run: nothing was lost, or this says what."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.command", "faults", name, "--json"],
        cwd=ground.ROOT, env=stage.environment(), capture_output=True, text=True, check=False, timeout=END_S,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    (report,) = told["faults"]
    assert report["findings"] == [], done.stderr
    assert (done.returncode, told["ok"]) == (0, True)
    found: dict[str, Any] = report
    return found
