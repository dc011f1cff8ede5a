"""What a bidder types: `seal`, `inspect`, `unlock`. Arguments, help, what is printed; the work is beside."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import AsJson

if TYPE_CHECKING:
    from ops.bids.seal import Tell

Container = Annotated[Path, typer.Argument(metavar="BID", help="标书容器文件 / the sealed bid")]
OwnKey = Annotated[
    str,
    typer.Option(
        "--key", metavar="FILE|URI", help="私钥文件或 pkcs11: 地址 / the bidder's key, or a token's URI"
    ),
]


def seal(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="文件或文件夹 / files or folders")],
    policy: Annotated[
        Path,
        typer.Option("--policy", metavar="FILE", help="密封方案 / the tender's sealing policy"),
    ],
    key: OwnKey,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="写到此处 / where the bid goes")],
    bid: Annotated[
        str, typer.Option("--bid", metavar="ID", help="标书编号,默认随机 / the bid's id (default: random)")
    ] = "",
    certificates: Annotated[
        Path | None,
        typer.Option("--certificate", metavar="FILE", help="签名证书链 / certificates, sealed inside"),
    ] = None,
    lock: Annotated[
        list[Path] | None,
        typer.Option(
            "--lock",
            metavar="FILE",
            help="可解密的本方公钥或证书,默认签名密钥 / own keys that unlock it (default: --key's)",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """在本机密封标书 / Seal a bid on this machine."""
    from ops.bids import seal as room
    from ops.senses import Dice

    dice = Dice()
    wanted = room.Wanted(
        files=files, policy=policy, key=key, out=out, bid=bid or f"bid-{dice.bytes32().hex()[:16]}",
        certificates=certificates, locks=lock or (),
    )  # fmt: skip
    made = room.seal(wanted, dice, progress("密封 sealing"))
    if as_json:
        print(
            json.dumps(
                {
                    "bid": made.header.bid.bid,
                    "bytes": made.path.stat().st_size,
                    "files": made.files,
                    "header_digest": made.header_digest.hex(),
                    "path": str(made.path.absolute()),
                    "plain_bytes": made.plain_bytes,
                    "suite": made.header.bid.suite,
                }
            ),
            flush=True,
        )
        return
    print(
        f"✓ 已密封 {made.files} 个文件,并重新打开核对无误:{made.path}\n"
        f"  {made.files} files are sealed, and were opened again and compared: {made.path}\n"
        f"  标书 bid {made.header.bid.bid}  头部摘要 header {made.header_digest.hex()}",
        flush=True,
    )


def inspect(
    path: Container,
    receipt: Annotated[
        Path | None,
        typer.Option("--receipt", metavar="FILE", help="并核对回执 / and whether this receipt is for it"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """检查标书文件,不需密钥 / Check a sealed bid; no key is needed."""
    from ops.bids import inspect as room

    raise typer.Exit(room.inspect(path, as_json=as_json, receipt=receipt))


def unlock(
    path: Container,
    key: OwnKey,
    to: Annotated[
        list[Path] | None,
        typer.Option("--to", metavar="FILE", help="会场开标公钥,可多次 / a venue's opening key; repeatable"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="写到此处 / where the release goes")
    ] = None,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="URL", help="直接提交协调系统 / hand it in there, at the opening itself"
        ),
    ] = "",
    session: Annotated[
        str, typer.Option("--session", metavar="ID", help="会话编号,与 --at 同用 / the session, with --at")
    ] = "",
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="信任的根证书,与 --at 同用 / root to trust")
    ] = None,
    patience: Annotated[
        int,
        typer.Option("--patience", metavar="S", min=1, help="等待开标的秒数,与 --at 同用 / wait so long, s"),
    ] = 600,
    as_json: AsJson = False,
) -> None:
    """投标人解密:把本方密钥交给开标会场,不可撤回 / Release the bidder's key to venues; it is final."""
    from ops.bids import unlock as room
    from ops.trouble import Trouble

    if at:
        _unlock_at(path, key, at, session, ca, patience, as_json=as_json)
        return
    if not to or out is None:
        raise Trouble(
            "请用 --at 与 --session 在开标时直接解密,或用 --to 与 --out 生成解密文件。",
            "Name --at and --session to release at the opening itself, or --to and --out to write a file.",
            2,
        )
    made = room.unlock(path, key, to, out)
    if as_json:
        print(json.dumps({"bid": made.bid.bid, "path": str(out.absolute()), "released_to": len(made.boxes)}))
        return
    print(
        f"✓ 已生成解密文件:{out},可由 {len(made.boxes)} 方打开。提交后不可撤回。\n"
        f"  The release is in {out}, for {len(made.boxes)}. Once handed in it cannot be taken back.",
        flush=True,
    )


def _unlock_at(
    path: Path, key: str, at: str, session: str, ca: Path | None, patience: int, *, as_json: bool
) -> None:
    """The release over the line, as soon as the opening takes it."""
    import msgspec

    from ops.bidder import releasing
    from ops.bidder.line import Line
    from ops.senses import Dice

    made = releasing.release(path, key, Line(at, ca), session, Dice(), patience)
    if as_json:
        print(msgspec.json.encode(made).decode(), flush=True)
        return
    print(
        f"✓ 标书 {made.bid} 已解密,交给 {made.to} 个会场。不可撤回。\n"
        f"  Bid {made.bid} was released to {made.to} venues. It cannot be taken back.",
        flush=True,
    )


def progress(what: str) -> "Tell":
    """Shows a percentage where somebody looks at a terminal."""
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // total if total else 100
        if percent != shown and sys.stderr.isatty():
            shown = percent
            end = "\n" if percent >= 100 else ""
            print(f"\r· {what} {percent:3d} %", end=end, file=sys.stderr, flush=True)

    return tell
