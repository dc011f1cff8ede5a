"""The `tongchang` command: what can be typed, and what a person is told about it.

Owns arguments, help and exit codes; each command's work is in a room of its own, imported only when it is
called, so that `--help` is quick. A fault of the person's is a sentence in both languages, never a traceback:
1 something went wrong, 2 the call itself was wrong, 130 stopped by Ctrl-C.
"""

# tidy: long because every command of the house has its few lines here.

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import asyncio
import runpy
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from typer._click import exceptions as misuse

from ops import archive_commands, misused, trouble, witness_commands
from ops.bids import commands as bids
from ops.ca.commands import ca_app, cert_app
from ops.custodian import commands as custodian
from ops.options import (
    AsJson,
    CaseFile,
    Config,
    Coordinators,
    Cosigners,
    Data,
    PortsFrom,
    Postgres,
    Seed,
    SupportBundle,
    WithRedis,
)
from ops.trouble import Trouble

STOPPED = 130
T = TypeVar("T")

app = typer.Typer(
    name="tongchang",
    help="同场:跨省远程异地评标。\n\nTongchang: one evaluation, experts in several provinces.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def server(config: Config) -> None:
    """运行协调系统 / Run the coordinator."""
    _become("server", config)


@app.command("main-venue")
def main_venue(config: Config) -> None:
    """运行主场节点 / Run a main venue's node."""
    _become("main_venue", config)


@app.command("sub-venue")
def sub_venue(config: Config) -> None:
    """运行副场节点 / Run a sub-venue's node."""
    _become("sub_venue", config)


@app.command()
def cosigner(config: Config) -> None:
    """运行联署节点 / Run a cosigner: it keeps and cosigns the heads of logs."""
    _become("sub_venue.cosigner", config)


@app.command()
def up(
    data: Data = None,
    ports_from: PortsFrom = None,
    case: CaseFile = None,
    seed: Seed = None,
    session: Annotated[
        bool,
        typer.Option("--session/--no-session", help="是否备好示例会话 / have a session ready for its people"),
    ] = True,
    restart: Annotated[
        bool, typer.Option("--restart/--no-restart", help="进程意外退出后重启 / start again what died")
    ] = True,
    landing: Annotated[
        bool, typer.Option("--landing/--no-landing", help="是否提供演示首页 / serve the landing page")
    ] = True,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="是否用浏览器打开 / open it where there is a desktop"),
    ] = True,
    coordinators: Coordinators = None,
    postgres: Postgres = None,
    redis: WithRedis = None,
    cosigners: Cosigners = None,
) -> None:
    """在本机启动全部进程,并列出各席位的网址与代码 / Start everything here; show who opens what."""
    from ops import places
    from ops import up as room
    from ops.backing import Size

    options = room.Options(
        data=data or places.standing_data(), ports_from=ports_from, case=case, seed=_seed(seed),
        session=session, restart=restart, size=Size(coordinators, postgres, redis, cosigners),
        landing=landing, browser=browser,
    )  # fmt: skip
    asyncio.run(room.up(options))


@app.command()
def act(
    own_stack: Annotated[
        bool,
        typer.Option("--up", help="自行启动并停止一套系统 / start a stack of its own"),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="数据文件夹 / data folder (default: the running stack's; a new one with --up)",
        ),
    ] = None,
    case: CaseFile = None,
    as_json: AsJson = False,
    seed: Seed = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="PATH", help="记录文件写到此处 / write the record here"),
    ] = None,
    pace: Annotated[
        int, typer.Option("--pace", metavar="MS", min=0, help="每步之前停顿 / pause before each act, ms")
    ] = 0,
    humans: Annotated[
        list[str] | None,
        typer.Option(
            "--except",
            metavar="SEAT",
            help="此席位留给真人,可多次使用 / leave this seat to a person; may be repeated",
        ),
    ] = None,
    script: Annotated[
        str | None,
        typer.Option(
            "--script",
            metavar="NAME",
            help="按脚本评审并核对结果,list 列出全部 / play a script and judge it; list names all",
        ),
    ] = None,
    ports_from: PortsFrom = None,
    coordinators: Coordinators = None,
    postgres: Postgres = None,
    redis: WithRedis = None,
    cosigners: Cosigners = None,
) -> None:
    """自动扮演各席位,将评审进行到底 / Play the people of a whole evaluation to the end."""
    from ops import act as room
    from ops import result, show
    from ops.backing import Size
    from ops.scripts import catalogue

    if script == "list":
        catalogue.show_all()
        return
    if script is not None and case is not None:
        raise Trouble("脚本自带案例,请去掉 --case。", "A script has its own case: leave out --case.", 2)
    scripted = None if script is None else catalogue.find(script).over_the_stack()
    if scripted is not None:
        show.notice(f"脚本 {scripted.name}:{scripted.zh}", f"Script {scripted.name}: {scripted.en}")
    options = room.Options(
        own_stack=own_stack, data=data, case=case, seed=_seed(seed), record=record, pace_ms=pace,
        humans=frozenset(humans or ()), ports_from=ports_from, script=scripted,
        size=Size(coordinators, postgres, redis, cosigners),
    )  # fmt: skip
    with show.Progress() as progress:
        played = _until_stopped(room.act(options, progress))
    show.ranking(played.result, show.console if as_json else show.asked())
    show.notice(f"记录:{played.record}", f"Record: {played.record}")
    show.notice(f"归档文件:{played.archive}", f"Archive: {played.archive}")
    if as_json:
        more: dict[str, object] = {"archive": str(played.archive), "policy": str(played.policy)}
        more |= {} if scripted is None else {"script": scripted.name, **played.course()}
        print(result.as_json(played.result, played.record, more), flush=True)


