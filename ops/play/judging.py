"""Whether the files of a session's recordings are those that its record holds (SPEC 31.4).

Owns the comparison by size and digest; the record itself is taken as it is read: `tongchang verify` and
`tongchang replay` are for whoever has to be sure of that as well.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from protocol import entry
from protocol.commands_live import Codec, Gap
from protocol.events_live import SegmentRecorded

_READ_BYTES: Final = 1_048_576

Verdict = Literal["held", "SegmentAltered", "SegmentMissing"]


class Found(Struct, frozen=True):
    """One segment of the record, and what became of its file; `file` is empty where there is none.

    `folder` is the number of the folder that holds it, from 0.
    """

    source: str
    number: int
    began_at: int
    duration_ms: int
    missing_ms: int
    cause: str
    gaps: tuple[Gap, ...]
    codecs: tuple[Codec, ...]
    file: str
    folder: int
    verdict: Verdict


def judge(entries: Iterable[bytes], *roots: Path) -> tuple[Found, ...]:
    """Every segment that the record holds, in its order, with the verdict on its file.

    Args:
      entries: canonical entries of one session.
      roots: the folders with a folder for each source, one for each venue or all in one. Of a file that lies
        in several, one that is the record's counts.
    """
    return tuple(
        _look(event, roots)
        for raw in entries
        for event in entry.decode(raw).events
        if isinstance(event, SegmentRecorded)
    )


def _look(event: SegmentRecorded, roots: Sequence[Path]) -> Found:
    verdict: Verdict = "SegmentMissing"
    file, folder = "", 0
    for number, root in enumerate(roots):
        named = sorted((root / event.source).glob(f"{event.number:06}-*.mkv"))
        if not named:
            continue
        is_held = _is(named[0], event)
        if is_held or not file:
            verdict = "held" if is_held else "SegmentAltered"
            file, folder = f"{event.source}/{named[0].name}", number
        if is_held:
            break
    return Found(
        event.source,
        event.number,
        event.began_at,
        event.duration_ms,
        event.missing_ms,
        event.cause,
        event.gaps,
        event.codecs,
        file,
        folder,
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
