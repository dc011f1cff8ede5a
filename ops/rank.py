"""`tongchang rank CASE.json [--json]`: the ranking of a case file, or what is wrong with it (案例排序命令).

Owns: what the command prints and its exit codes: 0 ranked, 1 the case has errors, 2 the file cannot be
read. Must not know: how a ranking is worked out.

With `--json` exactly one line goes to stdout: an object with `ranking`, or one with `errors`.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.ranked import RankedLot, rank_case
from protocol.methods.evaluation import Row
from protocol.plan.case import Bidder, Case, read_case
from protocol.plan.findings import Finding, with_lines
from protocol.plan.stages import lot_of, points_text, scheme_of
from protocol.plan.validate import validate_case

RANKED: Final = 0
CASE_WRONG: Final = 1
UNREADABLE: Final = 2

_THAN: Final = {
    "mean": "按平均报价 by the mean",
    "mean_of_others": "按其他报价平均值 by the others' mean",
    "lowest_of_others": "按其他报价最低者 by the others' lowest",
    "ceiling": "按最高投标限价 by the ceiling",
    "reference": "按标底 by the reference price",
}
"""What a low price was held against."""

WIDTH_MIN: Final = 110
"""Columns of a table where the output is no terminal."""

_STATUS: Final = {"below_pass": "未达及格分 below pass mark", "not_qualified": "未入围 not qualified"}


def rank(path: Path, as_json: bool) -> int:
    """Rank the case in a file and print the result.

    Args:
        path: the case file.
        as_json: one line of JSON on stdout instead of tables.

    Returns:
        The exit code: 0 ranked, 1 the case has errors, 2 the file cannot be read.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        unread = Finding(
            code="CannotRead",
            severity="error",
            pointer="",
            line=0,
            zh=f"无法读取文件“{path}”:{reason}。请检查路径和权限。",
            en=f"Cannot read the file “{path}”: {reason}. Check the path and its permissions.",
        )
        _print_errors(path, (unread,), as_json=as_json)
        return UNREADABLE
    case = read_case(text)
    if not isinstance(case, Case):
        _print_errors(path, case, as_json=as_json)
        return CASE_WRONG
    warnings = validate_case(case, text)
    found = rank_case(case)
    lots = tuple(one for one in found if isinstance(one, RankedLot))
    if not lots:
        faults = tuple(one for one in found if isinstance(one, Finding))
        _print_errors(path, with_lines(faults, {}), as_json=as_json)
        return CASE_WRONG
    if as_json:
        _print_line(_as_json(case, lots, warnings))
    else:
        _print_tables(case, lots, warnings)
    return RANKED


# --- one line of JSON ---------------------------------------------------------------------------------------


def _print_line(value: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def _as_json(case: Case, lots: tuple[RankedLot, ...], warnings: tuple[Finding, ...]) -> dict[str, Any]:
    """The object of `--json`; with several lots `ranking` is the first one's and `lots` holds all."""
    every = [_lot_json(case, one) for one in lots]
    known = [one.matches_expected for one in lots if one.matches_expected is not None]
    return {
        "case": case.id,
        "title": case.plan.title,
        "notice": case.plan.notice_zh,
        **every[0],
        "matches_expected": all(known) if known else None,
        "source": case.source.text,
        "partial": case.source.partial,
        "contradicts": case.source.contradicts,
        "warnings": [_finding_json(one) for one in warnings],
        "lots": every,
    }


def _lot_json(case: Case, one: RankedLot) -> dict[str, Any]:
    names = {bidder.id: bidder for bidder in case.bidders}
    evaluation = one.evaluation
    return {
        "lot": one.lot,
        "ranking": [_row_json(names[row.bidder], row) for row in one.rows if row.rank],
        "unranked": [_row_json(names[row.bidder], row) for row in one.rows if not row.rank],
        "bounds": [
            {
                "bidder": names[bound.bidder].name,
                "id": bound.bidder,
                "code": names[bound.bidder].code,
                "lower": msgspec.Raw(bound.lower.encode()),
                "upper": msgspec.Raw(bound.upper.encode()),
            }
            for bound in one.bounds
        ],
        "mean_price": evaluation.mean_price,
        "base_price": evaluation.base_price,
        "draws": evaluation.draws,
        "low_prices": [msgspec.to_builtins(one) for one in evaluation.low_prices or ()],
        "deviations": [msgspec.to_builtins(one) for one in evaluation.deviations if one.over],
        "mismatches": [msgspec.to_builtins(one) for one in evaluation.mismatches],
        "blocked": evaluation.blocked,
        "matches_expected": one.matches_expected,
        "differences": list(one.differences),
    }


def _row_json(bidder: Bidder, row: Row) -> dict[str, Any]:
    # `total` is written as it stands, so that no number is rounded on its way into JSON.
    return {
        "bidder": bidder.name,
        "id": bidder.id,
        "code": bidder.code,
        "rank": row.rank or None,
        "tied": row.tied,
        "candidate": row.candidate,
        "status": row.status,
        "total": msgspec.Raw(row.total.encode()) if row.total else None,
        "total_text": row.total,
        "price": row.price,
        "evaluated_price": row.evaluated_price or row.price,
        "parts": {part.criterion: part.points for part in row.parts},
    }


def _finding_json(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "line": found.line,
        "pointer": found.pointer,
        "zh": found.zh,
        "en": found.en,
    }


# --- tables -------------------------------------------------------------------------------------------------


def _print_errors(path: Path, found: Iterable[Finding], *, as_json: bool) -> None:
    if as_json:
        _print_line({"errors": [_finding_json(one) for one in found]})
        return
    console = _console(stderr=True)
    console.print(f"[bold red]无法排序 Cannot rank[/]  {escape(str(path))}", soft_wrap=True)
    _print_findings(console, found)


def _print_findings(console: Console, found: Iterable[Finding]) -> None:
    for one in found:
        style, zh, en = ("red", "错误", "error") if one.severity == "error" else ("yellow", "提示", "warning")
        where = f"第 {one.line} 行 line {one.line}" if one.line else "文件 file"
        console.print(
            f"[{style}]{zh} {en}[/] {where}  [bold]{one.code}[/]  [dim]{escape(one.pointer)}[/]",
            soft_wrap=True,
        )
        console.print(f"    {escape(one.zh)}", soft_wrap=True)
        console.print(f"    {escape(one.en)}", soft_wrap=True)


def _console(*, stderr: bool = False) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH_MIN)
    return console


