"""The cases that this main venue's agent works from, one file for each session.

Owns their safe-keeping: written whole, fsynced, readable by the node's own user alone, gone
when the session is archived. A case holds names and prices; nothing of it leaves this room
except through what the agent signs.
"""

import os
from pathlib import Path

from protocol.plan.case import Case, read_case
from protocol.plan.findings import Finding


class CaseShelf:
    """Case files by session id."""

    def __init__(self, folder: Path) -> None:
        """Keep cases in a folder; it is made where it is missing."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._read: dict[str, Case] = {}

    def put(self, session: str, text: bytes) -> Case | tuple[Finding, ...]:
        """Keep a case for a session, if it is one without errors; durable on return.

        Raises:
          OSError: the disk would not take it.
        """
        case = read_case(text)
        if not isinstance(case, Case):
            return case
        path = self._path(session)
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._read[session] = case
        return case

    def get(self, session: str) -> Case | None:
        """The case of a session, or None where the agent works from none here."""
        if session not in self._read:
            try:
                case = read_case(self._path(session).read_bytes())
            except FileNotFoundError:
                return None
            if not isinstance(case, Case):
                return None
            self._read[session] = case
        return self._read[session]

    def drop(self, session: str) -> None:
        """Forget a session's case."""
        self._read.pop(session, None)
        self._path(session).unlink(missing_ok=True)

    def _path(self, session: str) -> Path:
        return self._folder / f"{session}.json"
