"""What can be typed after `tongchang cert` and `tongchang ca`: arguments, help and exit codes only.

The work is in `ops.cert` and the other files of this room, imported when a command is called.
"""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import AsJson

if TYPE_CHECKING:
    from ops.cert import Fetch

cert_app = typer.Typer(name="cert", help="数字证书 / Certificates.", no_args_is_help=True)
ca_app = typer.Typer(name="ca", help="演示用认证机构 / Demonstration authorities.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="认证机构所在文件夹 / the authorities' folder")]
At = Annotated[
    str,
    typer.Option(
        "--at", metavar="TIME",
        help="时刻,默认现在 / the moment, e.g. 2026-11-26T16:30:00+08:00 (default: now)",
    ),
]  # fmt: skip
Province = Annotated[
    str,
    typer.Option("--ca", metavar="ID", help="anhui(RSA)、jiangsu(ECDSA)、shanghai、zhejiang(SM2) / which"),
]


def _several(name: str, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=text)


@cert_app.command("verify")
def verify(
    cert: Annotated[Path, typer.Argument(metavar="CERT", help="证书,PEM 或 DER / the certificate")],
    trust: Annotated[Path, typer.Option("--trust", metavar="LIST", help="信任列表 / the trust list")],
    chain: Annotated[
        list[Path] | None, _several("--chain", "FILE", "中级证书,可多次 / certificates between; repeatable")
    ] = None,
    crl: Annotated[
        list[Path] | None, _several("--crl", "FILE", "吊销列表,可多次 / revocation lists; repeatable")
    ] = None,
    ocsp: Annotated[
        list[Path] | None, _several("--ocsp", "FILE", "OCSP 应答,可多次 / answers; repeatable")
    ] = None,
    at: At = "",
    purpose: Annotated[
        str,
        typer.Option(
            "--purpose",
            metavar="P",
            help="用途:sign-in、sign、encrypt、open、view / for what",
        ),
    ] = "sign",
    signer: Annotated[
        list[str] | None,
        _several(
            "--signer", "KEY", "已知的列表签署公钥,可多次 / keys that must have signed the list; repeatable"
        ),
    ] = None,
    needed: Annotated[
        int, typer.Option("--needed", metavar="N", min=1, help="其中至少几个 / how many of them")
    ] = 1,
    held: Annotated[
        Path | None,
        typer.Option(
            "--held", metavar="LIST", help="已采用的列表,更旧的不接受 / a list in use: no older one"
        ),
    ] = None,
    fetch: Annotated[
        bool,
        typer.Option("--fetch", help="按列表地址在线取得吊销证据 / fetch evidence from where the list says"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """验证证书:0 有效,1 无效,2 无法判定 / Judge a certificate: exit 0 valid, 1 invalid, 2 undecided."""
    from ops import cert as room
    from ops import senses

    asked = room.Asked(
        cert=cert, trust=trust, chain=tuple(chain or ()), crls=tuple(crl or ()), answers=tuple(ocsp or ()),
        at=room.moment_of(at) if at else senses.now_ms(), purpose=room.purpose_of(purpose),
        signers=tuple(signer or ()), needed=needed, held=held, fetch=_fetching() if fetch else None,
    )  # fmt: skip
    raise typer.Exit(room.verify(asked, as_json))


@ca_app.command("init")
def init(
    folder: Folder,
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="吊销服务地址 / where ca serve will answer")
    ] = "",
) -> None:
    """建立四家互认的演示认证机构与信任列表 / Make four authorities that recognise each other."""
    from ops import senses
    from ops.ca import alliance, told

    told.made(folder, alliance.make(folder, senses.now_ms(), address or alliance.ADDRESS))


@ca_app.command("show")
def show(folder: Folder, as_json: AsJson = False) -> None:
    """列出各机构签发与吊销的证书 / Show what each has issued and revoked."""
    from ops.ca import told

    told.show(folder, as_json=as_json)


@ca_app.command("issue")
def issue(
    folder: Folder,
    ca: Province,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="姓名或单位名称 / the holder's name")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="写入此文件夹 / write into this folder")],
    use: Annotated[
        str, typer.Option("--for", metavar="USE", help="sign、encrypt 或 both(双证书)/ for which use")
    ] = "both",
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=3_650, help="天数 / days")] = 365,
    at: At = "",
) -> None:
    """签发个人或单位证书(签名、加密各一) / Issue a person two certificates, to sign and to seal to."""
    from ops.ca import told

    told.issue(folder, ca, name, out, use, days, _moment(at))


@ca_app.command("revoke")
def revoke(
    folder: Folder,
    cert: Annotated[Path, typer.Argument(metavar="CERT", help="要吊销的证书 / the certificate to revoke")],
    at: At = "",
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="R", help="unspecified、key-compromise、superseded… / why"),
    ] = "unspecified",
) -> None:
    """吊销证书并签发新的吊销列表 / Revoke a certificate, and sign the revocation list anew."""
    from ops.ca import told

    told.revoke(folder, cert, _moment(at), reason)


@ca_app.command("crl")
def crl_(folder: Folder, ca: Province, at: At = "") -> None:
    """重新签发吊销列表 / Sign an authority's revocation lists anew."""
    from ops.ca import told

    told.lists(folder, ca, _moment(at))


@ca_app.command("ocsp")
def ocsp_(
    folder: Folder,
    cert: Annotated[Path, typer.Argument(metavar="CERT", help="询问哪张证书 / the certificate asked about")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="写入此文件 / write the answer here")],
    at: At = "",
) -> None:
    """签发一份 OCSP 应答 / Sign an answer on one certificate's status."""
    from ops.ca import told

    told.answer(folder, cert, out, _moment(at))


@ca_app.command("trust")
def trust(
    folder: Folder,
    without: Annotated[
        list[str] | None, _several("--without", "ID", "不再互认的机构,可多次 / leave this authority out")
    ] = None,
    at: At = "",
) -> None:
    """签发信任列表的下一版 / Sign the next version of the trust list."""
    from ops.ca import alliance, told

    for one in without or ():
        alliance.named(folder, one)
    told.made(folder, alliance.publish(folder, _moment(at), without=frozenset(without or ())))


@ca_app.command("serve")
def serve(
    folder: Folder,
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1024, max=65_535, help="端口 / port on loopback")
    ] = 7790,
) -> None:
    """在本机提供 CRL 与 OCSP / Serve revocation lists and answers on loopback until stopped."""
    from ops import show as shown
    from ops import stopping
    from ops.ca import serve as room

    async def run() -> None:
        stop = asyncio.Event()
        with stopping.stop_signals(stop.set):
            await room.serve(
                folder,
                port,
                stop,
                lambda: shown.notice(f"CRL 与 OCSP:127.0.0.1:{port}", f"CRL and OCSP on 127.0.0.1:{port}"),
            )

    asyncio.run(run())


def _fetching() -> "Fetch":
    from ops.fetched import fetched

    return fetched


def _moment(typed: str) -> int:
    from ops import cert, senses

    return cert.moment_of(typed) if typed else senses.now_ms()
