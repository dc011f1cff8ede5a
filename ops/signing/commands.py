"""What can be typed after `tongchang sign`, and `tongchang tsa`: arguments, help and exit codes only.

The work is in `ops.signing.room` and `ops.tsa`, imported when a command is called.
"""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ops.options import AsJson

app = typer.Typer(
    name="sign", help="评标报告签署与核验 / Signing a report, and checking it.", no_args_is_help=True
)

Report = Annotated[Path, typer.Argument(metavar="FILE", help="评标报告 PDF / the report")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="写到此处 / write here")]
Trust = Annotated[Path, typer.Option("--trust", metavar="LIST", help="信任列表 / the trust list")]
Deemed = Annotated[
    list[str] | None,
    typer.Option("--deemed", metavar="SEAT", help="视为同意的席位,可多次 / deemed to agree; repeatable"),
]
Dissented = Annotated[
    list[str] | None,
    typer.Option(
        "--dissented", metavar="SEAT", help="以书面意见代签的席位,可多次 / dissented instead; repeatable"
    ),
]


@app.command()
def prepare(
    report: Report,
    member: Annotated[
        list[str] | None,
        typer.Option("--member", metavar="SEAT[=NAME]", help="评标委员会成员,可多次 / a member; repeatable"),
    ] = None,
    tenderee: Annotated[
        list[str] | None,
        typer.Option("--tenderee", metavar="SEAT[=NAME]", help="招标人(依法需签时)/ the tenderee"),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option("--witness", metavar="SEAT[=NAME]", help="见证人员,可多次 / a witness; repeatable"),
    ] = None,
    annex: Annotated[
        list[Path] | None,
        typer.Option("--annex", metavar="PDF", help="附件,如保留意见,可多次 / an annex; repeatable"),
    ] = None,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="报告日期 / the report's own date")
    ] = "1970-01-01",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """备签:一次性设好全部签署处与附件 / Prepare a report: every place and annex, the same bytes each time."""
    from ops import cert
    from ops.signing import room

    places = (("member", member), ("tenderee", tenderee), ("witness", witness))
    wanted = room.Wanted(
        fields=tuple(room.field(role, typed) for role, several in places for typed in several or ()),
        annexes=tuple(annex or ()),
        at_ms=cert.moment_of(at),
    )
    room.prepare(report, wanted, out or report.with_suffix(".prepared.pdf"), as_json=as_json)


@app.command()
def add(
    report: Report,
    place: Annotated[str, typer.Option("--place", metavar="FIELD", help="签署处,如 member-e1 / which place")],
    cert: Annotated[Path, typer.Option("--cert", metavar="PEM", help="签名证书(含中级)/ the certificate")],
    trust: Trust,
    tsa: Annotated[
        str, typer.Option("--tsa", metavar="URL", help="时间戳服务地址 / the time-stamping service")
    ],
    key: Annotated[Path | None, typer.Option("--key", metavar="PEM", help="私钥文件 / its key")] = None,
    token: Annotated[
        str,
        typer.Option(
            "--token", metavar="MODULE:TOKEN:KEY", help="PKCS#11 密钥,PIN 另行询问 / a key in a token"
        ),
    ] = "",
    crl: Annotated[
        list[Path] | None, typer.Option("--crl", metavar="FILE", help="吊销列表,可多次 / revocation lists")
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="按列表地址取得吊销证据 / fetch evidence from where the list says")
    ] = False,
    dissent: Annotated[
        Path | None, typer.Option("--dissent", metavar="FILE", help="本人的保留意见 / the signer's dissent")
    ] = None,
    deemed: Deemed = None,
    dissented: Dissented = None,
    out: Out = None,
) -> None:
    """签署一处,附时间戳与吊销证据 / Sign one place, with time-stamp and evidence."""
    from ops.signing import room

    asked = room.Asked(
        report=report, place=place, cert=cert, key=key, token=token, trust=trust, tsa=tsa,
        crls=tuple(crl or ()), fetch=fetch, dissent=dissent, deemed=tuple(deemed or ()),
        dissented=tuple(dissented or ()),
    )  # fmt: skip
    room.add(asked, out)


@app.command()
def check(
    report: Report,
    trust: Trust,
    prepared: Annotated[
        str, typer.Option("--prepared", metavar="SHA-256", help="会话记录所载备签摘要 / as the record has it")
    ] = "",
    deemed: Deemed = None,
    dissented: Dissented = None,
    crl: Annotated[
        list[Path] | None,
        typer.Option("--crl", metavar="FILE", help="另有的吊销列表 / more revocation lists"),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="RECORD", help="会话记录 / the session's record")
    ] = None,
    seal: Annotated[
        list[Path] | None, typer.Option("--seal", metavar="P7S", help="随附的 SM2 签名,可多次 / beside it")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """核验签署:0 有效,1 无效,2 无法判定 / Check a signed report: exit 0 valid, 1 invalid, 2 undecided."""
    from ops.signing import room

    expected = room.expected(prepared, deemed or (), dissented or ())
    if record is not None:
        expected = room.by_record(record, expected)
    raise typer.Exit(
        room.check(report, trust, expected, tuple(crl or ()), tuple(seal or ()), as_json=as_json)
    )


@app.command()
def measure(report: Report) -> None:
    """测量六人签署(含时间戳)的用时 / Measure six signatures with time-stamps on this machine."""
    import json

    from ops.signing import measured

    found = measured.measure(report)
    print(json.dumps(found), flush=True)
    raise typer.Exit(0 if found["met"] else 1)


def tsa(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="演示认证机构文件夹 / the authorities' folder")
    ],
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1024, max=65_535, help="端口 / port on loopback")
    ] = 7791,
) -> None:
    """在本机提供时间戳(RFC 3161) / Serve time-stamps on loopback until stopped."""
    from ops import senses, stopping
    from ops import show as shown
    from ops.tsa import desk, serve

    async def run() -> None:
        stop = asyncio.Event()
        with stopping.stop_signals(stop.set):
            await serve.serve(
                desk.ensure(folder, senses.now_ms()), port, stop,
                lambda url: shown.notice(f"时间戳服务:{url}", f"Time-stamps at {url}"),
            )  # fmt: skip

    asyncio.run(run())
