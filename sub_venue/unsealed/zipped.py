"""ZIP archives in a bid, unpacked by the same rules as the bid itself (SPEC 22.2).

What the archive declares is judged before anything is written; what comes out is measured. An archive within
one stays a file. Names of old Chinese programs, which write GBK and do not say so, are read as such. Sources:
APPNOTE 6.3.10; Fifield, A better zip bomb (2019): entries that overlap, so the whole is held against the
archive's own size.
"""

import stat
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from protocol import limits
from protocol.seal import unpacking
from protocol.seal.unpacking import Entry, Judged, Kind, Meter, TooMuch
from sub_venue.unsealed.quarantine import Quarantine

_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_STEP_BYTES: Final = 262_144
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_COMMENT_BYTES_MAX: Final = 65_535
_DIRECTORY_BYTES_MAX: Final = 8_388_608
"""How long the list of an archive may be before it is read: some two thousand bytes for each entry."""

_UTF8_FLAG: Final = 0x800
_LOCKED_FLAG: Final = 0x1
_UNIX: Final = 3
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What `zipfile` raises over an entry that is not what it says."""


def is_zip(path: Path) -> bool:
    """Whether a file begins as an archive does; Office's own formats do too, and stay files."""
    if path.suffix.lower() != ".zip":
        return False
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def unpack(path: Path, name: str, folder: Path, quarantine: Quarantine) -> tuple[str, ...]:
    """Unpack an archive into a new folder; the names that it kept.

    What is strange goes to the quarantine; an archive that breaks a rule as a whole, or cannot be read, stays
    the file that it is and is noted.
    """
    size = path.stat().st_size
    if _directory_bytes(path) > _DIRECTORY_BYTES_MAX:
        quarantine.note(name, ("many",), size)
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            judged = unpacking.judge([_entry(info) for info in infos], size)
            shared = _of_whole(judged)
            if shared:
                quarantine.note(name, shared, size)
                return ()
            return tuple(
                kept
                for info, one in zip(infos, judged, strict=True)
                if (kept := _one(archive, info, one, name, folder, quarantine)) is not None
            )
    except _FAULTS:
        quarantine.note(name, ("broken",), size)
        return ()


def _of_whole(judged: tuple[Judged, ...]) -> tuple[unpacking.Rule, ...]:
    """The rules that every entry breaks because the whole does."""
    if not judged:
        return ()
    shared = set(judged[0].found).intersection(*(one.found for one in judged))
    return tuple(rule for rule in ("ratio", "many", "large") if rule in shared)


def _one(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    judged: Judged,
    name: str,
    folder: Path,
    quarantine: Quarantine,
) -> str | None:
    """Write one entry; its name where it kept it."""
    entry = judged.entry
    if entry.kind == "folder" and judged.clean:
        (folder / entry.name.rstrip("/")).mkdir(mode=0o700, parents=True, exist_ok=True)
        return None
    if not judged.clean and {"link", "device", "locked", "ratio", "large"} & set(judged.found):
        # A link's text, what nobody can open, or what would fill the disk: only the evidence is kept.
        quarantine.note(entry.name, judged.found, entry.size, archive=name)
        return None
    number = 0
    target = folder / entry.name
    if not judged.clean:
        number, target = quarantine.place()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written, whole = _written(archive, info, entry, target)
    if judged.clean and whole:
        return entry.name
    found = judged.found if whole else (*judged.found, "broken")
    if judged.clean:
        number, aside = quarantine.place()
        target.rename(aside)
    quarantine.note(entry.name, found, entry.size, number=number, written=written, archive=name)
    return None


def _written(archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry, target: Path) -> tuple[int, bool]:
    """How many bytes came out, and whether all did, as declared."""
    meter, count = Meter(entry), 0
    with target.open("xb") as out:
        target.chmod(0o600)
        try:
            with archive.open(info) as source:
                while data := _step(source):
                    meter.count(len(data))
                    count += out.write(data)
        except (*_FAULTS, TooMuch):
            return count, False
    return count, count == entry.size


def _step(source: IO[bytes]) -> bytes:
    return source.read(_STEP_BYTES)


def _entry(info: zipfile.ZipInfo) -> Entry:
    """One line of the archive's list, its name as the archive has it."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        name = _old(name)
    return Entry(
        name,
        info.file_size,
        info.compress_size,
        _kind(info, name),
        locked=bool(info.flag_bits & _LOCKED_FLAG),
    )


def _old(name: str) -> str:
    """A name that does not say its coding: UTF-8 where it is that, else GBK, else as it was read."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for coding in ("utf-8", "gb18030"):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    return name


def _kind(info: zipfile.ZipInfo, name: str) -> Kind:
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return "link"
    if mode and stat.S_IFMT(mode) and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "device"
    return "folder" if name.endswith("/") else "file"


def _directory_bytes(path: Path) -> int:
    """How long the archive's list says it is, looked at before anything reads it whole.

    More than may be where it names too many entries, or says it by the 64-bit form, which no archive of this
    size needs and which could hide a longer list.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _END_BYTES - _COMMENT_BYTES_MAX - _LOCATOR_BYTES, 0))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        return 0
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    if count > limits.BID_FILES_MAX or tail[max(at - _LOCATOR_BYTES, 0) : at].startswith(_LOCATOR):
        return _DIRECTORY_BYTES_MAX + 1
    return int.from_bytes(tail[at + 12 : at + 16], "little")
