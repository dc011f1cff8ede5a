"""A clock that is wrong: a process of the stack whose wall clock is off by as much as a file says.

Owns the file and the process's reading of it, so that a clock can be set while the process runs. A kernel
gives no process a wall clock of its own, so the process reads its real clock through this room before its own
`senses` does. What never goes back (`monotonic`) is left alone, as a real clock that is set leaves it.
"""

import mmap
import runpy
import struct
import sys
import time
from pathlib import Path
from typing import Final

from ops import files

_OFF: Final = struct.Struct("<q")


def set_off(path: Path, off_ms: int) -> None:
    """Put a clock wrong by so many ms (0: right), also under a process that runs."""
    if not path.exists():
        files.write(path, bytes(_OFF.size))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), _OFF.size) as shared:
        _OFF.pack_into(shared, 0, off_ms)


def main() -> None:
    """`MODULE OFF_FILE …`: go on as that module, its clock as wrong as the file says."""
    module, path, *arguments = sys.argv[1:]
    with Path(path).open("rb") as file:
        off = mmap.mmap(file.fileno(), _OFF.size, access=mmap.ACCESS_READ)
    right_ns = time.time_ns
    time.time_ns = lambda: right_ns() + _OFF.unpack_from(off)[0] * 1_000_000
    time.time = lambda: time.time_ns() / 1_000_000_000
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
