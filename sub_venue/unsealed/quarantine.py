"""What is put aside of an opened bid: numbered files, and beside them what was found (SPEC 22.2).

A file in quarantine has a number for a name and cannot be run; `evidence.json` says what it was called, as
escaped text and as bytes, so that a name cannot play its trick on whoever reads the evidence.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from protocol.seal.unpacking import Rule

FOLDER: Final = "quarantine"
EVIDENCE: Final = "evidence.json"


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that was put aside.

    `number` names its file, or is 0 where nothing was written; `archive` is the name of the ZIP it was in,
    escaped, empty for the bid itself; `written` are the bytes that were kept.
    """

    number: int
    name: str
    name_utf8: bytes
    archive: str
    found: tuple[Rule, ...]
    size: int
    written: int


class Quarantine:
    """The quarantine of one bid."""

    def __init__(self, folder: Path) -> None:
        """Use `folder/quarantine`, made with the first thing put aside."""
        self._folder = folder / FOLDER
        self._evidence: list[Evidence] = []
        self._last = 0

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All that was put aside, in order."""
        return tuple(self._evidence)

    def place(self) -> tuple[int, Path]:
        """A number, and where a file of that number goes."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._last += 1
        return self._last, self._folder / f"{self._last:04d}.bin"

    def note(
        self,
        name: str,
        found: tuple[Rule, ...],
        size: int,
        *,
        number: int = 0,
        written: int = 0,
        archive: str = "",
    ) -> None:
        """Say what was put aside and why."""
        raw = name.encode("utf-8", "surrogatepass")
        self._evidence.append(Evidence(number, escaped(name), raw, escaped(archive), found, size, written))

    def close(self) -> None:
        """Write the evidence, if there is any."""
        if self._evidence:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            raw = msgspec.json.format(msgspec.json.encode(self._evidence), indent=2)
            (self._folder / EVIDENCE).write_bytes(raw + b"\n")


def escaped(name: str) -> str:
    r"""A name in which nothing is hidden: what is no letter, digit or plain sign stands as `\u202e`.

    >>> escaped("报价\u202efdp.exe")
    '报价\\u202efdp.exe'
    """
    return "".join(
        one if one.isprintable() and one != "\\" else one.encode("unicode_escape").decode() for one in name
    )
