"""Options that several commands share: what is typed, what the help says of it.

Owns their words only. Read with every `--help`, so it loads nothing that a command works with.
"""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path,
    typer.Option("--config", metavar="FILE", help="配置文件 / the process's configuration (JSON)"),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="数据文件夹 / data folder (default: .tongchang/installation)"),
]
CaseFile = Annotated[
    Path | None,
    typer.Option("--case", metavar="FILE", help="案例文件,默认示例 / case file (default: the sample)"),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, help="由种子产生随机数 / derive all randomness from N"),
]
Rules = Annotated[
    str | None,
    typer.Option(
        "--rules", metavar="N",
        help="规则版本;默认按案例,示例为 4 / version of the rules (default: the case's; sample: 4)",
    ),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="末行输出一个 JSON 对象 / end with one JSON object")]
PortsFrom = Annotated[
    int | None,
    typer.Option(
        "--ports-from", metavar="PORT", min=1024, max=65_000,
        help="起始端口 / the first port (default: 7700, or as before; free ones with act --up)",
    ),
]  # fmt: skip


Coordinators = Annotated[
    int | None,
    typer.Option(
        "--coordinators", metavar="N", min=1, max=4,
        help="协调端数量,大于一时需 --postgres / how many coordinators; more than one need --postgres",
    ),
]  # fmt: skip
Postgres = Annotated[
    bool | None,
    typer.Option(
        "--postgres/--no-postgres",
        help="使用自带的 PostgreSQL / on a PostgreSQL of its own (default: SQLite, or as before)",
    ),
]
WithRedis = Annotated[
    bool | None,
    typer.Option("--redis/--no-redis", help="协调端之间经 Redis 提示 / hints between coordinators by Redis"),
]
Cosigners = Annotated[
    bool | None,
    typer.Option("--cosigners/--no-cosigners", help="每个会场一个联署节点 / a cosigner for every venue"),
]
MediaWorkers = Annotated[
    int | None,
    typer.Option(
        "--media-workers", metavar="N", min=0, max=8,
        help="每个协调端与每个会场的音视频进程数 / media workers for every coordinator and venue",
    ),
]  # fmt: skip
SupportBundle = Annotated[
    Path | None,
    typer.Option(
        "--support-bundle",
        metavar="FILE",
        help="另写一份求助文件(.tar.gz 或 .zip),不含秘密 / also write a file for support, no secrets",
    ),
]
