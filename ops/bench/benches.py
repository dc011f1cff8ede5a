"""`tongchang bench NAME`: the benchmarks by name, and what is done with what they find.

Owns the list and the order: measure, tell, keep the section where asked. See `RESULTS.md` for the last run.
"""

import importlib
from pathlib import Path
from typing import Any, Final

from ops import files, places
from ops.bench import machine, report
from ops.bench.report import Report
from ops.trouble import Trouble

BENCHES: Final[dict[str, tuple[str, str]]] = {
    "append": ("持久化写入", "durable appends, against fdatasync"),
    "fanout": ("推送至一千个接收端", "one session to a thousand receivers, against Node's socket.io"),
    "submit": ("提交至最后一屏", "an act to the last of 300 screens, against fdatasync and bare sockets"),
    "resume": ("五百个连接同时恢复", "500 lines come back at once without a gap, against bare reading"),
    "seal": ("标书加密与解密", "bids sealed and opened in both suites, against the bare AEAD"),
    "opening": ("开标解密", "thirty bids opened by five custodians and a venue"),
    "readable": (
        "大标书开标可读",
        "five bids of 100 MB opened at four venues, against cipher and digest alone",
    ),
    "ledger": ("存证账本", "checking, growing and cosigning a record, against signatures and fdatasync"),
    "media": ("音视频转发", "what one more viewer of a camera costs, against Janus and MediaRelay"),
    "sessions": ("可承载的会话数", "how many sessions of 13 connections stay below 300 ms"),
}
"""Benchmarks by name, each a module of this room with `run`: in Chinese and in English."""


async def bench(
    name: str, data: Path | None, *, quick: bool, keep: Path | None
) -> tuple[Report, dict[str, Any]]:
    """Run one benchmark; its report and the machine's facts.

    Args:
      name: which.
      data: where it works and keeps its peers; None for the clone's own folder.
      quick: tiny numbers, to see that it works; its figures say nothing.
      keep: the file whose section is to be replaced by this run's.

    Raises:
      Trouble: there is no such benchmark, or it could not be run.
    """
    if name not in BENCHES:
        names = "、".join(BENCHES)
        raise Trouble(
            f"没有基准测试 {name};现有:{names}。", f"There is no benchmark {name}; there are: {names}.", 2
        )
    folder = files.make_folder((data or places.home() / "bench").absolute())
    facts = machine.facts()
    found: Report = await importlib.import_module(f"ops.bench.{name}").run(folder, quick=quick)
    facts["load_after"] = machine.load()
    if keep is not None:
        command = f"tongchang bench {name} --json" + (" --quick" if quick else "")
        report.keep(keep, found, facts, command)
    return found, facts
