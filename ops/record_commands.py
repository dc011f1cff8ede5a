"""The commands on case files, records and pools: what can be typed, and exit codes.

Their work is in rooms of their own, loaded only when one is called.
"""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

from pathlib import Path
from typing import Annotated

import typer

from ops.options import AsJson, Data
from ops.trouble import Trouble


def rank(
    case: Annotated[Path, typer.Argument(metavar="CASE.json", help="案例文件 / case file")],
    as_json: AsJson = False,
) -> None:
    """按案例计算排序 / Rank a case file."""
    from ops import rank as room

    raise typer.Exit(room.rank(case, as_json))


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


def receipt(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="存证回执 / the receipt (tlog-proof)")],
    policy: Annotated[
        Path, typer.Option("--policy", metavar="POLICY", help="信任策略 / the trust policy (tlog-policy)")
    ],
    entry: Annotated[
        Path | None,
        typer.Option("--entry", metavar="FILE", help="记录条目 / the entry, where the receipt is without it"),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="RECORD", help="会话记录或归档:列出待补签 / tell what is owed by it"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对存证回执 / Check a receipt: exit 0 it holds, 1 it does not, 2 cannot decide."""
    from ops import receipt as room

    raise typer.Exit(room.check(file, policy, entry, as_json, record))


def policy_(
    session: Annotated[str, typer.Option("--session", metavar="ID", help="会话编号 / the session's id")],
    data: Data = None,
) -> None:
    """输出会话的信任策略,供开评前分发 / Print a session's trust policy, to be handed over beforehand."""
    from ops import places
    from ops import policy as room

    print(room.of(data or places.standing_data(), session), end="", flush=True)


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


def pool_check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="专家库文件,CSV 或 xlsx / pool file")],
    as_json: AsJson = False,
) -> None:
    """逐行检查专家库文件 / Check an expert pool's file row by row."""
    from ops import pool as room

    raise typer.Exit(room.check(file, as_json))


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


def play(
    record: Annotated[
        Path, typer.Argument(metavar="RECORD", help="记录或归档文件 / the record, or the archive")
    ],
    recordings: Annotated[
        list[Path],
        typer.Option(
            "--recordings",
            metavar="DIR",
            help="录像文件夹,各会场各一个时重复给出 / the folder of recordings; again for each venue's own",
        ),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="只核对,不播放 / only compare with the record")
    ] = False,
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", min=0, max=65_535, help="端口 / port (default: any free one)"),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """回放一场评标的音视频,并与记录核对 / Play a session's recordings beside its record, and compare them."""
    from ops.play import command as room

    raise typer.Exit(
        room.check(record, recordings, as_json) if check else room.play(record, recordings, port)
    )