@app.command()
def rank(
    case: Annotated[Path, typer.Argument(metavar="CASE.json", help="案例文件 / case file")],
    as_json: AsJson = False,
) -> None:
    """按案例计算排序 / Rank a case file."""
    from ops import rank as room

    raise typer.Exit(room.rank(case, as_json))


@app.command()
def replay(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="记录文件 / record file")],
    as_json: AsJson = False,
) -> None:
    """重放一份记录,核对全部规则 / Replay a record by all the rules."""
    from ops import replay as room
    from ops import result, show

    found = room.replay(record)
    if as_json:
        print(result.as_json(found, record.absolute()), flush=True)
    else:
        show.ranking(found, show.asked())
        show.verified(found, show.asked())


@app.command()
def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="存证回执 / the receipt (tlog-proof)")],
    policy: Annotated[
        Path, typer.Option("--policy", metavar="POLICY", help="信任策略 / the trust policy (tlog-policy)")
    ],
    entry: Annotated[
        Path | None,
        typer.Option("--entry", metavar="FILE", help="记录条目 / the entry, where the receipt is without it"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对存证回执 / Check a receipt: exit 0 it holds, 1 it does not, 2 cannot decide."""
    from ops import receipt as room

    raise typer.Exit(room.check(file, policy, entry, as_json))


@app.command("policy")
def policy_(
    session: Annotated[str, typer.Option("--session", metavar="ID", help="会话编号 / the session's id")],
    data: Data = None,
) -> None:
    """输出会话的信任策略,供开评前分发 / Print a session's trust policy, to be handed over beforehand."""
    from ops import places
    from ops import policy as room

    print(room.of(data or places.standing_data(), session), end="", flush=True)


@app.command("draw")
def draw_(
    record: Annotated[
        Path | None,
        typer.Option("--verify", metavar="RECORD", help="重新抽取并核对记录 / run a record's draw again"),
    ] = None,
    pool: Annotated[
        Path | None,
        typer.Option("--pool", metavar="FILE", help="试抽:专家库文件 / a dry run from a pool file"),
    ] = None,
    want: Annotated[
        list[str] | None, typer.Option("--want", metavar="PROVINCE/SPECIALITY=N", help="试抽人数 / how many")
    ] = None,
    random: Annotated[
        list[str] | None,
        typer.Option("--random", metavar="PARTY=HEX", help="各方随机数 / each party's 32 bytes"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对记录中的抽取,或试抽 / Run the draw of a record again, or a dry one."""
    from ops import drawn as room

    if (record is None) == (pool is None):
        raise Trouble(
            "请给出 --verify RECORD 或 --pool FILE 之一。", "Give either --verify RECORD or --pool FILE.", 2
        )
    if record is not None:
        raise typer.Exit(room.show(room.verify(record), as_json))
    assert pool is not None
    raise typer.Exit(room.dry(pool, want or [], random or [], as_json))


app.add_typer(archive_commands.app)
app.add_typer(custodian.app)
app.add_typer(witness_commands.app)

app.command("seal")(bids.seal)
app.command("inspect")(bids.inspect)
app.command("unlock")(bids.unlock)


pool_app = typer.Typer(name="pool", help="专家库 / Expert pools.", no_args_is_help=True)
app.add_typer(pool_app)
app.add_typer(cert_app)
app.add_typer(ca_app)


@pool_app.command("check")
def pool_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="专家库文件,CSV 或 xlsx / pool file")],
    as_json: AsJson = False,
) -> None:
    """逐行检查专家库文件 / Check an expert pool's file row by row."""
    from ops import pool as room

    raise typer.Exit(room.check(file, as_json))


@app.command()
def report(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="记录文件 / record file")],
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="评标报告写到此处 / write the report here")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="汇总表写到此处 / write the workbook here")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="报告数据写到此处 / write the report's data here"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """仅凭记录生成评标报告(PDF/A、Excel、JSON) / Make the report from a record alone (PDF/A, Excel, JSON)."""
    from ops import report as room
    from ops import show

    made = room.report(record, pdf, xlsx, data)
    for written, zh, en in (
        (made.pdf, "评标报告", "Report"),
        (made.xlsx, "汇总表", "Workbook"),
        (made.data, "报告数据", "Data"),
    ):
        if written is not None:
            show.notice(f"{zh}:{written.path}", f"{en}: {written.path}")
    if as_json:
        print(room.as_json(made), flush=True)


@app.command()
def documents(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="写到此文件夹 / into this folder"),
    ] = None,
) -> None:
    """生成示例项目的招标、投标文件 / Make the sample tender's documents."""
    from ops import places, show
    from ops.sample import documents as room

    folder = (out or places.sample_documents()).absolute()
    made = room.ensure(folder)
    show.notice(f"{len(made)} 份示例文件:{folder}", f"{len(made)} sample documents: {folder}")


