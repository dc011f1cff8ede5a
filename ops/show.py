"""What the terminal shows of installation, codes, progress and results, with Rich.

Owns tables and the live display; gets plain structs and decides nothing. It goes to stderr unless a command
hands its own `out`, so that stdout stays for what was asked for.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Self

from rich.box import HEAVY, SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ops.doctor.check import Check
from ops.installation import Installation
from ops.people.listener import Listener, Seen
from ops.result import Result
from protocol import wire
from protocol.commands import Command
from protocol.session.phases import SESSION_ORDER
from protocol.views import View
from protocol.words import PHASE_TERMS, TERMS

console: Final = Console(stderr=True, highlight=False)
LAST_ACTS: Final = 8
REFRESH_HZ: Final = 8
PAGES: Final = ("agent", "tenderee", "expert", "witness", "supervisor", "keeper")
"""Roles that have a page, by the name of its folder."""


def asked() -> Console:
    """Where a command puts what it was asked for: stdout."""
    return Console(highlight=False)


def landing(url: str) -> None:
    """Where to go first, so large that nobody overlooks it."""
    asked().print(
        Panel(
            Text(f"\n  {url}  \n", style="bold", justify="center"),
            title="从这里开始 · Start here",
            subtitle="在浏览器中打开 · open it in a browser",
            box=HEAVY,
            style="green",
            expand=False,
            padding=(0, 4),
        )
    )


def addresses(installation: Installation) -> None:
    """Who is where: the pages of every node, and those of the coordinator."""
    table = Table(box=SIMPLE_HEAD, title="会场 / venues", title_justify="left")
    for heading in ("会场 venue", "", "地址 address"):
        table.add_column(heading, no_wrap=True)
    for node in installation.nodes:
        place = node.place
        kind = "主场 main" if place.role == "main" else "副场 sub"
        table.add_row(f"{place.zh} {place.en}", kind, node.url)
    table.add_row("投标人 bidders", "场外 outside", installation.bidder_url)
    table.add_row("运行总览 overview", "运维 operator", installation.overview_url)
    console.print(table)


def enrolment(installation: Installation, code: str) -> None:
    """How a first agent gets in where no session was prepared."""
    console.print(
        f"招标代理首次登录:会话填 installation,席位填 agent,代码 [bold]{code}[/]\n"
        f"  An agent's first sign-in at {installation.main.url}agent/: session installation, seat agent, "
        f"code [bold]{code}[/]",
        soft_wrap=True,
    )


def codes(
    installation: Installation,
    title: str,
    session: str,
    seats: Sequence[tuple[str, str, str]],
    found: Sequence[wire.SeatCode],
    out: Console = console,
) -> None:
    """Who opens which address with which code, venue by venue; `seats` are (seat, role, venue).

    Addresses and codes are never cut short, however narrow the terminal.
    """
    by_seat = {one.seat: one.code for one in found}
    out.print(f"[bold]{escape(title)}[/]\n会话 session: [bold]{escape(session)}[/]", soft_wrap=True)
    for node in installation.nodes:
        here = [(seat, role) for seat, role, venue in seats if venue == node.place.node and role in PAGES]
        if not here:
            continue
        kind = "主场 main venue" if node.place.role == "main" else "副场 sub-venue"
        out.print(f"\n[bold]{node.place.zh} {node.place.en}[/] · {kind}", soft_wrap=True)
        for role in dict.fromkeys(role for _, role in here):
            out.print(f"  {node.url}{role}/", soft_wrap=True)
            words = TERMS[role]
            for seat in (seat for seat, theirs in here if theirs == role):
                code = by_seat.get(seat, "—")
                out.print(f"    {seat:<20} [bold]{code:<13}[/] {words.zh} {words.en}", soft_wrap=True)


def ranking(result: Result, out: Console = console) -> None:
    """The ranking as a table, lot by lot, and the outcome's digest."""
    lots = list(dict.fromkeys(row.lot for row in result.rows))
    for lot in lots:
        table = Table(box=SIMPLE_HEAD, title=f"{result.title} · 标段 lot {lot}", title_justify="left")
        table.add_column("名次 rank", justify="right")
        table.add_column("投标人 bidder")
        table.add_column("报价 price", justify="right")
        table.add_column("得分 total", justify="right")
        for row in result.rows:
            if row.lot == lot:
                style = "bold" if row.rank == 1 else ""
                name = row.bidder if row.bidder == row.code else f"{row.code} {row.bidder}"
                place = str(row.rank) if row.rank else row.status
                table.add_row(place, name, row.price, row.total, style=style)
        out.print(table)
    out.print(f"会话 session {result.session} · 记录 entries {result.entries}")
    out.print(f"结果摘要 outcome {result.outcome.hex()}", soft_wrap=True)


