"""The papers of the sessions at this main venue: each file under its SHA-256, whole or not there at all.

Owns their safe-keeping: prepared reports, the report as each signature left it, signatures beside it. They
outlive the session: whoever archives it takes them from here. Must not know what stands in them.
"""

import hashlib
import os
from pathlib import Path
from typing import Literal

from sub_venue.journal.disk import make_folder

_PRIVATE = 0o600
Kind = Literal["pdf", "p7s"]


class PaperShelf:
    """A folder for each session."""

    def __init__(self, folder: Path) -> None:
        """Keep papers in a folder; it is made where it is missing."""
        self._folder = folder

    def put(self, session: str, raw: bytes, kind: Kind = "pdf") -> bytes:
        """Keep a file, durable on return; its SHA-256.

        Raises:
          OSError: the disk would not take it.
        """
        digest = hashlib.sha256(raw).digest()
        folder = self._folder / session
        make_folder(self._folder)
        make_folder(folder)
        path = folder / f"{digest.hex()}.{kind}"
        beside = path.with_suffix(".part")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(held)
        finally:
            os.close(held)
        return digest

    def get(self, session: str, digest: bytes, kind: Kind = "pdf") -> bytes | None:
        """A file by its SHA-256; None where it is not here, or is not what it was.

        Raises:
          OSError: it cannot be read.
        """
        try:
            raw = (self._folder / session / f"{digest.hex()}.{kind}").read_bytes()
        except FileNotFoundError:
            return None
        return raw if hashlib.sha256(raw).digest() == digest else None
