"""The end of a session: its record, its result, and what another rule would have made of the same scores.

Owns the files that can be taken away (record, report, workbook) and the comparison with the plain mean. All
of it comes from the record alone, by the protocol's own methods.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ops import act, stack
from ops.installation import Installation
from ops.result import Ranked
from ops.trouble import Trouble
from protocol import record
from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs
from protocol.plan.case import Case
from protocol.plan.plan import Criterion, Plan, Scheme
from protocol.session import tally

REPORT_S: Final = 120.0
"""How long setting a report may take."""


class Otherwise(Struct, frozen=True):
    """A bidder under the plain mean of all members: rank and total; rank 0 where it has none."""

    lot: str
    id: str
    rank: int
    total: str


class Ending(Struct, frozen=True):
    """What a session came to; `otherwise` is empty where no rule drops members' totals."""

    rows: tuple[Ranked, ...]
    otherwise: tuple[Otherwise, ...]
    outcome: str
    entries: int
    record: Path


async def conclude(found: Installation, case: Case, session: str) -> Ending:
    """The checked record of an archived session, and its result.

    Raises:
      Trouble: as `act.conclude`.
    """
    played = await act.conclude(found, case, session, act.Options())
    told = played.result
    otherwise = await asyncio.to_thread(_otherwise, played.record)
    return Ending(told.rows, otherwise, told.outcome.hex(), told.entries, played.record)


def report_of(path: Path) -> tuple[Path, Path]:
    """Where a record's report and workbook lie, made or not."""
    return path.with_suffix(".pdf"), path.with_suffix(".xlsx")


async def make_report(path: Path) -> None:
    """Have a record's report and workbook made beside it, in a process of their own.

    Raises:
      Trouble: they are not made.
    """
    pdf, xlsx = report_of(path)
    if pdf.exists() and xlsx.exists():
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.command", "report", str(path), "--pdf", str(pdf), "--xlsx", str(xlsx),
        cwd=stack.PROJECT, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(REPORT_S):
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        raise Trouble(
            f"评标报告未能生成。请运行 tongchang report {path} 查看原因。",
            f"The report was not made. Run tongchang report {path} to see why.",
        )


def _otherwise(path: Path) -> tuple[Otherwise, ...]:
    """Every lot ranked once more with the plain mean of all members' points."""
    read = record.read(path.read_bytes())
    state = record.replay(read)
    plan: Plan | None = read.disclosed.get_value(state.plan, Plan)
    if plan is None:
        return ()
    plain = replace(plan, schemes=tuple(_untrimmed(scheme) for scheme in plan.schemes))
    if plain == plan:
        return ()
    found = []
    for _, track in sorted(state.tracks.items()):
        inputs = tally.inputs(state, track, read.disclosed)
        told = evaluate(plain, track.lot, inputs) if isinstance(inputs, Inputs) else ()
        if isinstance(told, Evaluation):
            found += [Otherwise(track.lot, row.bidder, row.rank, row.total) for row in told.rows]
    return tuple(found)


def _untrimmed(scheme: Scheme) -> Scheme:
    criteria = tuple(_untrimmed_item(one) for one in scheme.criteria)
    return replace(scheme, aggregate=replace(scheme.aggregate, trim=None), criteria=criteria)


def _untrimmed_item(one: Criterion) -> Criterion:
    return one if one.aggregate is None else replace(one, aggregate=replace(one.aggregate, trim=None))
