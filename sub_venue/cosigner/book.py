"""The book: what a cosigner holds of every log, on disk before it is believed.

Owns one file of frames, each a head that was to be cosigned or a proof of two histories, and reads it again
at the start. Must not know who asks, or sign anything. A file that was durable and has changed stops the
start (`DamagedFile`): what was signed is then known to others only, who are asked (`memory`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from protocol import canonical, limits
from protocol.ledger import checkpoint, fork, note
from protocol.ledger.cosigner import History, Keep
from protocol.ledger.fork import Fork
from protocol.ledger.note import NoteError
from protocol.ledger.tree import ProofError
from sub_venue.cosigner.settings import Settings
from sub_venue.journal import frames
from sub_venue.journal.disk import Disk, make_folder, replace_file

FILE = "heads.log"
FORKS = "forks"
_LINE_BYTES_MAX = limits.NOTE_BYTES_MAX * 2

_log = structlog.get_logger("sub_venue.cosigner")


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One frame: a head with the time of its cosignature, or a proof of two histories (its bytes)."""

    checkpoint: str = ""
    fork: str = ""
    time_s: int = 0


class Book:
    """The histories of all logs of one cosigner, by origin; of a known log without heads an empty one."""

    def __init__(self, settings: Settings, disk: Disk) -> None:
        """Read what is held.

        Raises:
          OSError: the file cannot be read or written.
          DamagedFile: bytes that were durable have changed.
        """
        self._settings = settings
        self._disk = disk
        self._histories: dict[str, History] = {}
        make_folder(settings.data_dir)
        _rotate(settings.data_dir / FILE, settings.bounds.book_rotate_bytes)
        self._file, found = disk.open(settings.data_dir / FILE)
        for frame in found:
            self._take(_read(frame.payload))

    def get(self, origin: str) -> History | None:
        """What is held of a log; None for one that is not known. An empty history is not remembered yet."""
        held = self._histories.get(origin)
        if held is not None:
            return held
        log = self._settings.log_of(origin)
        return None if log is None else History(log.keys_of(origin))

    def __getitem__(self, origin: str) -> History:
        """As `get`, for a log that is known, and remembered from now on."""
        held = self.get(origin)
        assert held is not None, "only of known logs anything is kept"
        return self._histories.setdefault(origin, held)

    def __iter__(self) -> Iterator[str]:
        """The origins of which anything is held."""
        return iter(tuple(self._histories))

    async def keep(self, keep: Keep) -> None:
        """Make a head durable; whoever asked takes it over afterwards.

        Raises:
          NotDurable: the disk has not taken it, and nothing may be signed.
        """
        line = _Line(checkpoint=keep.checkpoint, time_s=keep.time_s)
        await self._disk.append(self._file, canonical.encode(line))

    async def stop(self, origin: str, found: Fork) -> Path:
        """Cosign nothing of a log any more, now and after every start; returns the file that holds the proof.

        Raises:
          NotDurable: the disk has not taken it; the log is stopped in memory all the same.
          NoteError, ProofError: the proof does not hold.
        """
        self[origin].stop(found)
        path = self._settings.data_dir / FORKS / f"{canonical.sha256(origin.encode()).hex()}.json"

        def write() -> None:
            make_folder(path.parent)
            replace_file(path, found.raw)

        await self._disk.append(self._file, canonical.encode(_Line(fork=found.raw.decode())))
        await self._disk.do(write)
        return path

    def _take(self, line: _Line) -> None:
        """Take over one line of the file; what belongs to a log that is known no more stays unread.

        The frames are checked and were judged before they were written: signatures are not verified again.
        """
        try:
            if line.fork:
                found = fork.read(line.fork.encode())
                origin = found.smaller.partition("\n")[0]
                if self.get(origin) is not None:
                    self[origin].stop(found)
                return
            text, _ = note.split(line.checkpoint)
            head = checkpoint.read(text)
        except (NoteError, ProofError) as error:
            _log.warning("a line does not hold under the keys of today", error=str(error))
            return
        if self.get(head.origin) is not None:
            self[head.origin].hold(Keep(head.origin, head.size, head.root, line.checkpoint, line.time_s))


def _read(payload: bytes) -> _Line:
    return canonical.decode(payload, _Line, _LINE_BYTES_MAX)


def _rotate(path: Path, bytes_max: int) -> None:
    """Leave out of a large book what newer heads of the same log stand for; proofs stay.

    Whatever was signed stays provable: the newest head of a log extends all that are left out.

    Raises:
      DamagedFile: bytes that were durable have changed.
      OSError: the disk does not take the new file; the book is as it was.
    """
    if not path.exists() or path.stat().st_size <= bytes_max:
        return
    newest: dict[str, bytes] = {}
    proofs: list[bytes] = []
    for frame in frames.scan(path.read_bytes()).frames:
        line = _read(frame.payload)
        if line.fork:
            proofs.append(frame.payload)
        else:
            newest[line.checkpoint.partition("\n")[0]] = frame.payload
    raw = bytearray(frames.MAGIC)
    for payload in (*newest.values(), *proofs):
        raw += frames.encode(payload, len(raw))  # it is fsynced whole before it has its name
    replace_file(path, bytes(raw))
    _log.info("book rotated", logs=len(newest), proofs=len(proofs))
