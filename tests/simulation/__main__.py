"""Play seeds again: `python -m tests.simulation --seed N`, or `--seeds N --from S`."""

import argparse
import json
import sys

from tests.simulation import planted
from tests.simulation.storm import as_json, storm


def main() -> int:
    """Play the seeds asked for; 1 when the judge has found something."""
    words = argparse.ArgumentParser(prog="python -m tests.simulation")
    words.add_argument("--seed", type=int, help="one seed, played again")
    words.add_argument("--seeds", type=int, default=20, help="how many seeds")
    words.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    words.add_argument("--jobs", type=int, default=1, help="processes")
    words.add_argument("--bug", default="", choices=["", *planted.BUGS], help="a planted bug")
    words.add_argument("--safety", action="store_true", help="faults never end; only promises count")
    asked = words.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.seed is not None:
        seeds = range(asked.seed, asked.seed + 1)
    found = storm(seeds, asked.jobs, bug=asked.bug, safety=asked.safety)
    for report in found.failures:
        told = (f"seed {report.seed}: {', '.join(report.faults)}", *report.findings, report.replay)
        sys.stdout.write("\n  ".join(told) + "\n")
    sys.stdout.write(json.dumps(as_json(found), ensure_ascii=False) + "\n")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