@app.command()
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


@app.command()
def doctor(data: Data = None, as_json: AsJson = False, support_bundle: SupportBundle = None) -> None:
    """检查本机是否适合运行 / Check whether this machine is fit to run it."""
    from ops import places
    from ops.doctor import command as room

    if not room.run(data or places.standing_data(), as_json=as_json, bundle=support_bundle):
        raise typer.Exit(1)


@app.command()
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

    found, facts = _until_stopped(room.bench(name, data, quick=quick, keep=keep))
    if as_json:
        print(report.as_json(found, facts), flush=True)
    else:
        print(report.section(found, facts, f"tongchang bench {name}"), flush=True)
    if found.faults:
        raise typer.Exit(1)


@app.command()
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


@app.command()
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


def main() -> NoReturn:
    """The command's entry: runs it, and turns what went wrong into sentences and an exit code."""
    try:
        code = app(standalone_mode=False)
    except misuse.NoArgsIsHelpError as error:
        print(error.format_message())
        code = 2
    except misuse.UsageError as error:
        code = misused.told(error, _commands())
    except Trouble as error:
        trouble.show(error)
        code = error.exit_code
    except typer.Abort:
        code = STOPPED
    sys.exit(code if isinstance(code, int) else 0)


def _commands() -> list[str]:
    """Every command by name, in the order of the help."""
    named = [one.name or (one.callback.__name__ if one.callback else "") for one in app.registered_commands]
    groups = [group.typer_instance.info.name for group in app.registered_groups if group.typer_instance]
    return [*named, *(name for name in groups if isinstance(name, str))]


def _until_stopped(work: Coroutine[Any, Any, T]) -> T:
    """Run some work; Ctrl-C and SIGTERM end it in good order."""
    from ops import stopping

    async def run() -> T | None:
        stop = asyncio.Event()
        with stopping.stop_signals(stop.set):
            return await stopping.until_stopped(work, stop)

    found = asyncio.run(run())
    if found is None:
        raise Trouble("已中止。", "Stopped.", STOPPED)
    return found


def _become(package: str, config: Path) -> None:
    """Go on as one process of the house: the same as `python -m PACKAGE --config FILE`."""
    if not config.is_file():
        raise Trouble(
            f"没有文件 {config}。请核对 --config 的路径;tongchang up 会生成各进程的配置。",
            f"There is no file {config}. Check the path given with --config; tongchang up makes one for "
            "every process.",
            2,
        )
    sys.argv = [package, "--config", str(config)]
    runpy.run_module(package, run_name="__main__", alter_sys=True)


def _seed(seed: int | None) -> str:
    return "" if seed is None else str(seed)


if __name__ == "__main__":
    main()
