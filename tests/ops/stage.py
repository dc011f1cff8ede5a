"""What tests of whole evaluations share: the command as a program, and the sample with a change in it."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.house import ground

SAMPLE = ground.ROOT / "ops" / "sample" / "case.json"
CASES = ground.ROOT / "ops" / "cases"
TABLE = {"b1": "92.07", "b3": "91.61", "b4": "91.26", "b2": "91.19", "b5": "85.83"}
"""The sample's totals, best first."""


class Ended(Struct, frozen=True):
    """A call of the command that ended: its exit code, its last line of stdout as JSON, and both streams."""

    code: int
    told: dict[str, Any]
    out: str
    err: str


def environment() -> dict[str, str]:
    """The caller's, so that a machine's own settings hold, with plain output."""
    return {**os.environ, "COLUMNS": "120", "PYTHONUTF8": "1", "NO_COLOR": "1"}


def call(*arguments: str, cwd: Path, timeout_s: float = 150) -> Ended:
    """Run `tongchang` in a process of its own, away from the project's folder."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.command", *arguments],
        cwd=cwd, env={**environment(), "PYTHONPATH": str(ground.ROOT)},
        capture_output=True, text=True, check=False, timeout=timeout_s,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    told = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Ended(done.returncode, told, done.stdout, done.stderr)


def totals(told: dict[str, Any]) -> dict[str, str]:
    """Bidder's id → total, in the order of the ranking."""
    return {row["id"]: row["total_text"] for row in told["ranking"]}


def sample() -> dict[str, Any]:
    """The sample case, to be changed."""
    found: dict[str, Any] = json.loads(SAMPLE.read_text())
    return found


def with_one_score_changed() -> dict[str, Any]:
    """M2 gives 丙 two and a half points more on one item: enough for it to win."""
    case = copy.deepcopy(sample())
    row = case["sheets"]["01"]["M2"]["b3"]
    row["A1"] = min(row["A1"] + 250, 800)
    return case


def with_plain_mean() -> dict[str, Any]:
    """The mean of all five members instead of the trimmed one: 丙 wins (SAMPLE: turns built in)."""
    case = copy.deepcopy(sample())
    for scheme in case["plan"]["schemes"]:
        _untrim(scheme["aggregate"])
        for criterion in scheme["criteria"]:
            _untrim(criterion.get("aggregate"))
    return case


def _untrim(aggregate: dict[str, Any] | None) -> None:
    if aggregate is not None:
        aggregate.pop("trim", None)
