"""`tongchang witness make` and `tongchang witness check`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

from pathlib import Path
from typing import Annotated

import typer

from ops.options import AsJson

app = typer.Typer(
    name="witness", help="见证书与见证记录移交 / Witness certificates and records.", no_args_is_help=True
)


@app.command()
def make(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="记录文件 / record file")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="写到此文件夹 / into this folder")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """出具各见证人员的见证书与移交清单 / Write each witness's certificate and the list behind it."""
    import msgspec

    from ops import show
    from ops import witness as room

    made = room.make(record, out)
    for one in made:
        show.notice(f"见证书:{one.certificate}", f"Certificate: {one.certificate}")
        show.notice(f"移交清单:{one.list}", f"List: {one.list}")
    if as_json:
        print(msgspec.json.encode({"witnesses": made}).decode(), flush=True)


@app.command()
def check(
    handed: Annotated[Path, typer.Argument(metavar="LIST", help="移交清单 / the list")],
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="SIZE:ROOT", help="另行得知的树头 / the session's head as known elsewhere"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """离线核验另一会场移交的见证记录 / Check a record handed over by another venue, offline."""
    from ops import show
    from ops import witness as room

    checked = room.check(handed, head)
    if as_json:
        print(room.as_json(checked), flush=True)
    else:
        show.notice(*room.said(checked))
