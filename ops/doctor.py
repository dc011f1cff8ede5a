"""The doctor: is this machine fit to run an evaluation, and what to do where it is not.

Owns a list of checks, each with a remedy in both languages; changes nothing. A red line that an evaluation
needs ends the command with 1; what only tests or browsers need is told but does not.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ops import certificates, installation, ports, senses, stack
from ops.check import Check
from ops.installation import COORDINATOR, Installation
from ops.trouble import Trouble
from server.store.health import Health, look, look_at

PYTHON_MIN: Final = (3, 11)
NODE_MIN: Final = (20, 19)
FREE_BYTES_MIN: Final = 1_000_000_000
FSYNC_MS_MAX: Final = 50
"""A disk slower than this holds up every act of every session on it."""
FSYNC_TRIES: Final = 20
CLOCK_EARLIEST_MS: Final = 1_780_000_000_000
"""Before this system was written: a clock that says so is wrong."""
CLOCK_LATEST_MS: Final = 4_102_444_800_000
ASK_S: Final = 20.0


def examine(data: Path) -> tuple[Check, ...]:
    """All checks, for a data folder that may not exist yet."""
    found = _installed(data)
    looks: list[Callable[[], Iterator[Check]]] = [
        _python,
        _node,
        lambda: _ports(data, found),
        lambda: _disk(data),
        _clock,
        lambda: _certificates(found),
        lambda: _database(found),
        _fonts,
        _browser,
    ]
    return tuple(check for look in looks for check in look())


def is_fit(checks: tuple[Check, ...]) -> bool:
    """Whether nothing needed is red."""
    return all(check.ok or not check.needed for check in checks)


def as_json(checks: tuple[Check, ...]) -> str:
    """The checks as one line: `{ok, checks: [{name, ok, needed, zh, en, remedy_zh, remedy_en}]}`."""
    value = {"ok": is_fit(checks), "checks": [_plain(check) for check in checks]}
    return json.dumps(value, ensure_ascii=False)


def _plain(check: Check) -> dict[str, object]:
    return {name: getattr(check, name) for name in Check.__struct_fields__}


def _installed(data: Path) -> Installation | None:
    return installation.find(data) if (data / "installation.json").exists() else None


def _python() -> Iterator[Check]:
    here = sys.version_info[:3]
    text = ".".join(str(number) for number in here)
    yield Check(
        "python", here >= PYTHON_MIN, True, f"Python {text}", f"Python {text}",
        "请安装 Python 3.11 或更新版本。", "Install Python 3.11 or newer.",
    )  # fmt: skip


def _node() -> Iterator[Check]:
    built = all((stack.PROJECT / page / "dist" / "index.html").exists() for page in _pages())
    text = _first_line("node", "--version") or ""
    numbers = tuple(int(part) for part in text.removeprefix("v").split(".")[:2] if part.isdecimal())
    said = f"Node.js {text}" if text else "Node.js"
    yield Check(
        "node", numbers >= NODE_MIN, not built,
        said if text else "没有 Node.js", said if text else "no Node.js",
        "构建网页需要 Node.js 20.19 或更新版本,请安装(含 npm)。",
        "Building the pages needs Node.js 20.19 or newer; install it with npm.",
    )  # fmt: skip
    yield Check(
        "pages", built, True,
        "网页已构建" if built else "网页尚未构建", "pages are built" if built else "pages are not built",
        "请运行 ops/run --prepare。", "Run ops/run --prepare.",
    )  # fmt: skip


def _pages() -> tuple[str, ...]:
    manifests = stack.PROJECT.glob("*/web/*/package.json")
    return tuple(sorted(str(one.parent.relative_to(stack.PROJECT)) for one in manifests))


def _ports(data: Path, found: Installation | None) -> Iterator[Check]:
    base = found.ports_from if found else installation.PORTS_FROM
    nodes = len(found.nodes) if found else len(installation.DEFAULT_PLACES)
    first_page = base + installation.PORTS_SPAN
    wanted = (base, first_page - 1, *range(first_page, first_page + nodes))
    own = set(stack.running(data).values())
    taken = []
    for port in wanted:
        if ports.is_free(port):
            continue
        held = ports.holder(port)
        if held is None or held.pid not in own:
            taken.append(f"{port} (PID {held.pid} {held.command})" if held else str(port))
    names = "、".join(taken)
    state_zh, state_en = ("本系统正在运行", "this stack is running") if own else ("均空闲", "all free")
    span = f"{wanted[0]}–{wanted[-1]}"
    yield Check(
        "ports", not taken, True,
        f"端口 {span}:{names} 被占用" if taken else f"端口 {span}:{state_zh}",
        f"ports {span}: taken are {names}" if taken else f"ports {span}: {state_en}",
        f"请停止占用端口的程序,或使用 --ports-from {base + 100}。",
        f"Stop what holds them, or use --ports-from {base + 100}.",
    )  # fmt: skip


def _disk(data: Path) -> Iterator[Check]:
    place = data
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    yield Check(
        "disk", free >= FREE_BYTES_MIN, True,
        f"剩余空间 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free",
        f"请在 {place} 所在磁盘腾出至少 1 GB。", f"Free at least 1 GB on the disk of {place}.",
    )  # fmt: skip
    try:
        spent_ms = _fsync_ms(place)
    except OSError as error:
        yield Check(
            "fsync", False, True, f"{place} 无法写入({error.strerror})", f"{place} cannot be written",
            "请检查权限,或用 --data 指定别处。", "Check its permissions, or name another with --data.",
        )  # fmt: skip
        return
    yield Check(
        "fsync", spent_ms <= FSYNC_MS_MAX, True,
        f"一次落盘 {spent_ms:.1f} 毫秒", f"one fdatasync takes {spent_ms:.1f} ms",
        f"磁盘过慢(上限 {FSYNC_MS_MAX} 毫秒)。请改用本地固态硬盘。",
        f"The disk is too slow (at most {FSYNC_MS_MAX} ms). Use a local solid-state disk.",
    )  # fmt: skip


def _fsync_ms(place: Path) -> float:
    """The median time of one fdatasync of 4 KiB, ms."""
    spent = []
    with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-") as file:
        for _ in range(FSYNC_TRIES):
            file.write(b"\0" * 4096)
            file.flush()
            start = senses.running_ns()
            os.fdatasync(file.fileno())
            spent.append((senses.running_ns() - start) / 1e6)
    return statistics.median(spent)


def _clock() -> Iterator[Check]:
    now = senses.now_ms()
    text = f"{datetime.fromtimestamp(now / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield Check(
        "clock", CLOCK_EARLIEST_MS < now < CLOCK_LATEST_MS, True,
        f"系统时间 {text}", f"the clock says {text}",
        "系统时间明显不对。请校准时钟并启用时间同步。",
        "The clock is plainly wrong. Set it and keep it synchronised.",
    )  # fmt: skip


def _certificates(found: Installation | None) -> Iterator[Check]:
    if found is None:
        yield Check(
            "certificates",
            True,
            True,
            "尚未安装,首次启动时生成",
            "not installed yet; made at the first start",
        )
        return
    now = senses.now_ms()
    faults = []
    least = certificates.AUTHORITY_DAYS
    try:
        authority = certificates.read_certificate(found.data / "ca" / "ca.pem")
        for name in (COORDINATOR, *(node.place.node for node in found.nodes)):
            one = certificates.read_certificate(found.config(name).parent / "cert.pem")
            least = min(least, certificates.days_left(one, now))
            named = certificates.host_name(name) in certificates.names(one)
            if not named or not certificates.is_under(one, authority) or certificates.days_left(one, now) < 0:
                faults.append(name)
            if (found.config(name).parent / "key.pem").stat().st_mode & 0o077:
                faults.append(f"{name}/key.pem")
    except (Trouble, OSError) as error:
        faults.append(str(error))
    names = "、".join(faults)
    yield Check(
        "certificates", not faults, True,
        f"证书有误:{names}" if faults else f"证书有效,最短剩余 {least} 天",
        f"certificates at fault: {names}" if faults else f"certificates are good for {least} days at least",
        "请重新启动(证书会自动更新);密钥文件权限应为 600。",
        "Start again (certificates are renewed then); key files must have mode 600.",
    )  # fmt: skip


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


def _database(found: Installation | None) -> Iterator[Check]:
    url = installation.database(found) if found else ""
    path = found.data / COORDINATOR / "coordinator.db" if found else None
    if url:
        health, why = look_at(url)
    elif path is not None and path.exists():
        health, why = look(path)
    else:
        yield Check("database", True, True, "尚无数据库", "no database yet")
        return
    zh, en = _HEALTH[health]
    remedy = (
        (
            "请启动配置中 database 所指的数据库服务器,并检查其地址。",
            "Start the server that `database` names in the configuration, and check its address.",
        )
        if health == "unreachable"
        else (
            "请停止系统,从备份恢复数据库;结构过旧时启动一次即自动升级。",
            "Stop the stack and restore the database from a copy; an old form is upgraded at the next start.",
        )
    )
    yield Check(
        "database",
        health in ("whole", "old"),
        True,
        f"{zh}{why and f'({why})'}",
        f"{en}{why and f' ({why})'}",
        *remedy,
    )


def _fonts() -> Iterator[Check]:
    there = bool(_first_line("fc-list", ":lang=zh-cn", "family"))
    yield Check(
        "fonts", there, False,
        "有中文字体" if there else "没有中文字体", "Chinese fonts are there" if there else "no Chinese fonts",
        "网页测试需要中文字体:apt-get install fonts-noto-cjk。",
        "Tests of the pages need Chinese fonts: apt-get install fonts-noto-cjk.",
    )  # fmt: skip


def _browser() -> Iterator[Check]:
    path = shutil.which("chromium")
    yield Check(
        "chromium", path is not None, False,
        f"Chromium:{path}" if path else "没有 Chromium", f"Chromium: {path}" if path else "no Chromium",
        "网页测试需要 Chromium:apt-get install chromium。",
        "Tests of the pages need Chromium: apt-get install chromium.",
    )  # fmt: skip


def _first_line(*command: str) -> str | None:
    """The first line a program prints, or None when it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().split("\n", 1)[0]
