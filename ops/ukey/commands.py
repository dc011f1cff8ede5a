"""`tongchang ukey`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

import asyncio
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ops.trouble import Trouble


def ukey(
    certificate: Annotated[
        Path, typer.Option("--certificate", metavar="CERT", help="本人证书,PEM 或 DER / your certificate")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key", metavar="URI", help="UKey 中的密钥 / pkcs11:token=LABEL;object=LABEL?module-path=FILE"
        ),
    ],
    origin: Annotated[
        list[str],
        typer.Option(
            "--origin", metavar="URL", help="允许使用的网页来源,可多次 / whose pages may ask; repeatable"
        ),
    ],
    chain: Annotated[
        list[Path] | None, typer.Option("--chain", metavar="CERT", help="上级证书 / certificates above")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="端口 / loopback port")] = 7_791,
) -> None:
    """在浏览器旁用 UKey 签名:逐项显示,本程序内输入 PIN / Sign with a token beside the browser."""
    from ops import show
    from ops.bids import reading
    from ops.senses import now_ms
    from ops.ukey.asking import Terminal, suite_of
    from ops.ukey.bridge import Bridge, serve

    for one in origin:
        if not _is_origin(one):
            raise Trouble(
                f"{one} 不是网页来源。写法:https://hefei.example 或 http://hefei.localhost:7711",
                f"{one} is no origin. Write it as https://hefei.example or http://hefei.localhost:7711.",
                2,
            )
    told = reading.certificates(certificate)
    others = (*told[1:], *(found for one in chain or () for found in reading.certificates(one)))
    terminal = Terminal(suite_of(told[0].spki), key, told[0].spki)
    bridge = Bridge(told[0], others, frozenset(origin), terminal.agree, now_ms)

    def ready(at: int) -> None:
        show.notice(
            f"UKey 签名程序已就绪({told[0].shown},端口 {at})。请保持此窗口打开;Ctrl-C 退出。",
            f"Ready to sign for {told[0].shown} on port {at}. Keep this window open; Ctrl-C ends it.",
        )

    asyncio.run(serve(bridge, port, ready))


def _is_origin(text: str) -> bool:
    told = urlsplit(text)
    return (
        told.scheme in ("http", "https") and bool(told.hostname) and text == f"{told.scheme}://{told.netloc}"
    )
