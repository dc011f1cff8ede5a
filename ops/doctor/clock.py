"""Time: is this machine's clock plausible, does something keep it right, and do the processes agree.

A wrong clock voids nothing (the coordinator's decides, and only rises), but receipts, deadlines of bids and
certificates are read by it. Source: DESIGN 1 (rule 8), 9 ("clocks five minutes wrong").
"""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ops import processes, senses, stack
from ops.doctor.check import Check, first_line
from ops.installation import LOOPBACK, Installation

CLOCK_EARLIEST_MS: Final = 1_780_000_000_000
"""Before this system was written: a clock that says so is wrong."""
CLOCK_LATEST_MS: Final = 4_102_444_800_000
OFFSET_MS_MAX: Final = 2_000
"""More than this between two processes is no rounding of the HTTP `Date`, which has whole seconds."""
ANSWER_S: Final = 3.0


def look(data: Path, found: Installation | None) -> Iterator[Check]:
    """The clock, who keeps it, and what the processes say."""
    yield _clock()
    yield _kept()
    yield _agree(data, found)


def _clock() -> Check:
    now = senses.now_ms()
    text = f"{datetime.fromtimestamp(now / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Check(
        "clock", CLOCK_EARLIEST_MS < now < CLOCK_LATEST_MS, True,
        f"系统时间 {text}", f"the clock says {text}",
        "系统时间明显不对。请校准时钟(timedatectl set-time)并启用时间同步。",
        "The clock is plainly wrong. Set it (timedatectl set-time) and keep it synchronised.",
    )  # fmt: skip


def _kept() -> Check:
    kept = senses.clock_is_kept()
    if not kept and first_line("timedatectl", "show", "-p", "NTPSynchronized", "--value") == "yes":
        kept = True
    zh = {True: "时钟由时间同步服务校准", False: "时钟没有与时间服务器同步", None: "时间同步状态未知"}[kept]
    en = {
        True: "the clock is kept right by a time service",
        False: "the clock is not synchronised",
        None: "whether the clock is synchronised is not told here",
    }[kept]
    return Check(
        "time_service", kept is True, False, zh, en,
        "请启用时间同步(timedatectl set-ntp true,或安装 chrony);容器内请在宿主机上启用。",
        "Keep it synchronised (timedatectl set-ntp true, or install chrony); in a container, on its host.",
    )  # fmt: skip


def _agree(data: Path, found: Installation | None) -> Check:
    if found is None or not stack.running(data):
        return Check(
            "clocks", True, True, "系统未在运行,各进程时钟未比较", "no processes whose clocks to compare"
        )
    offsets = {
        part.name: offset for part in processes.parts(found) if (offset := _offset_ms(part)) is not None
    }
    ours = offsets.get(found.coordinators[0], 0)
    off = {name: one - ours for name, one in offsets.items() if abs(one - ours) > OFFSET_MS_MAX}
    names = "、".join(f"{name} {one / 1000:+.0f} s" for name, one in off.items())
    return Check(
        "clocks", not off, True,
        f"与协调系统的时钟相差过大:{names}" if off else f"{len(offsets)} 个进程的时钟与协调系统一致(1 秒内)",
        f"clocks differ from the coordinator's: {names}" if off
        else f"the clocks of {len(offsets)} processes agree with the coordinator's (within a second)",
        "请在相差的机器上启用时间同步,然后重新启动该处的进程。",
        "Keep the clocks of those machines synchronised, then start their processes again.",
    )  # fmt: skip


def _offset_ms(part: processes.Part) -> int | None:
    """How far a process's clock is before ours, ms; None where it does not say."""
    line = http.client.HTTPConnection(LOOPBACK, part.health_port, timeout=ANSWER_S)
    try:
        line.request("GET", "/healthz", headers={"Host": part.host})
        told = line.getresponse().getheader("Date")
        return None if told is None else senses.ms_of_date(told) - senses.now_ms() // 1000 * 1000
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        line.close()
