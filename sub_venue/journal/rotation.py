"""Rotation: what of the journal is over is put by at a start, so that months of work do not slow the next.

A journal grows by some 3 KiB for each act. At a start of the node, once the file is larger than a bound,
every record of a session that has ended and whose acts are all answered is left out of the file that goes
on. The former file stays beside it under a name of its own, whole, for whoever has to look (a receipt names
an index in it), and an operator may move it to another disk. Indices go on rising. At any crash the journal
is the former file or the new one, never a part. Must not know rules; which sessions have ended is told.
"""

import os
from pathlib import Path

import msgspec
import structlog

from sub_venue.journal import frames
from sub_venue.journal.disk import replace_file, sync_folder
from sub_venue.journal.journal import Act, Answered, Record, Rotated, TakenOver, read

_log = structlog.get_logger("sub_venue.journal")


def rotate(path: Path, ended: frozenset[str], bytes_min: int) -> Path | None:
    """Put away what is over, if the journal is larger than `bytes_min` and anything in it is.

    Must be called before the journal is opened.

    Returns:
      Where the former file lies now, or None where nothing was done.

    Raises:
      DamagedFile: the journal has been changed since it was written.
      OSError: the disk does not take the new file; the journal is as it was.
    """
    if not path.exists() or path.stat().st_size <= bytes_min:
        return None
    records = [(frame.payload, read(frame.payload)) for frame in frames.scan(path.read_bytes()).frames]
    over = _over([record for _, record in records], ended)
    going_on = [payload for payload, record in records if not _is_over(record, over)]
    if not over:
        return None
    next_ = 1 + max((record.index for _, record in records if isinstance(record, Act)), default=0)
    next_ = max([next_, *(record.next for _, record in records if isinstance(record, Rotated))])
    former = _put_by(path)
    note = msgspec.json.encode(Rotated(next_, former.name))
    replace_file(path, _file([note, *going_on]))
    _log.info("journal rotated", sessions=len(over), former=former.name, kept=len(going_on))
    return former


def _over(records: list[Record], ended: frozenset[str]) -> dict[str, frozenset[int]]:
    """Ended session → the indices of its acts, where every one of them is answered."""
    answered = {record.of for record in records if isinstance(record, Answered)}
    acts: dict[str, set[int]] = {}
    for record in records:
        if isinstance(record, Act) and record.session in ended:
            acts.setdefault(record.session, set()).add(record.index)
    return {session: frozenset(indices) for session, indices in acts.items() if indices <= answered}


def _is_over(record: Record, over: dict[str, frozenset[int]]) -> bool:
    if isinstance(record, Answered):
        return any(record.of in indices for indices in over.values())
    if isinstance(record, Act | TakenOver):
        return record.session in over
    return True


def _put_by(path: Path) -> Path:
    """Give the present file a second name, the next free one; its first is taken by the new file after."""
    number = 1
    while True:
        former = path.with_name(f"{path.stem}-{number:04}{path.suffix}")
        try:
            os.link(path, former)
        except FileExistsError:
            if former.samefile(path):
                return former  # a rotation that was cut short after this step
            number += 1
        else:
            sync_folder(path.parent)
            return former


def _file(payloads: list[bytes]) -> bytes:
    """A file of frames; it is fsynced whole before it has its name, so each frame vouches for all before."""
    raw = bytearray(frames.MAGIC)
    for payload in payloads:
        raw += frames.encode(payload, len(raw))
    return bytes(raw)
