"""`tongchang storm`: hold whole evaluations in a simulated world, one for each seed, and judge them.

Owns what a person sees of it: a line that moves, failures with the command that plays each again, a
summary. The simulator is part of the project's tests and is not installed with the command. Source: issue
3; DESIGN 9.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from ops.trouble import Trouble


def storm(seeds: range, jobs: int, *, as_json: bool, log: Path | None = None, safety: bool = False) -> bool:
    """Run the seeds, each noted in `log` as a line of JSON; False when the judge has found something.

    With `safety` the weather never ends, and only promises are judged.

    Raises:
      Trouble: the simulator is not here.
    """
    simulator = _simulator()

    def told(report: Any, done: int) -> None:
        if log is not None:
            with log.open("a", encoding="utf-8") as file:
                file.write(msgspec.json.encode(report).decode() + "\n")
        if report.findings:
            _clear()
            print(f"种子 {report.seed} / seed {report.seed}: {report.findings[0]}", file=sys.stderr)
            print(f"  {report.replay}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print(f"\r  {done}/{len(seeds)}", end="", file=sys.stderr, flush=True)

    summary = simulator.storm(seeds, jobs, told, safety=safety)
    _clear()
    found = simulator.as_json(summary)
    if len(seeds) == 1:
        for report in summary.failures:
            print(f"{', '.join(report.faults)}", *report.findings, sep="\n  ")
    if as_json:
        print(json.dumps(found, ensure_ascii=False), flush=True)
    else:
        entries = f"{found['entries']['min']}-{found['entries']['max']}"
        faults = f"{found['faults']['min']}-{found['faults']['max']}"
        wrong = len(found["failed"])
        print(f"{found['seeds']} 场,{wrong} 场有误;每场记录 {entries} 条,故障 {faults} 次。")
        print(
            f"{found['seeds']} sessions, {wrong} with findings; {entries} entries and {faults} faults each, "
            f"{found['took_s']} s."
        )
    return not summary.failures


def _simulator() -> Any:
    try:
        from tests.simulation import storm as room  # noqa: PLC0415 - the tests are not installed
    except ImportError as error:
        raise Trouble(
            "模拟器属于项目的测试,未随命令安装。请在项目文件夹中运行。",
            "The simulator is part of the project's tests and is not installed with the command. Run this in "
            "the project's folder.",
            2,
        ) from error
    return room


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
