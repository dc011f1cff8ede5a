"""The machine that a node runs on, as its keeper must know it: room on the disk, and what feeds it.

Owns the reading of Linux's own files. What a machine does not tell is unknown, never guessed: a desktop has
no battery, a container no power supply. Sources: statvfs(3), Linux ABI/testing/sysfs-class-power.
"""

import contextlib
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Literal

from protocol.session.phases import CURRENT
from protocol.venue import Versions

SUPPLIES = Path("/sys/class/power_supply")

Source = Literal["mains", "battery", "unknown"]


def room(folder: Path) -> tuple[int, int]:
    """Free and total bytes of the file system that holds a folder, as far as we may use it."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def power(supplies: Path = SUPPLIES) -> tuple[Source, int]:
    """What feeds the machine, and the per cent left in its fullest battery; `unknown` and -1 if it is silent.

    A machine is on battery when no mains supply is online and one battery or UPS discharges.
    """
    mains, discharging, percent = False, False, -1
    with contextlib.suppress(OSError):
        for supply in sorted(supplies.iterdir()):
            kind = _word(supply / "type")
            if kind in ("Mains", "USB"):
                mains = mains or _word(supply / "online") == "1"
            elif kind in ("Battery", "UPS"):
                discharging = discharging or _word(supply / "status") == "Discharging"
                left = _word(supply / "capacity")
                percent = max(percent, int(left)) if left.isdecimal() else percent
    if mains:
        return "mains", percent
    return ("battery" if discharging else "unknown"), percent


def versions() -> Versions:
    """What runs here."""
    try:
        software = metadata.version("tongchang")
    except metadata.PackageNotFoundError:
        software = "?"
    system = f"{platform.system()} {platform.release()}"
    return Versions(software, platform.python_version(), CURRENT, system)


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""