def _print_tables(case: Case, lots: tuple[RankedLot, ...], warnings: tuple[Finding, ...]) -> None:
    console = _console()
    title = f"{case.plan.title}  {case.plan.title_en}".strip()
    console.print(f"[bold]{escape(title)}[/]", soft_wrap=True)
    for notice in (case.plan.notice_zh, case.plan.notice_en):
        if notice:
            console.print(f"[yellow]{escape(notice)}[/]", soft_wrap=True)
    for one in lots:
        _print_lot(console, case, one)
    for zh, en, note in (
        ("来源", "Source", case.source.text),
        ("来源不完整", "The source is partial", case.source.partial),
        ("来源有出入", "The source is at odds", case.source.contradicts),
    ):
        if note:
            console.print(f"[bold]{zh} {en}[/]  {escape(note)}", soft_wrap=True)
    _print_findings(_console(stderr=True), warnings)


def _print_lot(console: Console, case: Case, one: RankedLot) -> None:
    names = {bidder.id: bidder for bidder in case.bidders}
    lot = lot_of(case.plan, one.lot)
    criteria = scheme_of(case.plan, one.lot).criteria
    table = Table(title=f"{lot.zh} {lot.en}".strip(), title_justify="left")
    table.add_column("名次\nRank", justify="right")
    table.add_column("代号\nCode")
    table.add_column("投标人\nBidder", overflow="fold")
    table.add_column(f"报价({lot.unit or lot.currency})\nPrice", justify="right")
    deducted = any(isinstance(row.evaluated_price, str) for row in one.rows)
    if deducted:
        table.add_column("评审价格\nEvaluated", justify="right")
    for criterion in criteria:
        table.add_column(f"{criterion.zh}\n{criterion.en or criterion.id}", justify="right", overflow="fold")
    table.add_column("合计\nTotal", justify="right")
    for row in one.rows:
        points = {part.criterion: part.points for part in row.parts}
        place = f"{row.rank}{' 并列 tied' if row.tied else ''}" if row.rank else _STATUS[row.status]
        table.add_row(
            place,
            escape(names[row.bidder].code),
            escape(names[row.bidder].name),
            row.price or "—",
            *([row.evaluated_price or "—"] if deducted else []),
            *(points.get(criterion.id, "—") for criterion in criteria),
            row.total or "—",
            style="bold" if row.rank == 1 else None,
        )
    prices = {bid.bidder: bid.price for bid in case.bids if bid.lot == one.lot}
    for bound in one.bounds:
        open_cells = ["?"] * len(criteria)
        bidder = names[bound.bidder]
        table.add_row(
            "?",
            escape(bidder.code),
            escape(bidder.name),
            prices.get(bound.bidder) or "—",
            *(["—"] if deducted else []),
            *open_cells,
            f"{bound.lower} … {bound.upper}",
        )
    console.print(table)
    for step in one.steps:
        console.print(f"  · {escape(step.zh)}", soft_wrap=True)
        console.print(f"    [dim]{escape(step.en)}[/]", soft_wrap=True)
    _print_checks(console, case, one)


def _print_checks(console: Console, case: Case, one: RankedLot) -> None:
    names = {bidder.id: bidder for bidder in case.bidders}
    for far in one.evaluation.deviations:
        if far.over:
            who, what = names[far.bidder].code, far.criterion or "总分 total"
            console.print(
                f"  [yellow]畸高畸低 Abnormal[/]  {far.seat} → {who} {what}: {far.points}, "
                f"均值 mean {far.mean}, {far.percent}%  须书面说明 explain in writing",
                soft_wrap=True,
            )
    for low in one.evaluation.low_prices or ():
        console.print(
            f"  [yellow]异常低价 Low price[/]  {names[low.bidder].code}: 低于 below {low.limit} "
            f"({_THAN[low.than]})  须书面说明 explain in writing",
            soft_wrap=True,
        )
    for differ in one.evaluation.mismatches:
        scores = ", ".join(f"{seat} {points_text(score)}" for seat, score in differ.scores.items())
        wait = ";更正前不得汇总 blocked until corrected" if one.evaluation.blocked else ""
        console.print(
            f"  [red]客观分不一致 Objective item differs[/]  {names[differ.bidder].code} {differ.criterion}: "
            f"{scores}{wait}",
            soft_wrap=True,
        )
    if one.matches_expected is True:
        console.print("  [green]与公布结果一致 Matches what is expected[/]")
    for difference in one.differences:
        console.print(
            f"  [red]与公布结果不符 Differs from what is expected[/]  {escape(difference)}", soft_wrap=True
        )
