"""The disk of the data folder: space, what kind it is, how long a fdatasync takes, and whether to believe it.

What is acknowledged is durable (DESIGN 1, rule 4) only where the disk keeps its word. That can be doubted
from here, not proved: a file system in memory, one that is told not to sync, a program that swallows the
calls, a sync that takes less time than any device needs.
"""

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from ops import senses
from ops.doctor.check import Check

FREE_BYTES_MIN: Final = 1_000_000_000
FREE_FILES_MIN: Final = 10_000
FSYNC_MS_MAX: Final = 50
"""A disk slower than this holds up every act of every session on it."""
FSYNC_MS_MIN: Final = 0.008
"""No device acknowledges a write to stable storage faster; a sync that does is not one."""
FSYNC_TRIES: Final = 20
MEMORY_KINDS: Final = frozenset({"tmpfs", "ramfs", "devtmpfs"})
DISTANT_KINDS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "afs", "ceph", "glusterfs"}
)
CARELESS: Final = frozenset({"nobarrier", "barrier=0", "volatile", "nosync", "fsync=nosync"})
"""Mount options under which a sync returns before the device has the data."""
_SWALLOWERS = ("eatmydata", "nosync")


class Mount(Struct, frozen=True):
    """Where a folder lies: the mount, its file system, its options."""

    place: str
    kind: str
    options: frozenset[str]


def look(data: Path) -> Iterator[Check]:
    """Space, kind, speed and honesty of the disk under a folder that may not exist yet."""
    place = data.absolute()
    while not place.exists():
        place = place.parent
    yield _space(place)
    mount = mount_of(place)
    if mount is not None:
        yield _kind(mount)
    try:
        spent_ms = fsync_ms(place)
    except OSError as error:
        yield Check(
            "fsync", False, True, f"{place} 无法写入({error.strerror})",
            f"{place} cannot be written ({error.strerror})",
            "请检查权限,或用 --data 指定别处。", "Check its permissions, or name another with --data.",
        )  # fmt: skip
        return
    yield Check(
        "fsync", spent_ms <= FSYNC_MS_MAX, True,
        f"一次落盘 {spent_ms:.2f} 毫秒", f"one fdatasync takes {spent_ms:.2f} ms",
        f"磁盘过慢(上限 {FSYNC_MS_MAX} 毫秒)。请改用本地固态硬盘。",
        f"The disk is too slow (at most {FSYNC_MS_MAX} ms). Use a local solid-state disk.",
    )  # fmt: skip
    yield _honest(mount, spent_ms)


def _space(place: Path) -> Check:
    free, files = shutil.disk_usage(place).free, os.statvfs(place)
    enough_files = files.f_files == 0 or files.f_favail >= FREE_FILES_MIN
    return Check(
        "disk", free >= FREE_BYTES_MIN and enough_files, True,
        f"剩余空间 {free / 1e9:.1f} GB" + ("" if enough_files else f",仅可再建 {files.f_favail} 个文件"),
        f"{free / 1e9:.1f} GB free" + ("" if enough_files else f", room for {files.f_favail} files"),
        f"请在 {place} 所在磁盘腾出至少 1 GB(或删除大量小文件),或用 --data 指定别处。",
        f"Free at least 1 GB (or many small files) on the disk of {place}, or name another with --data.",
    )  # fmt: skip


def _kind(mount: Mount) -> Check:
    in_memory = mount.kind in MEMORY_KINDS
    distant = mount.kind in DISTANT_KINDS or mount.kind.startswith("fuse")
    zh = (
        "在内存中,断电即失"
        if in_memory
        else "在网络或虚拟共享上,锁与落盘未必可靠"
        if distant
        else "本地文件系统"
    )
    en = (
        "in memory and gone with the power" if in_memory else "on a network or shared" if distant else "local"
    )
    return Check(
        "file_system", not in_memory and not distant, False,
        f"数据位于 {mount.place}({mount.kind}):{zh}", f"the data are on {mount.place} ({mount.kind}): {en}",
        "仅供试用。正式评标请用 --data 指定本地磁盘(ext4、xfs)上的文件夹。",
        "Good for a trial. For a real evaluation, name a folder on a local disk (ext4, xfs) with --data.",
    )  # fmt: skip


def _honest(mount: Mount | None, spent_ms: float) -> Check:
    why_zh, why_en = "", ""
    preload = os.environ.get("LD_PRELOAD", "")
    careless = sorted(CARELESS & mount.options) if mount else []
    if any(one in preload for one in _SWALLOWERS):
        why_zh, why_en = f"LD_PRELOAD 载入了 {preload}", f"LD_PRELOAD has {preload}"
    elif careless:
        why_zh, why_en = f"挂载选项 {'、'.join(careless)}", f"mount options {', '.join(careless)}"
    elif spent_ms < FSYNC_MS_MIN and not (mount and mount.kind in MEMORY_KINDS):
        why_zh = f"一次落盘仅 {spent_ms * 1000:.0f} 微秒,没有磁盘能这样快"
        why_en = f"one takes {spent_ms * 1000:.0f} µs only, which no disk can"
    return Check(
        "fsync_kept", not why_en, False,
        f"落盘可能未到达磁盘:{why_zh}" if why_en else "落盘未见被跳过的迹象(断电保护仍取决于硬件)",
        f"a sync may not reach the disk: {why_en}" if why_en
        else "nothing seen that skips a sync (the device's own cache remains its maker's word)",
        "断电可能丢失已确认的操作。请去掉上述设置后重新启动,或改用其他磁盘。",
        "Acts that were acknowledged may be lost with the power. Remove that setting, or use another disk.",
    )  # fmt: skip


def fsync_ms(place: Path) -> float:
    """The median time of one fdatasync of 4 KiB in a folder, ms.

    Raises:
      OSError: nothing can be written there.
    """
    spent = []
    with tempfile.NamedTemporaryFile(dir=place, prefix=".doctor-") as file:
        for _ in range(FSYNC_TRIES):
            file.write(b"\0" * 4096)
            file.flush()
            start = senses.running_ns()
            os.fdatasync(file.fileno())
            spent.append((senses.running_ns() - start) / 1e6)
    return statistics.median(spent)


def mount_of(place: Path, table: Path = Path("/proc/self/mounts")) -> Mount | None:
    """What a folder is mounted on; None where the system does not say (fstab(5): spaces are octal)."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return None
    best: Mount | None = None
    for line in lines:
        _, at, kind, options, *_ = line.split(" ")
        at = at.replace("\\040", " ")
        # The last of several mounts on one place is the one that is seen.
        if place.resolve().is_relative_to(at) and (best is None or len(at) >= len(best.place)):
            best = Mount(at, kind, frozenset(options.split(",")))
    return best
