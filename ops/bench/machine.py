"""The machine: what it is, how busy it was, which core works for whom, and what a process has used.

Owns reading /proc (proc(5)) and pinning (sched_setaffinity(2)). The server under measurement gets a core of
its own and the load generator the other one, so that neither is paid for by the other. On a machine with
one core, or another system, nothing is pinned and the facts say so.
"""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ops import senses

SERVER_CORE: Final = 0
CROWD_CORE: Final = 1
ASK_S: Final = 20.0
TICK_MS: Final = 1000 / os.sysconf("SC_CLK_TCK")
"""What /proc counts a process's time in."""


def facts() -> dict[str, Any]:
    """What a figure must be read with: the machine, its kernel and programs, its load just now."""
    return {
        "date": f"{datetime.fromtimestamp(senses.now_ms() / 1000, UTC):%Y-%m-%d %H:%M} UTC",
        "cores": os.cpu_count() or 1,
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": _said("node", "--version"),
        "pinned": can_pin(),
        "load": load(),
    }


def load() -> float:
    """How many processes wanted a core over the last minute, ours and others' together."""
    return round(os.getloadavg()[0], 2)


def can_pin() -> bool:
    """Whether there is a core for the server and another for the load."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


def pin(pid: int, core: int) -> None:
    """Give a process one core, all its threads included; threads that it starts later inherit it."""
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):
        return
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def cpu_ms(pid: int) -> float:
    """What a process has used of the processors so far, in user and kernel mode, ms (in whole ticks)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS


def resident_mb(pid: int) -> float:
    """What a process holds in memory now, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def descriptors(pid: int) -> int:
    """How many files and sockets a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
