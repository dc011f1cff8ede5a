"""A sealed bid, opened into a folder: its files, those of its ZIPs, and a quarantine (SPEC 22).

Everything is written beside the target and appears under its name only when the container is known to be
whole, so that nobody reads the beginning of a bid that was cut. A strange name is put aside, never followed.
Must not know who may read the files, nor how the bid's key came together.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct

from protocol.seal import sealing, unpacking
from protocol.seal.payload import Listing, Piece
from protocol.seal.suite import Suite
from protocol.seal.unpacking import Entry, Judged
from sub_venue.unsealed import zipped
from sub_venue.unsealed.quarantine import Evidence, Quarantine

FILES: Final = "files"
ARCHIVES: Final = "archives"
SETTLED: Final = ".on-disk"
"""What the mark beside an opened bid's folder ends in."""
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class Unsealed(Struct, frozen=True):
    """What lies in the folder: `files/NAME`, `archives/N/NAME` for the N-th file of the list, quarantine."""

    listing: Listing
    files: tuple[str, ...]
    archives: dict[int, tuple[str, ...]]
    evidence: tuple[Evidence, ...]


def unseal(
    path: Path, suite: Suite, key: bytes, folder: Path, advance: Callable[[int], None] = lambda _: None,
    *, compared: bool = False,
) -> Unsealed:  # fmt: skip
    """Open a container into a new folder.

    Args:
      path: the container.
      suite: the bid's.
      key: the key that it is sealed under, put together from its groups' and the bidder's.
      folder: must not exist yet.
      advance: told of bytes of the container as they are read.
      compared: it was read through before, and found whole; its seal alone is opened now.

    Raises:
      SealRefused: another key, or a container that is damaged: nothing is left behind.
      OSError: the disk is full or does not allow it; nothing is left behind.
    """
    unsettle(folder)
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    beside.mkdir(mode=0o700, parents=True)
    try:
        quarantine = Quarantine(beside)
        opening = sealing.Opening(suite, key, compared=compared)
        listing, kept = _files(path, opening, beside, quarantine, advance)
        archives: dict[int, tuple[str, ...]] = {}
        for at, name in kept.items():
            archive = beside / FILES / name
            if zipped.is_zip(archive):
                archives[at] = zipped.unpack(archive, name, beside / ARCHIVES / str(at), quarantine)
        quarantine.close()
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return Unsealed(listing, tuple(kept.values()), archives, quarantine.evidence)


def listing(path: Path, suite: Suite, key: bytes, *, compared: bool = False) -> Listing:
    """The list of a container that was read to its end, nothing written; `compared` as for `unseal`.

    Raises:
      SealRefused: as `unseal`.
    """
    opening = sealing.Opening(suite, key, compared=compared)
    for data in read(path):
        opening.feed(data)
    opening.close()
    assert opening.listing is not None
    return opening.listing


def settle(folder: Path) -> None:
    """Bring an opened bid to the disk, all of it, and only then a mark that it is there.

    Raises:
      OSError: the disk does not take it; without the mark it counts as not opened after a power cut.
    """
    for at, _, names in os.walk(folder, topdown=False):
        for name in (*names, "."):
            _sync(Path(at) / name)
    _sync(folder.parent)
    with _mark(folder).open("wb") as file:
        os.fsync(file.fileno())
    _sync(folder.parent)


def settled(folder: Path) -> bool:
    """Whether an opened bid is on the disk, also after a power cut."""
    return _mark(folder).exists()


def unsettle(folder: Path) -> None:
    """Take the mark away, before anything else of an opened bid is."""
    _mark(folder).unlink(missing_ok=True)


def create(path: Path) -> BinaryIO:
    """A new file for its owner alone; never one that is there, never through a link."""
    return os.fdopen(os.open(path, _CREATE, 0o600), "wb")


def _mark(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{SETTLED}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(
    path: Path,
    opening: sealing.Opening,
    folder: Path,
    quarantine: Quarantine,
    advance: Callable[[int], None],
) -> tuple[Listing, dict[int, str]]:
    """Write every file of a container, honest or put aside; those that kept their names by their place."""
    (folder / FILES).mkdir(mode=0o700)
    out = _Out(folder / FILES, quarantine)
    try:
        for data in read(path):
            pieces = opening.feed(data)
            out.take(opening.listing, pieces)
            advance(len(data))
        last, _ = opening.close()
        out.take(opening.listing, last)
    finally:
        out.close()
    assert opening.listing is not None
    return opening.listing, out.kept


class _Out:
    """The files of one container on their way to the disk, one open at a time."""

    def __init__(self, folder: Path, quarantine: Quarantine) -> None:
        self._folder, self._quarantine = folder, quarantine
        self._judged: tuple[Judged, ...] = ()
        self._file: BinaryIO | None = None
        self.kept: dict[int, str] = {}

    def take(self, listing: Listing | None, pieces: list[Piece]) -> None:
        """Write pieces; `listing` is known with the first."""
        for piece in pieces:
            assert listing is not None
            if not self._judged:
                self._judged = unpacking.judge([Entry(one.name, one.size) for one in listing.files])
            if self._file is None:
                self._file = self._begun(piece.file)
            self._file.write(piece.data)
            if piece.last:
                self._file.close()
                self._file = None

    def close(self) -> None:
        """Nothing more comes."""
        if self._file is not None:
            self._file.close()

    def _begun(self, at: int) -> BinaryIO:
        judged = self._judged[at]
        if judged.clean:
            target = self._folder / judged.entry.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.kept[at] = judged.entry.name
            return create(target)
        number, target = self._quarantine.place()
        size = judged.entry.size
        self._quarantine.note(judged.entry.name, judged.found, size, number=number, written=size)
        return create(target)


def read(path: Path) -> Iterator[memoryview]:
    """A container's bytes in steps; each is good until the next."""
    buffer = bytearray(sealing.STEP_BYTES)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield memoryview(buffer)[:count]
