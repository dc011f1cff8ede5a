"""A storm: many seeds, on as many processes as are wanted, and what came of all of them together.

Owns the spread over processes, the line that says how far it is, and the summary. What a run is belongs to
`run`.
"""

import gc
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from tests.simulation.run import Report, run

FREEZE_AFTER = 3
"""Runs after which what stays for good is taken out of the collector's way."""
WORLDS_KEPT_MAX = 8
"""So many worlds that are over are cleared away together; each holds some ten megabytes."""
FAILURES_SHOWN_MAX = 20


class Summary(Struct, frozen=True):
    """What came of a storm."""

    seeds: int
    failures: tuple[Report, ...]
    entries: tuple[int, ...]
    faults: tuple[int, ...]
    kinds: dict[str, int]
    simulated_s: float
    took_s: float


def storm(
    seeds: range, jobs: int, told: Callable[[Report, int], None] = lambda _report, _done: None, bug: str = "",
    *, safety: bool = False,
) -> Summary:  # fmt: skip
    """Run seeds; `told` hears of each report as it comes, and how many there are by then.

    With `safety` the weather never ends, and only what must hold at any time is judged.
    """
    began = time.monotonic()
    reports: list[Report] = []
    for report in _reports(seeds, jobs, bug, safety=safety):
        reports.append(report)
        told(report, len(reports))
    kinds = Counter(kind for report in reports for kind in report.faults)
    return Summary(
        seeds=len(reports),
        failures=tuple(sorted((one for one in reports if one.findings), key=lambda one: one.seed)),
        entries=tuple(one.entries for one in reports),
        faults=tuple(len(one.faults) for one in reports),
        kinds=dict(sorted(kinds.items())),
        simulated_s=round(sum(one.simulated_s for one in reports), 1),
        took_s=round(time.monotonic() - began, 1),
    )


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary as a machine reads it: entries and faults per run as least, median, most."""
    return {
        "seeds": summary.seeds,
        "failed": [one.seed for one in summary.failures],
        "findings": {str(one.seed): one.findings[:5] for one in summary.failures[:FAILURES_SHOWN_MAX]},
        "entries": _spread(summary.entries),
        "faults": _spread(summary.faults),
        "to_count": sum(
            1 for e, f in zip(summary.entries, summary.faults, strict=True) if e >= 150 and f >= 3
        ),
        "kinds": summary.kinds,
        "simulated_s": summary.simulated_s,
        "took_s": summary.took_s,
    }


def _spread(numbers: Iterable[int]) -> dict[str, float]:
    found = sorted(numbers) or [0]
    return {"min": found[0], "median": statistics.median(found), "max": found[-1]}


def _reports(seeds: range, jobs: int, bug: str, *, safety: bool) -> Iterator[Report]:
    work = [(seed, bug, safety) for seed in seeds]
    if jobs <= 1:
        try:
            yield from map(_one, work)
        finally:
            gc.enable()
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(_one, work)


_runs = 0


def _one(what: tuple[int, str, bool]) -> Report:
    """One run with the collector off; now and then it clears away the worlds that are over."""
    global _runs  # noqa: PLW0603 - how many runs this process has seen
    gc.disable()
    seed, bug, safety = what
    report = run(seed, bug, safety=safety)
    _runs += 1
    if _runs % WORLDS_KEPT_MAX == 0 or _runs == FREEZE_AFTER:
        gc.collect()
    if _runs == FREEZE_AFTER:
        gc.freeze()
    return report
