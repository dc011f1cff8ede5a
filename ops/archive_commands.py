"""`tongchang archive make` and `tongchang archive show`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

from pathlib import Path
from typing import Annotated

import typer

from ops.options import AsJson

app = typer.Typer(name="archive", help="会话归档文件 / Archives of sessions.", no_args_is_help=True)

Checkpoints = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", metavar="NOTE", help="经联署的检查点,可多次 / a cosigned head; repeatable"),
]


@app.command()
def make(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="记录文件 / record file")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="写到此处 / write here")] = None,
    checkpoint: Checkpoints = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="会话前取得的信任策略 / the policy from before"),
    ] = None,
    attach: Annotated[
        list[str] | None,
        typer.Option(
            "--attach", metavar="KIND=FILE",
            help="只记摘要的文件:recording、bid、document / a file kept elsewhere, by its digest",
        ),
    ] = None,
    bids: Annotated[
        Path | None,
        typer.Option(
            "--bids", metavar="FOLDER",
            help="密封投标文件所在文件夹(标段-信封/标书.tcbid),只记摘要 / sealed bids, by their digests",
        ),
    ] = None,
    withhold: Annotated[
        list[str] | None,
        typer.Option("--withhold", metavar="FIELD", help="不随附的披露,可多次 / leave these out"),
    ] = None,
    proofs: Annotated[
        bool, typer.Option("--proofs", help="不随附任何披露,只留证明 / leave all disclosures out")
    ] = False,
    signed: Annotated[
        Path | None,
        typer.Option("--signed", metavar="PDF", help="会话中签署的报告 / the report as signed"),
    ] = None,
    seal: Annotated[
        list[Path] | None,
        typer.Option("--seal", metavar="P7S", help="随附的签名,可多次 / signatures beside it"),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="LIST", help="信任列表 / the trust list its certificates count by"),
    ] = None,
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            "--evidence", metavar="CRL",
            help="吊销列表或应答,文件或文件夹,可多次 / revocation lists and answers; repeatable",
        ),
    ] = None,
    time_stamp: Annotated[
        Path | None,
        typer.Option(
            "--time-stamp", metavar="TOKEN", help="最终检查点的时间戳 / a token over the last checkpoint"
        ),
    ] = None,
    tsa: Annotated[
        str, typer.Option("--tsa", metavar="URL", help="向此处索取时间戳 / ask for that token here")
    ] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """由记录生成归档文件,同样的输入得到同样的字节 / Make the archive of a record; same inputs, same bytes."""
    import msgspec

    from ops import archive as room
    from ops import show

    made = room.make(
        record, out,
        room.Wanted(
            checkpoints=checkpoint or (), policy=policy, attached=attach or (), bids=bids,
            withheld=withhold or (), proofs=proofs, trusted=trust, evidence=evidence or (),
            stamp=time_stamp, tsa=tsa, signed=signed, beside=seal or (),
        ),
    )  # fmt: skip
    show.notice(
        f"归档文件:{made.archive}({made.members} 个成员,{made.bytes} 字节)",
        f"Archive: {made.archive} ({made.members} members, {made.bytes} bytes)",
    )
    if as_json:
        print(msgspec.json.encode(made).decode(), flush=True)


@app.command("show")
def show_command(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="归档文件 / the archive")],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="另行取得的信任策略 / a trust policy from elsewhere"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核对归档文件是否完整,并说明其内容 / See that an archive is whole, and what it holds."""
    from ops import archive as room
    from ops import show

    found, judged = room.show(archive, policy)
    if as_json:
        print(room.as_json(found, judged), flush=True)
    else:
        show.notice(*room.said(found, judged))
