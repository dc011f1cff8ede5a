"""The machine itself: Python, its text encoding, memory, and how many files a process may open."""

import locale
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops.doctor.check import Check

PYTHON_MIN: Final = (3, 11)
MEMORY_BYTES_MIN: Final = 1_000_000_000
"""Five processes with the sample take about 600 MB; a browser beside them as much again."""
OPEN_FILES_MIN: Final = 1_024
"""A node holds a socket for each page and a file for each session it has a copy of."""
_MEMORY = Path("/proc/meminfo")
_GROUP_MAX = Path("/sys/fs/cgroup/memory.max")
_GROUP_NOW = Path("/sys/fs/cgroup/memory.current")


def look() -> Iterator[Check]:
    """Python, locale, memory and open files."""
    yield _python()
    yield _locale()
    yield _memory()
    yield _open_files()


def _python() -> Check:
    here = sys.version_info[:3]
    text = ".".join(str(number) for number in here)
    return Check(
        "python", here >= PYTHON_MIN, True, f"Python {text}", f"Python {text}",
        "请安装 Python 3.11 或更新版本。", "Install Python 3.11 or newer.",
    )  # fmt: skip


def _locale() -> Check:
    names = {"files": sys.getfilesystemencoding(), "text": locale.getencoding(), "stdout": _stdout()}
    wrong = [f"{what} {name}" for what, name in names.items() if _plain(name) != "utf8"]
    said = ", ".join(wrong) or "UTF-8"
    return Check(
        "locale", not wrong, False,
        f"文字编码:{said}", f"text encoding: {said}",
        "中文可能显示或写入有误。请设置 export LANG=C.UTF-8(或 PYTHONUTF8=1)后重新打开终端。",
        "Chinese may be shown or written wrongly. Set export LANG=C.UTF-8 (or PYTHONUTF8=1) and open a new "
        "terminal.",
    )  # fmt: skip


def _stdout() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _memory() -> Check:
    free = available_bytes()
    if free is None:
        return Check("memory", True, True, "可用内存未知", "memory available: not told by this system")
    return Check(
        "memory", free >= MEMORY_BYTES_MIN, True,
        f"可用内存 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB of memory available",
        "请关闭其他程序,腾出至少 1 GB 内存;或放宽容器的内存上限。",
        "Close other programs until at least 1 GB is available, or raise the container's memory limit.",
    )  # fmt: skip


def available_bytes() -> int | None:
    """What programs may still take: of the machine, and of the control group that this one runs in."""
    found = []
    try:
        lines = _MEMORY.read_text().splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
        found.append(int(_GROUP_MAX.read_text()) - int(_GROUP_NOW.read_text()))
    except (OSError, ValueError):
        pass  # no such system, or a group without a limit ("max")
    return min(found, default=None)


def _open_files() -> Check:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = "∞" if soft == resource.RLIM_INFINITY else str(soft)
    enough = soft == resource.RLIM_INFINITY or soft >= OPEN_FILES_MIN
    mends_itself = hard == resource.RLIM_INFINITY or hard >= OPEN_FILES_MIN
    return Check(
        "open_files", enough, True,
        f"每个进程可打开 {told} 个文件", f"a process may open {told} files",
        f"请先执行 ulimit -n {OPEN_FILES_MIN}。" if mends_itself
        else f"请在 /etc/security/limits.conf 或 systemd 单元(LimitNOFILE)中提高到至少 {OPEN_FILES_MIN}。",
        f"Run ulimit -n {OPEN_FILES_MIN} first." if mends_itself
        else f"Raise it to at least {OPEN_FILES_MIN} in /etc/security/limits.conf or the systemd unit "
        "(LimitNOFILE).",
    )  # fmt: skip
