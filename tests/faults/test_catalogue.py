"""The list of faults: what CI runs of it, and what is left to the command by hand."""

import re
from pathlib import Path

from ops.faults import catalogue

BY_HAND = {
    "kill-coordinator", "kill-venues", "clock-deadline", "line-reset", "page-deaf", "node-floods",
    "holder-killed", "postgres-failover", "redis-emptied", "media-killed", "media-soak", "media-wall",
    "media-walls",
}  # fmt: skip
"""Faults that other tests here make in their own way, or that differ little from one that is run."""


def test_every_fault_is_run_here_or_named_as_one_for_the_command() -> None:
    run = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        if file.name != Path(__file__).name:
            run |= set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', file.read_text(encoding="utf-8")))
    names = [fault.name for fault in catalogue.FAULTS]
    assert len(set(names)) == len(names)
    assert set(names) == run | BY_HAND
    assert not run & BY_HAND
