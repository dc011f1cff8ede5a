"""The end of a session: its record, its result, and what another rule would have made of the same scores.

Owns the files that can be taken away (record, report, workbook) and the comparison with the plain mean. All
of it comes from the record alone, by the protocol's own methods.
"""

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ops import act, stack
from ops.installation import Installation
from ops.result import Ranked
from ops.trouble import Trouble
from ops.verify import commands as verifier
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


class Files(Struct, frozen=True):
    """The archive, found valid by the single-file verifier under the policy from before the first entry.

    `signed` is the report as everybody signed it, where they did.
    """

    archive: Path
    policy: Path
    signed: Path | None


class Ending(Struct, frozen=True):
    """What a session came to; `otherwise` is empty where no rule drops members' totals.

    `files` are made last; None until then, and of a session whose policy was not written before it began.
    """

    rows: tuple[Ranked, ...]
    otherwise: tuple[Otherwise, ...]
    outcome: str
    entries: int
    record: Path
    session: str = ""
    files: Files | None = None


async def conclude(found: Installation, case: Case, session: str) -> Ending:
    """The checked record of an archived session, and its result.

    Raises:
      Trouble: as `act.conclude`.
    """
    played = await act.conclude(found, case, session, act.Options())
    told = played.result
    otherwise = await asyncio.to_thread(_otherwise, played.record)
    return Ending(told.rows, otherwise, told.outcome.hex(), told.entries, played.record, session)


async def hand_out_policy(found: Installation, session: str) -> None:
    """Write what a session's archive will be judged by, before its first entry.

    Raises:
      Trouble: the installation has no log, or the file cannot be written.
    """
    room = await asyncio.to_thread(importlib.import_module, "ops.archiving")
    await room.hand_out_policy(found, session)


async def archive(found: Installation, end: Ending) -> Files | None:
    """The archive of a session that has ended, verified by the single-file verifier.

    Raises:
      Trouble: it cannot be made, or is not found valid.
    """
    room = await asyncio.to_thread(importlib.import_module, "ops.archiving")
    policy: Path = room.policy_path(found, end.session)
    if not await asyncio.to_thread(policy.exists):
        return None
    signing = await asyncio.to_thread(importlib.import_module, "ops.signing.kept")
    signed = await asyncio.to_thread(signing.kept, found, end.record)
    made = await room.make(found, end.session, end.record, end.entries, signed)
    await asyncio.to_thread(verifier.require_valid, made, policy)
    return Files(made, policy, None if signed is None else signed.report)


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
