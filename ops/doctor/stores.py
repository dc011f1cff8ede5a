"""The stores: is the database whole, reachable and set so that a COMMIT is durable; does Redis answer.

A server that belongs to the stack itself runs only while the stack does, and is no fault before.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ops import files, installation, stack
from ops.doctor.check import Check
from ops.installation import COORDINATOR, Installation
from server.store.health import Health, look_at, settings_of
from server.store.health import look as look_into

POSTGRES_MIN: Final = 14
ASK_S: Final = 3.0
"""How long Redis may take to answer."""
_HEALTH: Final[dict[Health, tuple[str, str]]] = {
    "whole": ("数据库完好,结构为最新", "the database is whole and of the current form"),
    "old": (
        "数据库结构较旧,下次启动时自动升级",
        "the database has an older form; it is upgraded at the next start",
    ),
    "damaged": ("数据库已损坏", "the database is damaged"),
    "unknown": ("数据库来自更新的版本", "the database is of a later release"),
    "unreachable": ("数据库服务器无法连接", "the database's server cannot be reached"),
}
_WITH_STACK = ("随系统一同启动", "it starts with the stack")


def look(data: Path, found: Installation | None) -> Iterator[Check]:
    """The database, its server's settings, Redis."""
    url = installation.database(found) if found else ""
    yield _database(data, found, url)
    if found and url and _is_up(data, found, url):
        yield from _server(url)
    yield _redis(data, found)


def _is_up(data: Path, found: Installation, url: str) -> bool:
    """Whether a server is to be expected: it is somebody else's, or the stack runs."""
    return bool(stack.running(data)) or url not in (found.shape.database, found.shape.redis)


def _database(data: Path, found: Installation | None, url: str) -> Check:
    path = found.data / COORDINATOR / "coordinator.db" if found else None
    if found and url:
        if not _is_up(data, found, url):
            return Check(
                "database", True, True, f"PostgreSQL:{_WITH_STACK[0]}", f"PostgreSQL: {_WITH_STACK[1]}"
            )
        health, why = look_at(url)
    elif path is not None and path.exists():
        health, why = look_into(path)
    else:
        return Check("database", True, True, "尚无数据库", "no database yet")
    zh, en = _HEALTH[health]
    remedy = {
        "unreachable": (
            "请启动配置中 database 所指的数据库服务器,并检查其地址。",
            "Start the server that `database` names in the configuration, and check its address.",
        ),
        "unknown": (
            "请改用较新的版本启动,或从备份恢复数据库。",
            "Start it with the later release, or restore the database from a copy.",
        ),
    }.get(
        health,
        (
            "请停止系统,将损坏的文件另存,从备份恢复数据库。",
            "Stop the stack, put the damaged file by, and restore the database from a copy.",
        ),
    )
    return Check(
        "database", health in ("whole", "old"), True,
        f"{zh}{why and f'({why})'}", f"{en}{why and f' ({why})'}", *remedy,
    )  # fmt: skip


def _server(url: str) -> Iterator[Check]:
    """What PostgreSQL is, and what of its settings would let an acknowledged act be lost."""
    told = settings_of(url)
    if told is None:
        return
    version = told["server_version"]
    wrong = [
        f"{name} = {told[name]}"
        for name, good in (
            ("fsync", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8"),
        )
        if told.get(name) != good
    ]  # fmt: skip
    major = int(version.split(".")[0].split(" ")[0])
    if major < POSTGRES_MIN:
        wrong.append(f"version {version}")
    names = "、".join(wrong)
    yield Check(
        "postgresql", not wrong, True,
        f"PostgreSQL {version} 设置有误:{names}" if wrong
        else f"PostgreSQL {version},最多 {told['max_connections']} 个连接,校验和 {told['data_checksums']}",
        f"PostgreSQL {version} is not set right: {names}" if wrong
        else f"PostgreSQL {version}, {told['max_connections']} connections at most, checksums "
        f"{told['data_checksums']}",
        f"请使用 PostgreSQL {POSTGRES_MIN} 以上,并在 postgresql.conf 中将 fsync、full_page_writes "
        "设为 on,编码为 UTF8。",
        f"Use PostgreSQL {POSTGRES_MIN} or later, with fsync and full_page_writes on in postgresql.conf, and "
        "UTF8 as its encoding.",
    )  # fmt: skip


def _redis(data: Path, found: Installation | None) -> Check:
    config = files.read_json(found.config(COORDINATOR)) if found else None
    url = str((config or {}).get("redis") or "")
    if found is None or not url:
        return Check(
            "redis", True, True, "未使用 Redis(单协调端无需)", "no Redis is used (one coordinator needs none)"
        )
    if not _is_up(data, found, url):
        return Check("redis", True, True, f"Redis:{_WITH_STACK[0]}", f"Redis: {_WITH_STACK[1]}")
    import redis  # noqa: PLC0415 - a while to read, and most houses have none

    try:
        with redis.Redis.from_url(url, socket_timeout=ASK_S, socket_connect_timeout=ASK_S) as line:
            version = str(line.info("server")["redis_version"])
        why = ""
    except (redis.RedisError, OSError, ValueError) as error:
        version, why = "", type(error).__name__
    at = urlsplit(url)
    place = f"{at.hostname}:{at.port or 6379}" if at.hostname else at.path
    return Check(
        "redis", not why, False,
        f"Redis {place} 无法连接({why})" if why else f"Redis {version} 已连通",
        f"Redis at {place} cannot be reached ({why})" if why else f"Redis {version} answers",
        "评标照常进行,但各协调端之间的通知会慢约半秒。请启动该 Redis 并检查配置中的 redis 地址。",
        "Evaluations go on, but coordinators hear of each other half a second later. Start that Redis, and "
        "check `redis` in the configuration.",
    )  # fmt: skip
