"""What is typed to hand in: `upload`, `bidder`, and `bid announce|receipt|withdraw`. Their work is beside."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.bids.commands import Container, OwnKey, progress
from ops.options import AsJson

if TYPE_CHECKING:
    from protocol.seal.handing_in import SignedReceipt

bid_app = typer.Typer(
    name="bid", help="收标公告、回执与撤回 / Notices, receipts, withdrawals.", no_args_is_help=True
)

To = Annotated[
    str,
    typer.Option("--to", metavar="URL", help="协调系统网址 / the coordinator's address, https://NAME:PORT"),
]
Session = Annotated[str, typer.Option("--session", metavar="ID", help="会话编号 / the tender's session")]
Ca = Annotated[
    Path | None, typer.Option("--ca", metavar="FILE", help="信任的根证书 / root to trust (default: system's)")
]
ReceiptFile = Annotated[Path, typer.Argument(metavar="RECEIPT", help="回执文件 / the receipt")]
_BEIJING = timedelta(hours=8)
_GIB = 2**30


def upload(
    path: Container,
    to: To,
    session: Session,
    ticket: Annotated[str, typer.Option("--ticket", metavar="TICKET", help="投标凭证 / your ticket")],
    receipt: Annotated[
        Path | None,
        typer.Option("--receipt", metavar="FILE", help="回执写到此处 / where the receipt goes (BID.receipt)"),
    ] = None,
    ca: Ca = None,
    patience: Annotated[
        int, typer.Option("--patience", metavar="S", min=1, help="无进展时最长等待秒数 / give up after, s")
    ] = 600,
    as_json: AsJson = False,
) -> None:
    """上传已密封的标书,断线后自动续传 / Hand in a sealed bid; it goes on by itself after a cut."""
    from ops.bidder import sending
    from ops.bidder.line import Line

    done = sending.upload(path, Line(to, ca), session, ticket, progress("上传 sending"), patience)
    where = receipt or path.with_name(f"{path.name}.receipt")
    sending.write_receipt(where, done)
    _tell(done, where, as_json)


def bidder(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="工作文件夹 / working folder (.tongchang/bidder)"),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65_535, help="端口,0 为任意 / port; 0: any that is free"
        ),
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="打开浏览器 / open a browser")
    ] = True,
) -> None:
    """在本机打开投标网页:密封、上传、回执、解密 / The bidder's page on this machine alone."""
    import asyncio

    from ops import places
    from ops.bidder import node

    asyncio.run(node.run(data or places.home() / "bidder", port, browser=browser))


@bid_app.command("announce")
def announce(
    policies: Annotated[
        list[Path], typer.Option("--policy", metavar="FILE", help="密封方案,每标段一份 / one for each lot")
    ],
    session: Session,
    opens: Annotated[str, typer.Option("--opens", metavar="TIME", help="开始接收 / from, ISO 8601")],
    deadline: Annotated[str, typer.Option("--deadline", metavar="TIME", help="投标截止 / until")],
    key: Annotated[
        Path, typer.Option("--key", metavar="FILE", help="代理机构密钥 / the agent's Ed25519 key")
    ],
    out: Annotated[
        Path, typer.Option("--tickets-out", metavar="FILE", help="凭证写到此处 / tickets go here")
    ],
    to: To,
    tickets: Annotated[
        int, typer.Option("--tickets", metavar="N", min=1, max=1024, help="凭证数量 / how many")
    ] = 64,
    bytes_max: Annotated[
        int, typer.Option("--bytes-max", metavar="N", min=1, help="每份标书上限 / most bytes of one bid")
    ] = _GIB,
    room: Annotated[
        int, typer.Option("--room", metavar="N", min=1, help="预留空间,字节 / bytes set aside for all")
    ] = 4 * _GIB,
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """签发收标公告,预留空间,并生成投标凭证 / Open the receiving of bids and make tickets."""
    from ops.bidder import announcing
    from ops.bidder.line import Line
    from ops.bids import reading
    from ops.senses import Dice

    line = Line(to, ca)
    made, handed = announcing.announce(
        [reading.policy(one) for one in policies], session, announcing.moment(opens),
        announcing.moment(deadline), tickets, bytes_max, room, key, Dice(),
    )  # fmt: skip
    announcing.write_tickets(out, handed)
    announcing.hand_over(made, line)
    if as_json:
        print(json.dumps({"deadline": made.notice.deadline, "session": session, "tickets": len(handed)}))
        return
    print(
        f"✓ 已开始接收标书,截止 {_clock(made.notice.deadline)}。"
        f"{len(handed)} 个投标凭证在 {out},请分别交给投标人。\n"
        f"  Bids are received until {_clock(made.notice.deadline)}. "
        f"{len(handed)} tickets are in {out}; hand each to one bidder.",
        flush=True,
    )


@bid_app.command("receipt")
def receipt(
    path: ReceiptFile,
    bid: Annotated[
        Path | None, typer.Option("--bid", metavar="BID", help="对应的标书文件 / the bid it should be for")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="KEY", help="协调系统公钥 / the installation's key, ed25519:…")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """离线核验回执 / Check a receipt without a network: 0 holds, 1 does not, 2 cannot be read."""
    from ops.bidder import sending

    found = sending.read_receipt(path)
    fault = sending.receipt_fault(found, by, bid)
    if as_json:
        print(json.dumps(facts(found) | {"fault": fault, "holds": not fault}))
    elif fault:
        print(f"✗ 回执无效:{fault}\n  The receipt does not hold: {fault}", flush=True)
    else:
        _tell(found, path, as_json=False)
    raise typer.Exit(1 if fault else 0)


@bid_app.command("withdraw")
def withdraw(
    path: ReceiptFile,
    key: OwnKey,
    to: To,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="撤回回执写到此处 / its receipt goes here")
    ],
    ca: Ca = None,
    as_json: AsJson = False,
) -> None:
    """截止前撤回标书 / Take a bid back before the deadline."""
    from ops.bidder import sending
    from ops.bidder.line import Line

    done = sending.withdraw(sending.read_receipt(path), key, Line(to, ca))
    sending.write_receipt(out, done)
    _tell(done, out, as_json)


def facts(signed: "SignedReceipt") -> dict[str, Any]:
    """What a receipt says, as plain values: digests in hex."""
    from protocol.seal import handing_in

    told = signed.receipt
    return {
        "at": told.at, "bid": told.bid, "by": signed.by, "container": told.container.hex(),
        "envelope": told.envelope, "key": told.key.hex(), "lot": told.lot, "project": told.project,
        "receipt": handing_in.receipt_digest(signed).hex(), "replaces": told.replaces.hex(),
        "session": told.session, "what": told.what,
    }  # fmt: skip


def _tell(done: "SignedReceipt", where: Path, as_json: bool) -> None:
    told = facts(done)
    if as_json:
        print(json.dumps(told | {"path": str(where.absolute())}), flush=True)
        return
    zh, en = ("已收到", "received") if done.receipt.what == "received" else ("已撤回", "withdrawn")
    print(
        f"✓ 标书 {told['bid']} {zh}:{_clock(done.receipt.at)}(北京时间),回执 {where}\n"
        f"  Bid {told['bid']} was {en} at {_clock(done.receipt.at)} (Beijing); the receipt is {where}\n"
        f"  标书摘要 container {told['container']}\n  回执摘要 receipt   {told['receipt']}\n"
        f"  签发方 by         {done.by}",
        flush=True,
    )


def _clock(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC) + _BEIJING:%Y-%m-%d %H:%M:%S}"
