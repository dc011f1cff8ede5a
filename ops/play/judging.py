"""Whether the files of a session's recordings are those that its record holds (SPEC 31.4).

Owns the comparison by size and digest; the record itself is taken as it is read: `tongchang verify` and
`tongchang replay` are for whoever has to be sure of that as well.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from protocol import entry
from protocol.commands_live import Gap
from protocol.events_live import SegmentRecorded

_READ_BYTES: Final = 1_048_576

Verdict = Literal["held", "SegmentAltered", "SegmentMissing"]


class Found(Struct, frozen=True):
    """One segment of the record, and what became of its file; `file` is empty where there is none."""

    source: str
    number: int
    began_at: int
    duration_ms: int
    missing_ms: int
    cause: str
    gaps: tuple[Gap, ...]
    file: str
    verdict: Verdict


def judge(entries: Iterable[bytes], root: Path) -> tuple[Found, ...]:
    """Every segment that the record holds, in its order, with the verdict on its file under `root`.

    Args:
      entries: canonical entries of one session.
      root: the folder with a folder for each source.
    """
    return tuple(
        _look(event, root)
        for raw in entries
        for event in entry.decode(raw).events
        if isinstance(event, SegmentRecorded)
    )


def _look(event: SegmentRecorded, root: Path) -> Found:
    named = sorted((root / event.source).glob(f"{event.number:06}-*.mkv"))
    verdict: Verdict = "SegmentMissing"
    file = ""
    if named:
        file = f"{event.source}/{named[0].name}"
        verdict = "held" if _is(named[0], event) else "SegmentAltered"
    return Found(
        event.source,
        event.number,
        event.began_at,
        event.duration_ms,
        event.missing_ms,
        event.cause,
        event.gaps,
        file,
        verdict,
    )


def _is(path: Path, event: SegmentRecorded) -> bool:
    if path.stat().st_size != event.octets:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.digest() == event.digest