def verified(result: Result, out: Console = console) -> None:
    """That a record was replayed to this result, and what that means."""
    out.print(
        f"✓ 已核对:{result.entries} 条记录的签名、规则与汇总全部一致。\n"
        f"  Verified: the signatures of all {result.entries} entries, every rule, and the tally."
    )


def checks(found: Iterable[Check], out: Console = console) -> None:
    """A line for each check: ✓ well, ✗ needed and wrong, ! wished for; the remedy below the last two."""
    for one in found:
        mark = (
            Text("✓ ", style="green") if one.ok
            else Text("✗ ", style="red") if one.needed
            else Text("! ", style="yellow")
        )  # fmt: skip
        out.print(mark.append(f"{one.zh} / {one.en}", style="default"))
        if not one.ok:
            out.print(f"    {one.remedy_zh}\n    {one.remedy_en}")


def notice(zh: str, en: str) -> None:
    """A line that something has happened."""
    console.print(f"· {zh}\n  {en}")


class Progress(Listener):
    """The live display of an evaluation being played: phase, entries, who is awaited, the last acts."""

    def __init__(self) -> None:
        """Prepare; nothing is drawn before `with`."""
        self._view: View | None = None
        self._acts: list[tuple[str, str, str]] = []
        self._live = Live(
            get_renderable=self._draw, console=console, refresh_per_second=REFRESH_HZ, transient=False
        )

    def __enter__(self) -> Self:
        """Begin to draw; where stderr is no terminal, plain lines are printed instead."""
        if console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        """Leave the last picture standing."""
        if console.is_terminal:
            self._live.stop()

    def answered(self, who: str, command: Command, answer: wire.Answer) -> None:
        """Note an act and what became of it."""
        told = (
            f"#{answer.seq}" if answer.status == "accepted" else answer.refused.code if answer.refused else ""
        )
        self._acts = [*self._acts[-(LAST_ACTS - 1) :], (who, command.type, told)]
        if not console.is_terminal:
            console.print(f"  {who:<12} {command.type:<18} {told}")

    def saw(self, person: Seen) -> None:
        """Keep the newest picture that anybody has verified."""
        assert person.view is not None
        if self._view is None or person.view.as_of.size >= self._view.as_of.size:
            self._view = person.view

    def _draw(self) -> RenderableType:
        view = self._view
        if view is None:
            return Text("准备中… / preparing …")
        done = SESSION_ORDER.index(view.phase) if view.phase in SESSION_ORDER else 0
        words = PHASE_TERMS[view.phase]
        head = Table.grid(padding=(0, 2))
        head.add_row(
            Text(f"{words.zh} {words.en}", style="bold"),
            ProgressBar(total=len(SESSION_ORDER) - 1, completed=done, width=30),
            f"seq {view.as_of.size - 1}",
        )
        for stage in view.stages:
            phase = PHASE_TERMS[stage.phase]
            sealed = f"{stage.sealed_count}/{stage.sealed_expected}"
            head.add_row(f"标段 lot {stage.lot}", f"{phase.zh} {phase.en}", f"已封存 sealed {sealed}")
        names = "、".join(f"{one.who}({one.act})" for one in view.awaited[:6]) or "—"
        acts = Table.grid(padding=(0, 2))
        for who, type_, told in self._acts:
            acts.add_row(Text(who, style="cyan"), type_, told)
        return Group(head, Text(f"等待 awaiting: {names}"), acts)
