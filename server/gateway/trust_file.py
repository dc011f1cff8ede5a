"""The trust list that this machine goes by: one file, replaced by a newer list and never by an older.

Owns the file. Which of two lists counts is `protocol.seal.trust`'s; what is taken is on the disk before it is
gone by, so that a machine which has seen a list still has seen it after its power failed.
"""

import contextlib
import os
from pathlib import Path

from protocol.refusals import Refusal
from protocol.seal.trust import trust_list
from protocol.seal.trust.trust_list import Signers, Trusted


class NoTrustList(RuntimeError):
    """The file cannot be read or is no list that may be used; `refusal` says why where it is one."""

    def __init__(self, path: Path, refusal: Refusal | None) -> None:
        """Name the file."""
        super().__init__(f"{path}: {refusal.code if refusal is not None else 'cannot be read'}")
        self.refusal = refusal


class TrustFile:
    """The list in use."""

    def __init__(self, path: Path, pinned: Signers | None = None) -> None:
        """Read the list at a path; `pinned` are the signers that whoever installed this knows.

        Raises:
          NoTrustList: there is none that may be used. Get it anew from the alliance.
        """
        self._path = path
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise NoTrustList(path, None) from error
        found = trust_list.read(raw, pinned)
        if isinstance(found, Refusal):
            raise NoTrustList(path, found)
        self.trusted: Trusted = found

    def offer(self, raw: bytes) -> Trusted | Refusal:
        """Take a newer list, durably; the one in use stays where what is offered is refused.

        Returns:
          The list in use from now on.

        Raises:
          OSError: the disk does not take it; the list in use stays.
        """
        found = trust_list.follow(self.trusted, raw)
        if isinstance(found, Trusted) and found is not self.trusted:
            self._write(raw)
            self.trusted = found
        return found

    def _write(self, raw: bytes) -> None:
        """Whole or not at all: beside the file, fsynced, renamed over it, and its name fsynced."""
        beside = self._path.with_name(f".{self._path.name}.new")
        try:
            with beside.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
