"""`tongchang custodian …`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.options import AsJson

app = typer.Typer(name="custodian", help="标书密钥托管方 / Custodians of bids' keys.", no_args_is_help=True)

Key = Annotated[Path, typer.Argument(metavar="KEY", help="托管私钥文件 / the custodian's private key")]


@app.command()
def new(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="私钥写到此处 / where the key goes")],
    suite: Annotated[
        str, typer.Option("--suite", metavar="NAME", help="密码套件 gm-1 或 intl-1 / which suite")
    ] = "gm-1",
    as_json: AsJson = False,
) -> None:
    """生成托管密钥,公钥在旁 / Make a custodian's key; its public half lies beside it."""
    from ops.custodian import keys
    from ops.senses import Dice

    _tell_key(keys.new(suite, out, Dice()), as_json, "已生成托管密钥", "The key is made")


@app.command()
def paper(
    key: Key,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="PDF 写到此处 / where the PDF goes")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="托管方名称 / whose it is")] = "",
) -> None:
    """打印密钥纸质备份 / Typeset the key for its paper."""
    from ops import show
    from ops.custodian import keys

    keys.sheet(key, name, out)
    show.notice(
        f"已生成 {out}。持有该页即持有密钥:打印后请删除此文件,并封存纸页。",
        f"{out} is made. Whoever has the page has the key: delete the file once printed, and seal the page.",
    )


@app.command()
def restore(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="私钥写到此处 / where the key goes")],
    as_json: AsJson = False,
) -> None:
    """逐行输入纸质备份,恢复密钥 / Restore a key from its paper, typed line by line on standard input."""
    from ops import show
    from ops.custodian import keys
    from protocol.seal.paper import LINES

    if sys.stdin.isatty():
        show.notice(f"请逐行输入纸面上的 {LINES} 行:", f"Type the {LINES} lines of the paper:")
        lines = [input(f"{number}> ") for number in range(1, LINES + 1)]
    else:
        lines = sys.stdin.read().splitlines()
    _tell_key(keys.restored(lines, out), as_json, "密钥已恢复", "The key is restored")


@app.command()
def check(key: Key, as_json: AsJson = False) -> None:
    """检查密钥能否签名与解密 / See that a key signs, and opens what is boxed to it."""
    from ops.custodian import keys

    _tell_key(keys.check(key), as_json, "密钥可用", "The key works")


@app.command()
def policy(
    project: Annotated[str, typer.Option("--project", metavar="ID", help="项目编号 / the tender")],
    lot: Annotated[str, typer.Option("--lot", metavar="ID", help="标段 / the lot")],
    group: Annotated[
        list[str],
        typer.Option(
            "--group",
            metavar="GROUP:T=NAME@FILE,…",
            help="托管组:门限与成员公钥,可多次 / a group, its threshold and members' keys; repeatable",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="写到此处 / where it goes")],
    envelope: Annotated[str, typer.Option("--envelope", metavar="ID", help="信封 / the envelope")] = "1",
    suite: Annotated[
        str, typer.Option("--suite", metavar="NAME", help="密码套件 gm-1 或 intl-1 / which suite")
    ] = "gm-1",
) -> None:
    """由各托管方公钥生成密封方案 / Make a tender's sealing policy of its custodians' public keys."""
    from ops import show
    from ops.custodian import tender

    made = tender.policy(project, lot, envelope, suite, group, out)
    told = "、".join(f"{one.group} {one.threshold}/{len(one.members)}" for one in made.groups)
    show.notice(f"密封方案:{out}({told},另需投标人)", f"Sealing policy: {out} ({told}, and the bidder)")


@app.command()
def take(
    bid: Annotated[Path, typer.Argument(metavar="BID", help="标书容器文件 / the sealed bid")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="托管私钥 / the custodian's key")],
    as_json: AsJson = False,
) -> None:
    """核对标书中给本方的份额,不释放 / See that a bid's share for this key is right; nothing is released."""
    from ops import show
    from ops.custodian import tender

    held = tender.take(bid, key)
    if as_json:
        import msgspec

        print(msgspec.json.encode({"shares": held}).decode(), flush=True)
    for one in held:
        where = f"{one.group} {one.index}/{one.members}"
        if one.fault:
            show.notice(
                f"✗ {where}:份额与标书承诺不符[{one.fault}],责任在投标人,请其在截止前重新制作。",
                f"✗ {where}: the share is not the one committed to [{one.fault}], by the bidder's fault. "
                "Have it sealed anew before the deadline.",
            )
        else:
            show.notice(
                f"✓ {where}:份额无误,开启时需 {one.threshold} 份。",
                f"✓ {where}: the share is right; {one.threshold} open the bid.",
            )
    if any(one.fault for one in held):
        raise typer.Exit(1)


@app.command()
def serve(
    key: Annotated[str, typer.Option("--key", metavar="FILE|URI", help="托管私钥 / the custodian's key")],
    sign: Annotated[
        Path, typer.Option("--sign", metavar="FILE", help="签署操作的密钥 / the key that signs its acts")
    ],
    name: Annotated[str, typer.Option("--name", metavar="ID", help="托管方编号 / the custodian's id")],
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="事先交付的信任策略 / the trust policy")
    ],
    project: Annotated[
        list[str], typer.Option("--project", metavar="ID", help="所托管的项目,可多次 / tenders; repeatable")
    ],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="释放记录存放处 / where releases lie")],
    suite: Annotated[
        str, typer.Option("--suite", metavar="NAME", help="密码套件 gm-1 或 intl-1 / which suite")
    ] = "gm-1",
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="监听地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="PORT", min=0, max=65_535)] = 0,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="HTTPS 证书 / the door's certificate")
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option("--certificate-key", metavar="FILE", help="其私钥 / its private key")
    ] = None,
) -> None:
    """运行密钥托管服务:点名应答、核验后释放份额 / Run a custodian's key service: it answers and releases."""
    from ops.custodian import serving

    door = None if certificate is None or certificate_key is None else (certificate, certificate_key)
    serving.serve(name, key, sign, suite, policy, project, data, host, port, door)


def _tell_key(made: object, as_json: bool, zh: str, en: str) -> None:
    from ops import show
    from ops.custodian.keys import Made

    assert isinstance(made, Made)
    told = {"suite": made.suite, "key": str(made.key), "public": str(made.public), "digest": made.digest}
    if as_json:
        print(json.dumps(told), flush=True)
        return
    show.notice(
        f"{zh}:{made.key}({made.suite}),公钥 {made.public},公钥摘要 {made.digest}",
        f"{en}: {made.key} ({made.suite}), public key {made.public}, digest {made.digest}",
    )
