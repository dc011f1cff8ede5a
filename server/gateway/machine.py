"""What the coordinator's machine has left: memory, room on the disk, and which versions run here.

Reads only. Where the system does not say (no /proc), a figure is 0.
"""

import functools
import platform
import shutil
from importlib import metadata
from pathlib import Path

from msgspec import Struct

_PAGE_BYTES = 4_096


class Machine(Struct, frozen=True):
    """Bytes: what this process holds, what the machine could still give, and the database's disk and file."""

    process_bytes: int
    available_bytes: int
    disk_free_bytes: int
    disk_bytes: int
    database_bytes: int


class Versions(Struct, frozen=True):
    """What runs here."""

    tongchang: str
    python: str
    system: str


def look(data_dir: Path, database: Path | None) -> Machine:
    """How the machine stands now; `database` is the file, None where a server keeps it."""
    disk = shutil.disk_usage(data_dir)
    files = () if database is None else database.parent.glob(f"{database.name}*")
    return Machine(
        process_bytes=_process_bytes(),
        available_bytes=_available_bytes(),
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
        database_bytes=sum(one.stat().st_size for one in files if one.is_file()),
    )


@functools.cache
def versions() -> Versions:
    """The versions of this process; they do not change while it runs."""
    try:
        own = metadata.version("tongchang")
    except metadata.PackageNotFoundError:
        own = ""
    return Versions(own, platform.python_version(), f"{platform.system()} {platform.release()}")


def _process_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0


def _available_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        told = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(told.split()[1]) * 1024
    except (OSError, ValueError, IndexError, StopIteration):
        return 0
