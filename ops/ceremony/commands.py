"""`tongchang ceremony …`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import tempfile
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ops.options import AsJson, CaseFile

app = typer.Typer(
    name="ceremony", help="开标演练与检验 / Rehearse an opening, and try it.", no_args_is_help=True
)

Bids = Annotated[int, typer.Option("--bids", metavar="N", min=3, max=300, help="演练标书数 / dummy bids")]
NotedFor = Annotated[
    Path | None,
    typer.Option(
        "--for", metavar="DIR", help="与 --real 同用:结果记入该文件夹 / note the result in this folder"
    ),
]
By = Annotated[
    str,
    typer.Option("--by", metavar="NAME", help="与 --for 同用:演练人,默认本机用户 / who holds it"),
]
SuiteName = Annotated[str, typer.Option("--suite", metavar="NAME", help="密码套件 / gm-1 or intl-1")]


@app.command()
def rehearse(
    bids: Bids = 5,
    custodians: Annotated[int, typer.Option("--custodians", metavar="N", min=1, max=30)] = 5,
    threshold: Annotated[int, typer.Option("--threshold", metavar="T", min=1, max=30)] = 3,
    suite: SuiteName = "gm-1",
    real: Annotated[
        bool,
        typer.Option(
            "--real", help="整套真实进程:协调端、会场、托管服务、投标人 / on a whole stack of processes"
        ),
    ] = False,
    kills: Annotated[
        bool,
        typer.Option("--kills", help="与 --real 同用:途中杀死进程 / with --real: kill processes on the way"),
    ] = False,
    few: Annotated[
        bool,
        typer.Option(
            "--few",
            help="与 --real 同用:托管方不足时中断,恢复后继续 / with --real: too few custodians for a while",
        ),
    ] = False,
    faulty: Annotated[
        bool,
        typer.Option(
            "--faulty",
            help="与 --real 同用:一份标书分发有误,一个会场磁盘出错 / with --real: a bad dealer, a bad disk",
        ),
    ] = False,
    late: Annotated[
        int,
        typer.Option(
            "--late", metavar="N", min=0, max=2, help="与 --real 同用:不解密的投标人数 / who stay away"
        ),
    ] = 0,
    megabytes: Annotated[
        int,
        typer.Option(
            "--megabytes", metavar="MB", min=0, max=1000, help="与 --real 同用:每份标书大小 / each bid"
        ),
    ] = 0,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="与 --real 同用:保留数据 / keep everything here"),
    ] = None,
    case: CaseFile = None,
    noted_for: NotedFor = None,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """以演练标书走完一次开标,各托管服务为真实进程 / Hold an opening with dummy bids and real key services."""
    from ops import show
    from ops.ceremony import rehearsal

    if real:
        plan = Really(custodians, kills, few, faulty, late, megabytes)
        _really(plan, case, data=data, noted_for=noted_for, by=by, as_json=as_json)
        return
    with tempfile.TemporaryDirectory(prefix="tongchang-ceremony-") as folder:
        held = rehearsal.with_processes(bids, custodians, threshold, suite, Path(folder))
    if as_json:
        print(rehearsal.told(held).decode(), flush=True)
    show.notice(
        f"{'✓' if not held.failed else '✗'} {held.bids} 份演练标书,开启 {len(held.opened)} 份;"
        f"托管方应答 {len(held.answered)}/{held.custodians},释放 {len(held.released)};"
        f"各会场结果{'一致' if held.equal else '不一致'},用时 {held.opening_ms} 毫秒。",
        f"{held.bids} dummy bids, {len(held.opened)} opened; {len(held.answered)} of {held.custodians} key "
        f"services answered, {len(held.released)} released; venues found "
        f"{'the same' if held.equal else 'different things'}, in {held.opening_ms} ms.",
    )
    if held.failed or not held.equal:
        raise typer.Exit(1)


@app.command()
def crashes(
    count: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, max=10_000, help="次数 / how many")
    ] = 100,
    first: Annotated[int, typer.Option("--first", metavar="SEED", min=1, help="首个种子 / first seed")] = 1,
    suite: SuiteName = "intl-1",
    as_json: AsJson = False,
) -> None:
    """按种子在每一步杀死进程,重复开标 / Openings in which processes die at seeded steps, by SIGKILL."""
    import msgspec

    from ops import show
    from ops.ceremony import crashes as room
    from ops.ceremony.rehearsal import sample

    with tempfile.TemporaryDirectory(prefix="tongchang-crashes-") as folder:
        found = room.runs(sample(), count, Path(folder), suite, first)
    deaths: dict[str, int] = {}
    for run in found:
        for what, times in run.deaths.items():
            deaths[what] = deaths.get(what, 0) + times
    wrong = [run for run in found if run.wrong]
    told = {"runs": len(found), "deaths": dict(sorted(deaths.items())), "wrong": msgspec.to_builtins(wrong)}
    if as_json:
        print(msgspec.json.encode(told).decode(), flush=True)
    killed = ", ".join(f"{what} {times}" for what, times in sorted(deaths.items()))
    show.notice(
        f"{'✗' if wrong else '✓'} {len(found)} 次开标,进程被杀:{killed};有误 {len(wrong)} 次。",
        f"{len(found)} openings; processes killed: {killed}; wrong: {len(wrong)}.",
    )
    if wrong:
        raise typer.Exit(1)


class Really(NamedTuple):
    """What was asked of a rehearsal on a whole stack."""

    custodians: int
    kills: bool
    few: bool
    faulty: bool
    late: int
    megabytes: int


def _really(
    asked: Really, path: Path | None, *, data: Path | None, noted_for: Path | None, by: str, as_json: bool
) -> None:
    """The rehearsal on a whole stack: the sample's five bidders, whatever `--bids` says."""
    import asyncio

    from ops import custody, rehearsals, senses, show
    from ops.ceremony import noting, real
    from ops.trouble import Trouble

    case = real.case_of(path)
    bidders = [one.id for one in case.bidders]
    plan = real.Plan(
        custodians=asked.custodians, kills=asked.kills, late=frozenset(bidders[: asked.late]),
        few=asked.few, faulty=asked.faulty, bytes_each=asked.megabytes * 1_048_576 or 65_536,
    )  # fmt: skip
    custodians = custody.names(asked.custodians)
    held = noting.Held(case.plan.tender, noting.whose(by), senses.now_ms(), custodians)
    with tempfile.TemporaryDirectory(prefix="tongchang-opening-") as folder:
        try:
            reached = asyncio.run(real.hold(data or Path(folder), case, plan, show.notice))
        except Trouble as why:
            if noted_for is not None:
                rehearsals.note(noted_for, noting.broken(held, why, senses.now_ms()))
            raise
    if as_json:
        print(real.told(reached).decode(), flush=True)
    good = reached.phase == "OPENED" and reached.equal and not reached.leaked
    good = good and len(reached.opened) == reached.bids - asked.late - asked.faulty
    if noted_for is not None:
        rehearsals.note(noted_for, noting.reached(held, reached, senses.now_ms(), good=good))
    show.notice(
        f"{'✓' if good else '✗'} {reached.bids} 份标书,开启 {len(reached.opened)} 份;托管方应答 "
        f"{len(reached.answered)},释放 {len(reached.released)};{len(reached.reports)} 个会场结果"
        f"{'一致' if reached.equal else '不一致'};投标人末次解密后 {reached.opening_ms} 毫秒、"
        f"最后一次释放后 {reached.readable_ms} 毫秒各会场可读;"
        f"被杀进程 {len(reached.killed)};协调端泄露 {len(reached.leaked)} 处。",
        f"{reached.bids} bids, {len(reached.opened)} opened; {len(reached.answered)} custodians answered, "
        f"{len(reached.released)} released; {len(reached.reports)} venues found "
        f"{'the same' if reached.equal else 'different things'}; readable at all of them "
        f"{reached.opening_ms} ms after the last bidder's release, {reached.readable_ms} ms after the last "
        f"of all; {len(reached.killed)} processes killed; "
        f"{len(reached.leaked)} leaks at the coordinator.",
    )
    if not good:
        raise typer.Exit(1)
