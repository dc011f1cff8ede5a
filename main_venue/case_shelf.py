"""The cases that this main venue's agent works from, one file for each session.

Owns their safe-keeping: written whole, fsynced, readable by the node's own user alone, gone
when the session is archived. A case holds names and prices; nothing of it leaves this room
except through what the agent signs. What a case tells of members' scores is of no use to the
agent and is never kept: before the opening no score may lie on a disk in clear (DESIGN 7).
"""

import os
from pathlib import Path

import msgspec
from msgspec.structs import replace

from protocol.plan.case import Case, read_case
from protocol.plan.findings import Finding
from sub_venue.journal.disk import make_folder

UNBOOKED_MAX = 32
"""Cases of sessions that are not booked (yet); the oldest give way."""


class CaseShelf:
    """Case files by session id."""

    def __init__(self, folder: Path) -> None:
        """Keep cases in a folder; it is made where it is missing."""
        self._folder = folder
        make_folder(folder)
        self._read: dict[str, Case] = {}

    def put(self, session: str, text: bytes) -> Case | tuple[Finding, ...]:
        """Keep a case for a session, if it is one without errors; durable on return.

        Raises:
          OSError: the disk would not take it.
        """
        read = read_case(text, complete=False)
        if not isinstance(read, Case):
            return read
        case = replace(read, sheets={}, unknown=(), turns=(), expected=None)
        path = self._path(session)
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(case))
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
                case = read_case(self._path(session).read_bytes(), complete=False)
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

    def sessions(self) -> tuple[str, ...]:
        """The sessions that have a case here, the one that was kept longest ago first."""
        found = sorted(self._folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return tuple(path.name.removesuffix(".json") for path in found)

    def _path(self, session: str) -> Path:
        return self._folder / f"{session}.json"
