"""What a custodian holds and has released of scores, on its disk: a file each, whole or not there at all.

A file is written beside, fsynced, linked under its name, and the folder fsynced; it is never written over. So
a service that dies between any two steps gives the very bytes again, or has given nothing. Must not know what
stands in a file.
"""

import hashlib
import os
from pathlib import Path

_PRIVATE = 0o600
_FOLDER = 0o700


class Shelf:
    """A folder of files that are put once; the process that has it holds it against others elsewhere."""

    def __init__(self, folder: Path) -> None:
        """Use a folder; it is made where there is none.

        Raises:
          OSError: it cannot be made.
        """
        folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        self._folder = folder

    def get(self, name: bytes) -> bytes | None:
        """What was put under a name; None where nothing was.

        Raises:
          OSError: the disk.
        """
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: bytes, raw: bytes) -> bytes:
        """Put bytes under a name, durable on return; what stood there before stays, and is the answer.

        Raises:
          OSError: the disk is full or does not allow it; nothing stands there.
        """
        path = self._path(name)
        beside = path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return path.read_bytes()
        finally:
            beside.unlink()
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return raw

    def _path(self, name: bytes) -> Path:
        return self._folder / f"{hashlib.sha256(name).hexdigest()}.json"
