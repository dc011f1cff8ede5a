"""The `tongchang` command: what can be typed, and what a person is told about it.

Owns arguments, help and exit codes; each command's work is in a room of its own, imported only when it is
called, so that `--help` is quick. A fault of the person's is a sentence in both languages, never a traceback:
1 something went wrong, 2 the call itself was wrong, 130 stopped by Ctrl-C.
"""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import asyncio
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer._click import exceptions as misuse

from ops import archive_commands, misused, province_commands, stopping, trouble, witness_commands
from ops import record_commands as records
from ops import trial_commands as trials
from ops.bidder import commands as bidder
from ops.bids import commands as bids
from ops.ca.commands import ca_app, cert_app
from ops.ceremony import commands as ceremony
from ops.custodian import commands as custodian
from ops.options import (
    AsJson,
    CaseFile,
    Config,
    Coordinators,
    Cosigners,
    Data,
    MediaWorkers,
    PortsFrom,
    Postgres,
    Rules,
    Seed,
    SupportBundle,
    WithRedis,
)
from ops.signing import commands as signing
from ops.trouble import Trouble
from ops.ukey import commands as ukey
from ops.verify import commands as verifier

if TYPE_CHECKING:
    from ops.act import Played
    from ops.scripts.scripted import Scripted

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
def media(config: Config) -> None:
    """运行音视频转发进程 / Run a media worker: it forwards pictures and sound to those who may see them."""
    _become("server.media", config)


@app.command()
def source(config: Config) -> None:
    """运行会场摄像机接入进程 / Publish a venue's own cameras: it reads V4L2, RTSP and files."""
    _become("server.media.cameras", config)


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
    media_workers: MediaWorkers = None,
    rules: Rules = None,
) -> None:
    """在本机启动全部进程,并列出各席位的网址与代码 / Start everything here; show who opens what."""
    from ops import places
    from ops import up as room
    from ops.backing import Size

    options = room.Options(
        data=data or places.standing_data(), ports_from=ports_from, case=case, seed=_seed(seed),
        session=session, restart=restart,
        size=Size(coordinators, postgres, redis, cosigners, media_workers=media_workers),
        landing=landing, browser=browser, rules=rules or "",
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
    media_workers: MediaWorkers = None,
    rules: Rules = None,
) -> None:
    """自动扮演各席位,将评审进行到底 / Play the people of a whole evaluation to the end."""
    from ops import act as room
    from ops import show
    from ops.backing import Size
    from ops.scripts import catalogue

    if script == "list":
        catalogue.show_all()
        return
    if script is not None and (case is not None or rules is not None):
        raise Trouble(
            "脚本自带案例与规则版本,请去掉 --case 与 --rules。",
            "A script has its own case and rules: leave out --case and --rules.",
            2,
        )
    scripted = None if script is None else catalogue.find(script).over_the_stack()
    if scripted is not None:
        show.notice(f"脚本 {scripted.name}:{scripted.zh}", f"Script {scripted.name}: {scripted.en}")
    options = room.Options(
        own_stack=own_stack, data=data, case=case, seed=_seed(seed), record=record, pace_ms=pace,
        humans=frozenset(humans or ()), ports_from=ports_from, script=scripted, rules=rules or "",
        size=Size(coordinators, postgres, redis, cosigners, media_workers=media_workers),
    )  # fmt: skip
    with show.Progress() as progress:
        played = stopping.until_interrupted(room.act(options, progress))
    _tell(played, scripted, as_json=as_json)


def _tell(played: "Played", scripted: "Scripted | None", *, as_json: bool) -> None:
    """What an evaluation came to, and where it lies."""
    from ops import result, show

    show.ranking(played.result, show.console if as_json else show.asked())
    show.notice(f"记录:{played.record}", f"Record: {played.record}")
    show.notice(f"归档文件,已独立核验有效:{played.archive}", f"Archive, verified valid: {played.archive}")
    if played.signed is not None:
        show.notice(f"签署报告:{played.signed.report}", f"Signed report: {played.signed.report}")
    if as_json:
        more: dict[str, object] = {"archive": str(played.archive), "policy": str(played.policy)}
        more |= {"verified": "valid", "archived_ms": played.archived_ms}
        more |= {} if played.signed is None else played.signed.told()
        more |= {} if scripted is None else {"script": scripted.name, **played.course()}
        print(result.as_json(played.result, played.record, more), flush=True)


app.command()(records.rank)
app.command()(records.replay)
app.command()(records.play)
app.command()(records.receipt)
app.command()(verifier.verify)
app.command("policy")(records.policy_)
app.command("draw")(records.draw_)
app.add_typer(province_commands.app)
app.add_typer(archive_commands.app)
app.add_typer(custodian.app)
app.add_typer(ceremony.app)
app.add_typer(witness_commands.app)
app.add_typer(signing.app)
app.command()(signing.tsa)

app.command("seal")(bids.seal)
app.command("inspect")(bids.inspect)
app.command("unlock")(bids.unlock)
app.command("upload")(bidder.upload)
app.command("bidder")(bidder.bidder)
app.add_typer(bidder.bid_app)


pool_app = typer.Typer(name="pool", help="专家库 / Expert pools.", no_args_is_help=True)
app.add_typer(pool_app)
app.add_typer(cert_app)
app.add_typer(ca_app)
app.command("ukey")(ukey.ukey)


pool_app.command("check")(records.pool_check)
app.command()(records.report)
app.command()(records.documents)
app.command()(trials.faults)


@app.command()
def doctor(data: Data = None, as_json: AsJson = False, support_bundle: SupportBundle = None) -> None:
    """检查本机是否适合运行 / Check whether this machine is fit to run it."""
    from ops import places
    from ops.doctor import command as room

    if not room.run(data or places.standing_data(), as_json=as_json, bundle=support_bundle):
        raise typer.Exit(1)


app.command()(trials.bench)
app.command()(trials.storm)
app.command()(trials.agree)


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
        code = trouble.STOPPED
    sys.exit(code if isinstance(code, int) else 0)


def _commands() -> list[str]:
    """Every command by name, in the order of the help."""
    named = [one.name or (one.callback.__name__ if one.callback else "") for one in app.registered_commands]
    groups = [group.typer_instance.info.name for group in app.registered_groups if group.typer_instance]
    return [*named, *(name for name in groups if isinstance(name, str))]


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
