"""The commands that try the house: faults, benches, storms, and the second engine.

Their work is in rooms of their own, loaded only when one is called.
"""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

from pathlib import Path
from typing import Annotated

import typer

from ops import stopping
from ops.options import AsJson


def faults(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="故障名 / which fault")] = None,
    every: Annotated[bool, typer.Option("--all", help="逐一运行全部 / all, one after the other")] = False,
    long: Annotated[bool, typer.Option("--long", help="完整时长(数分钟) / as long as it may last")] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="数据留在此处 / leave the data here (default: none)"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """在真实进程上制造故障,并检查有无遗失 / Break a real stack, and judge whether anything was lost."""
    from ops.faults import catalogue
    from ops.faults import command as room

    if name is None and not every:
        room.show_all()
        return
    chosen = catalogue.FAULTS if every else (catalogue.find(name or ""),)
    if not room.run(chosen, long=long, data=data, as_json=as_json):
        raise typer.Exit(1)


def bench(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="测试名称:append、fanout 等 / which: append, fanout, …")
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="工作文件夹 / work folder (default: .tongchang/bench)"),
    ] = None,
    as_json: AsJson = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="极小规模,只验证能否运行 / tiny numbers, only to see it work")
    ] = False,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="FILE", help="结果写入此文件 / put the result into this file's section"
        ),
    ] = None,
) -> None:
    """与对照程序或极限交替测量性能 / Measure against a peer or a limit, in turn."""
    from ops.bench import benches as room
    from ops.bench import report

    found, facts = stopping.until_interrupted(room.bench(name, data, quick=quick, keep=keep))
    if as_json:
        print(report.as_json(found, facts), flush=True)
    else:
        print(report.section(found, facts, f"tongchang bench {name}"), flush=True)
    if found.faults:
        raise typer.Exit(1)


def storm(
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, help="多少场 / how many sessions")
    ] = 200,
    first: Annotated[int, typer.Option("--from", metavar="S", min=0, help="首个种子 / the first seed")] = 0,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="重演一场 / play one seed again")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", metavar="J", min=1, help="进程数 / processes")] = 1,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="每场一行 JSON / a line of JSON for each")
    ] = None,
    safety: Annotated[
        bool,
        typer.Option("--safety", help="故障不停,只查不可违背之事 / faults never end; only promises count"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """在模拟的网络、磁盘与时间上反复评审,查找错误 / Hold evaluations in a simulated world and judge them."""
    from ops import storm as room

    wanted = range(first, first + seeds) if seed is None else range(seed, seed + 1)
    if not room.storm(wanted, jobs, as_json=as_json, log=log, safety=safety):
        raise typer.Exit(1)


def agree(
    tenders: Annotated[
        int, typer.Option("--tenders", metavar="N", min=1, help="多少个标段 / how many tenders")
    ] = 10_000,
    first: Annotated[int, typer.Option("--from", metavar="S", min=0, help="首个种子 / the first seed")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", metavar="J", min=1, help="进程数 / processes")] = 1,
    as_json: AsJson = False,
) -> None:
    """以独立编写的第二套程序核对评审结果 / Check results against an engine that was written apart."""
    from ops import agree as room

    if not room.agree(range(first, first + tenders), jobs, as_json=as_json):
        raise typer.Exit(1)
