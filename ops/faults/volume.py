"""A small disk: a tmpfs of a few megabytes in mounts that nobody else sees, filled and emptied at will.

Owns the mounts and the ballast. The command goes on in a mount namespace of its own, so that the disk is gone
with it however it ends. Needs Linux and the administrator (or user namespaces). Source: mount_namespaces(7),
tmpfs(5), unshare(1).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from ops.trouble import Trouble

_INSIDE: Final = "TONGCHANG_PRIVATE_MOUNTS"
_BALLAST: Final = ".ballast"
_BLOCK: Final = 4_096


def within_private_mounts() -> None:
    """Go on, from the beginning of the command, in mounts of our own; does nothing when we are there.

    Raises:
      Trouble: this machine gives none.
    """
    if os.environ.get(_INSIDE) == "1":
        return
    asked = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        asked += ["--user", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*asked, "true"], check=False).returncode:
        raise Trouble(
            "无法建立私有挂载(需要 Linux 与管理员权限)。请以管理员身份运行。",
            "No mounts of our own can be made here (Linux and the administrator are needed). Run it as root.",
        )
    os.environ[_INSIDE] = "1"
    command = [*asked, sys.executable, "-m", "ops.command", *sys.argv[1:]]
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


class Volume:
    """A small disk in the place of a folder, with what lay in the folder on it."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        """Mount it.

        Raises:
          Trouble: it cannot be mounted.
        """
        self.folder = folder
        kept = folder.with_name(f".{folder.name}.kept")
        folder.rename(kept)
        folder.mkdir(mode=0o700)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=700", "tongchang-small", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if mounted.returncode:
            raise Trouble(
                f"无法挂载小容量磁盘:{mounted.stderr.strip()}。",
                f"The small disk cannot be mounted: {mounted.stderr.strip()}.",
            )
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        shutil.rmtree(kept)

    @property
    def left_bytes(self) -> int:
        """What is free."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self) -> int:
        """Leave not a block free, also where something was let go since; how many bytes that took."""
        taken = 0
        with (self.folder / _BALLAST).open("ab", buffering=0) as file:
            while True:
                try:
                    taken += file.write(bytes(_BLOCK))
                except OSError:
                    return taken

    def free(self) -> None:
        """Take the ballast away."""
        (self.folder / _BALLAST).unlink()

    def close(self) -> None:
        """Take the disk away, with everything on it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)
