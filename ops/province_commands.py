"""`tongchang province request`, `sign`, `accept`: what can be typed."""

# ruff: noqa: PLC0415 - a command's room is loaded only when it is called

from pathlib import Path
from typing import Annotated

import typer

from ops.options import Data

app = typer.Typer(
    name="province",
    help="各省签署会话的信任策略 / A province's signature under a session's trust policy, by file.",
    no_args_is_help=True,
)

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="写到此文件 / write it here")]


@app.command()
def request(
    session: Annotated[str, typer.Option("--session", metavar="ID", help="会话编号 / the session's id")],
    out: Out = None,
    data: Data = None,
) -> None:
    """主场:生成请各省签署的文件 / At the main venue: write the file that provinces are asked to sign."""
    from ops import places, show
    from ops import province as room

    path = room.request(data or places.standing_data(), session, out)
    show.notice(f"请签文件:{path}", f"To be signed: {path}")


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="请签文件 / the file to be signed")],
    province: Annotated[str, typer.Option("--province", metavar="ID", help="本省代号 / the province's id")],
    key: Annotated[Path, typer.Option("--key", metavar="PEM", help="本省签署密钥 / the province's key")],
    policy: Annotated[
        Path,
        typer.Option(
            "--policy", metavar="POLICY", help="事先约定的信任策略 / the policy as it was agreed before"
        ),
    ],
    awaited: Annotated[
        list[str] | None,
        typer.Option(
            "--awaited",
            metavar="COSIGNER",
            help="里程碑必须等待的本省联署节点,可多次 / our cosigner that milestones wait for; repeatable",
        ),
    ] = None,
    out: Out = None,
) -> None:
    """本省:核对约定的策略后签署 / In the province: compare with the agreed policy, and sign."""
    from ops import province as room
    from ops import show

    path = room.sign(file, province, key, policy, out, awaited or ())
    show.notice(f"已签署:{path}", f"Signed: {path}")


@app.command()
def accept(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="各省签署的文件 / signed files")],
    data: Data = None,
) -> None:
    """主场:核验并收存各省签署的文件 / At the main venue: check signed files, and lay them for the booking."""
    from ops import places, show
    from ops import province as room

    for one in files:
        told = room.accept(data or places.standing_data(), one)
        show.notice(
            f"{told.province}已为会话 {told.session} 签署:{told.path}",
            f"{told.province} has signed for session {told.session}: {told.path}",
        )
