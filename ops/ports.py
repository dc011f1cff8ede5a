"""Ports of this machine: which are free, and who holds one that is not.

Owns looking; takes and frees nothing. Who holds a port is read from /proc, so on systems without it a
taken port is named without its holder.
"""

import errno
import socket
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from ops.installation import LOOPBACK
from ops.senses import Dice

_LISTENING = "0A"
_FREE_FROM, _FREE_TO = 20_000, 32_000
"""Where free ports are looked for: above the registered services in use, below the kernel's own range."""


class Holder(Struct, frozen=True):
    """A process that listens on a port; `command` is how it was started."""

    pid: int
    command: str


def is_free(port: int) -> bool:
    """Whether a server could listen on a loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def free_base(span: int, dice: Dice) -> int:
    """A port from which `span` ports in a row are free now, chosen at random.

    Raises:
      OSError: none was found in a thousand tries.
    """
    for attempt in range(1000):
        number = int.from_bytes(dice.bytes32("ports", str(attempt))[:8], "big")
        base = _FREE_FROM + number % (_FREE_TO - _FREE_FROM - span)
        if all(is_free(port) for port in range(base, base + span)):
            return base
    raise OSError(errno.EADDRINUSE, "no free ports in a row")


def holder(port: int) -> Holder | None:
    """Who listens on a port, where the system tells."""
    sockets = set(_listening_sockets(port))
    if not sockets:
        return None
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and _holds(process, sockets):
            return Holder(int(process.name), command_line(int(process.name)))
    return None


def command_line(pid: int) -> str:
    """How a process was started, or empty when it is gone or not ours to see."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip()


def _listening_sockets(port: int) -> Iterable[str]:
    """Socket inodes of a listening port, from /proc/net/tcp and tcp6."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                yield f"socket:[{fields[9]}]"


def _holds(process: Path, sockets: set[str]) -> bool:
    try:
        return any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir())
    except OSError:
        return False
