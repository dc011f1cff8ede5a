"""The room that is set aside for a tender's bids: one file, full of random bytes from the start (SPEC 23.2).

Its length never changes, so that the disk's free room does not move with bids and no upload meets a full
disk; and sealed bytes look like what was there before. Blocks are as long as a segment. Owns the file; who
has which block is the caller's. A block is durable when `put` returns (fdatasync). Blocking: for a thread.
"""

import errno
import os
import shutil
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from protocol.limits import SEGMENT_BYTES

_MODE: Final = 0o600
_STEP_BYTES: Final = SEGMENT_BYTES
_KEY_BYTES: Final = 32
_IV_BYTES: Final = 16


class Reserve:
    """One tender's file of blocks."""

    def __init__(self, path: Path) -> None:
        """Open what `fill` has made.

        Raises:
          OSError: it is not there.
        """
        self._handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.blocks = os.fstat(self._handle).st_size // SEGMENT_BYTES

    def put(self, block: int, data: bytes) -> None:
        """Write the beginning of a block; durable when this returns.

        Raises:
          OSError: the disk does not take it.
        """
        assert 0 <= block < self.blocks
        assert len(data) <= SEGMENT_BYTES
        at = block * SEGMENT_BYTES
        view = memoryview(data)
        while view:
            done = os.pwrite(self._handle, view, at)
            view, at = view[done:], at + done
        os.fdatasync(self._handle)

    def get(self, block: int, size: int) -> bytes:
        """The beginning of a block.

        Raises:
          OSError: the disk does not give it.
        """
        found = bytearray()
        while len(found) < size:
            piece = os.pread(self._handle, size - len(found), block * SEGMENT_BYTES + len(found))
            if not piece:
                raise OSError(errno.EIO, "the reserve ends within a block")
            found += piece
        return bytes(found)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)


def fill(path: Path, room_bytes: int, free_bytes_min: int, key: bytes) -> None:
    """Make a reserve, whole and synced, or nothing.

    Args:
      path: its file; one that is there already, from a try that was not finished, is replaced.
      room_bytes: its length; only whole blocks are made.
      free_bytes_min: so much must be left on the disk beside it.
      key: 32 random bytes that the filling is made from and that nobody keeps.

    Raises:
      OSError: ENOSPC where there is not room for it, before anything is written; or the disk's own fault.
    """
    size = room_bytes // SEGMENT_BYTES * SEGMENT_BYTES
    beside = path.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    if shutil.disk_usage(path.parent).free - size < free_bytes_min:
        raise OSError(errno.ENOSPC, "no room for the reserve")
    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(_IV_BYTES))).encryptor()
    assert len(key) == _KEY_BYTES
    zeros = bytes(_STEP_BYTES)
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(handle, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
            for _ in range(0, size, _STEP_BYTES):
                file.write(stream.update(zeros))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
