"""What a custodian has released, on its disk before it leaves, one file for each opening (SPEC 28.4, step 6).

A file is written beside, fsynced, linked under its name, and the folder fsynced: it is there whole or not at
all, and never written over. So a service that dies between any two steps gives the very bytes again, or has
given nothing; and for another list of bids it gives none, whatever happens to the machine in between.
"""

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.hidden import Disclosure
from protocol.words import Id, Stage

_PRIVATE = 0o600
_FOLDER = 0o700
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Released(Struct, frozen=True, forbid_unknown_fields=True):
    """A release as it left: for which session, stage and list, and the hidden value with its boxes."""

    session: Id
    stage: Stage
    bids: Digest
    release: Disclosure
    at: int
    v: int = 1


class Conflict(Exception):
    """Something else was released for this opening already; nothing is released twice differently."""


class Torn(Exception):
    """A file of releases is not what was written: the service gives nothing, and a person looks."""


class Releases:
    """The folder of releases of one custodian; one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, and hold it against a second process.

        Raises:
          BlockingIOError: another process holds it.
          OSError: it cannot be made.
        """
        folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        self.folder = folder
        self._held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._held)

    def of(self, session: str, stage: Stage) -> Released | None:
        """What was released at an opening; None where nothing was.

        Raises:
          Torn: its file is damaged.
        """
        path = self._path(session, stage)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            found = canonical.decode(raw, Released, limits.DISCLOSURE_BYTES_MAX * 2)
        except canonical.NotCanonical as error:
            raise Torn(str(path)) from error
        if (found.session, found.stage) != (session, stage):
            raise Torn(str(path))
        return found

    def all(self) -> tuple[Released, ...]:
        """Every release, the newest first.

        Raises:
          Torn: a file is damaged.
          OSError: the disk cannot be read.
        """
        found = []
        for path in self.folder.glob("*.json"):
            try:
                found.append(canonical.decode(path.read_bytes(), Released, limits.DISCLOSURE_BYTES_MAX * 2))
            except canonical.NotCanonical as error:
                raise Torn(str(path)) from error
        return tuple(sorted(found, key=lambda one: -one.at))

    def keep(self, one: Released) -> Released:
        """Put a release on the disk; only then may it leave.

        Raises:
          Conflict: another list was released for.
          OSError: the disk is full or does not allow it; nothing was released.
        """
        before = self.of(one.session, one.stage)
        if before is None:
            path = self._path(one.session, one.stage)
            beside = path.with_suffix(".new")
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
            with os.fdopen(handle, "wb") as file:
                file.write(canonical.encode(one))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(beside, path)
            finally:
                beside.unlink()
            os.fsync(self._held)
            return one
        if before.bids != one.bids:
            raise Conflict(f"released for another list of bids in {one.session}")
        return before

    def _path(self, session: str, stage: Stage) -> Path:
        name = hashlib.sha256(canonical.encode([session, stage])).hexdigest()
        return self.folder / f"{name}.json"
