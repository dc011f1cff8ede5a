"""`tongchang faults`: what the command shows and prints about faults.

Owns tables and lines for people, and the one line of JSON.
"""

import asyncio
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ops import show, stopping
from ops.faults import catalogue, found, volume
from ops.faults.catalogue import Fault
from ops.faults.found import Report
from ops.trouble import Trouble


def show_all() -> None:
    """The list of faults."""
    table = Table(box=None, title="故障 faults", title_justify="left")
    for heading in ("NAME", "", "秒 s", "--long"):
        table.add_column(heading, justify="right" if heading.endswith(("s", "long")) else "left")
    for fault in catalogue.FAULTS:
        what = f"{fault.zh} / {fault.en}"
        table.add_row(fault.name, what, f"{fault.short_ms / 1000:g}", f"{fault.long_ms / 1000:g}")
    show.asked().print(table)


def run(chosen: tuple[Fault, ...], *, long: bool, data: Path | None, as_json: bool) -> bool:
    """Run faults one after the other; whether nothing was lost in any.

    Raises:
      Trouble: this machine gives no small disk where one is needed.
    """
    if any(fault.small_disk for fault in chosen):
        volume.within_private_mounts()
    reports: list[Report] = []
    for fault in chosen:
        folder = data / fault.name if data is not None else None
        if folder is not None and folder.exists():
            raise Trouble(
                f"{folder} 已存在。请用 --data 指定新的文件夹。",
                f"{folder} exists already. Name a new folder with --data.",
                2,
            )
        show.notice(f"{fault.zh} …", f"{fault.name}: {fault.en} …")
        report = asyncio.run(_until_stopped(fault, long, folder))
        _show(report)
        reports.append(report)
    if as_json:
        print(found.as_json(tuple(reports)), flush=True)
    return all(report.ok for report in reports)


async def _until_stopped(fault: Fault, long: bool, folder: Path | None) -> Report:
    """Run a fault; Ctrl-C and SIGTERM end its stack in good order.

    Raises:
      Trouble: it was stopped.
    """
    stop = asyncio.Event()
    with stopping.stop_signals(stop.set):
        report = await stopping.until_stopped(catalogue.run(fault, long=long, data=folder), stop)
    if report is None:
        raise Trouble("已中止。", "Stopped.", 130)
    return report


def _show(report: Report) -> None:
    out = show.console
    out.print(f"  {escape(report.injected)}", soft_wrap=True)
    for one in report.seen:
        out.print(f"  [green]✓[/] {escape(one)}", soft_wrap=True)
    for one in report.findings:
        out.print(f"  [red]✗[/] {escape(one)}", soft_wrap=True)
    if report.rows:
        table = Table(box=None)
        for number, heading in enumerate(report.headings):
            table.add_column(heading, justify="right" if number else "left", no_wrap=True)
        for row in report.rows:
            table.add_row(*row)
        out.print(table)
    figures = "  ".join(f"{name} {number:g}" for name, number in report.figures.items())
    out.print(f"  [dim]{figures}  took_ms {report.took_ms}[/]", soft_wrap=True)
