"""The simulated disk: files and folders in memory, where what was not synced can be lost.

Owns two versions of everything: what the processes see, and what a power cut leaves. A file's bytes are
safe after `fdatasync` of the file, a name after `fsync` of its folder. At a power cut each file keeps what
was synced and none, some or all of the writes after that, the last of them perhaps torn; each folder keeps
the first few of its unsynced changes. What a failed sync should have written is seen until a power cut, and
then gone, however often it is synced again ("fsyncgate"). Killing a process alone loses nothing. Must not
know what a file is for. Sources: fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI
2014.
"""

# tidy: long because a disk is its bytes, its names and every call that the house makes of it.

import errno
from collections.abc import Callable
from pathlib import PurePosixPath
from random import Random
from typing import Self

from tests.simulation.loop import here

Parts = tuple[str, ...]
FOLDER = None
"""What stands under a folder's name."""


class Inode:
    """A file's bytes: as seen, as safe, and the writes between."""

    __slots__ = ("changed", "data", "safe", "unsynced")

    def __init__(self) -> None:
        self.data = bytearray()
        self.safe = bytearray()
        self.unsynced: list[tuple[int, bytes | None]] = []
        """(offset, bytes) of a write; (size, None) of a truncation."""
        self.changed = 0

    def write(self, offset: int, raw: bytes) -> None:
        _apply(self.data, offset, raw)
        self.unsynced.append((offset, raw))

    def truncate(self, size: int) -> None:
        _apply(self.data, size, None)
        self.unsynced.append((size, None))

    def sync(self) -> None:
        for offset, raw in self.unsynced:
            _apply(self.safe, offset, raw)
        self.unsynced = []

    def forget_unsynced(self) -> None:
        """A sync has failed: what it should have written is still seen, and will never be written."""
        self.unsynced = []

    def cut_power(self, dice: Random) -> None:
        """Keep what is safe and a beginning of the rest."""
        if not self.unsynced:
            return
        left = bytearray(self.safe)
        whole = dice.randrange(len(self.unsynced) + 1)
        for offset, raw in self.unsynced[:whole]:
            _apply(left, offset, raw)
        if whole < len(self.unsynced):
            offset, raw = self.unsynced[whole]
            if raw:
                torn = dice.randrange(len(raw) + 1)
                # A file system may have grown the file before the bytes came.
                rest = bytes(len(raw) - torn) if dice.random() < 0.3 else b""
                _apply(left, offset, raw[:torn] + rest)
        self.data, self.safe, self.unsynced = left, bytearray(left), []


class Volume:
    """One machine's disk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.names: dict[Parts, Inode | None] = {(): FOLDER}
        self.full = False
        self.failing_syncs = 0
        """So many of the next fdatasyncs fail."""
        self.syncs = 0
        self.before_sync: Callable[[], None] = lambda: None
        self.after_sync: Callable[[], None] = lambda: None
        """Called round every sync: what kills the machine at a durable write."""
        self._safe_names: dict[Parts, Inode | None] = {(): FOLDER}
        self._changes: dict[Parts, list[tuple[str, Inode | None, bool]]] = {}
        """Folder → changes of names since its last sync: (name, inode, is there)."""
        self._clock = 0

    def install(self, *parts: str) -> None:
        """A folder that was there before anything started."""
        self.names[parts] = self._safe_names[parts] = FOLDER

    # --- files ------------------------------------------------------------------------------

    def find(self, parts: Parts) -> Inode:
        found = self.names.get(parts, FOLDER)
        if found is None:
            raise (IsADirectoryError if parts in self.names else FileNotFoundError)("/".join(parts))
        return found

    def make(self, parts: Parts) -> Inode:
        self._room()
        if self.names.get(parts[:-1], self) is not FOLDER:
            raise FileNotFoundError("/".join(parts))
        made = Inode()
        self._name(parts, made)
        return made

    def write(self, inode: Inode, offset: int, raw: bytes) -> None:
        self._room()
        self._clock += 1
        inode.changed = self._clock
        inode.write(offset, raw)

    def sync(self, inode: Inode) -> None:
        self.before_sync()
        self.syncs += 1
        if self.failing_syncs:
            self.failing_syncs -= 1
            inode.forget_unsynced()
            raise OSError(errno.EIO, "input/output error")
        inode.sync()
        self.after_sync()

    # --- names ------------------------------------------------------------------------------

    def make_folder(self, parts: Parts) -> None:
        self._room()
        self._name(parts, FOLDER)

    def remove(self, parts: Parts) -> None:
        del self.names[parts]
        self._note(parts, FOLDER, there=False)

    def rename(self, old: Parts, new: Parts) -> None:
        inode = self.names.pop(old)
        self.names[new] = inode
        # One change of the folder: a power cut leaves either the old name or the new one.
        self._note(new, inode, there=True)
        self._note(old, FOLDER, there=False)

    def children(self, parts: Parts) -> list[Parts]:
        depth = len(parts)
        return sorted(one for one in self.names if len(one) == depth + 1 and one[:depth] == parts)

    def sync_folder(self, parts: Parts) -> None:
        self.before_sync()
        self.syncs += 1
        for name, inode, there in self._changes.pop(parts, ()):
            _change(self._safe_names, (*parts, name), inode, there=there)
        self.after_sync()

    def _name(self, parts: Parts, inode: Inode | None) -> None:
        self.names[parts] = inode
        self._note(parts, inode, there=True)

    def _note(self, parts: Parts, inode: Inode | None, *, there: bool) -> None:
        self._changes.setdefault(parts[:-1], []).append((parts[-1], inode, there))

    def _room(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "no space left on device")

    # --- the power cut ----------------------------------------------------------------------

    def cut_power(self, dice: Random) -> None:
        """Leave what a machine finds when it starts again."""
        names = dict(self._safe_names)
        for folder, changes in sorted(self._changes.items()):
            if folder in names:
                for name, inode, there in changes[: dice.randrange(len(changes) + 1)]:
                    _change(names, (*folder, name), inode, there=there)
        # A name whose folder is gone is gone with it.
        kept = {parts: inode for parts, inode in names.items() if _reached(names, parts)}
        for _, inode in sorted(kept.items(), key=lambda one: one[0]):
            if inode is not None:
                inode.cut_power(dice)
        self.names, self._safe_names, self._changes = dict(kept), dict(kept), {}

    def safe(self, *parts: str) -> bytes:
        """What a file would hold after a power cut now, of what was synced; nothing where its name is not."""
        inode = self._safe_names.get(parts)
        return b"" if inode is None else bytes(inode.safe)

    def everything(self) -> list[tuple[str, bytes]]:
        """Every file and what stands in it."""
        return [("/".join(p), bytes(i.data)) for p, i in sorted(self.names.items(), key=_by_name) if i]


def _by_name(one: tuple[Parts, Inode | None]) -> Parts:
    return one[0]


def _apply(data: bytearray, offset: int, raw: bytes | None) -> None:
    if len(data) == offset and raw is not None:
        data += raw
        return
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    if raw is None:
        del data[offset:]
    else:
        data[offset : offset + len(raw)] = raw


def _change(names: dict[Parts, Inode | None], parts: Parts, inode: Inode | None, *, there: bool) -> None:
    if there:
        names[parts] = inode
    else:
        names.pop(parts, None)


def _reached(names: dict[Parts, Inode | None], parts: Parts) -> bool:
    return all(names.get(parts[:depth], "") is FOLDER for depth in range(len(parts)))


class SimPath(PurePosixPath):
    """A path on the disk of the machine that runs now: `/machine/…`."""

    @property
    def _volume(self) -> Volume:
        return volume(self.parts[1])

    @property
    def _place(self) -> Parts:
        return self.parts[2:]

    def exists(self) -> bool:
        return self._place in self._volume.names

    def is_dir(self) -> bool:
        return self._volume.names.get(self._place, "") is FOLDER

    def is_file(self) -> bool:
        return self.exists() and not self.is_dir()

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if self.exists():
            if exist_ok and self.is_dir():
                return
            raise FileExistsError(str(self))
        above = self.parent
        if not above.is_dir():
            if not parents:
                raise FileNotFoundError(str(above))
            above.mkdir(parents=True)
        self._volume.make_folder(self._place)

    def read_bytes(self) -> bytes:
        return bytes(self._volume.find(self._place).data)

    def touch(self, mode: int = 0o666, exist_ok: bool = True) -> None:
        if not self.exists():
            self._volume.make(self._place)

    def glob(self, pattern: str) -> "list[SimPath]":
        # As on a real disk nothing lies in a folder that is not there.
        return [one for one in self.iterdir() if one.match(pattern)] if self.is_dir() else []

    def iterdir(self) -> "list[SimPath]":
        if not self.is_dir():
            raise FileNotFoundError(str(self))
        return [SimPath("/", self.parts[1], *place) for place in self._volume.children(self._place)]

    def unlink(self, missing_ok: bool = False) -> None:
        if self.exists():
            self._volume.remove(self._place)
        elif not missing_ok:
            raise FileNotFoundError(str(self))

    def rmdir(self) -> None:
        if self._volume.children(self._place):
            raise OSError(errno.ENOTEMPTY, str(self))
        self._volume.remove(self._place)

    def rename(self, target: "SimPath") -> "SimPath":
        self._volume.rename(self._place, target._place)
        return target

    def replace(self, target: "SimPath") -> "SimPath":
        return self.rename(target)

    def open(self, mode: str = "r") -> "SimFile":
        assert mode == "r+b", mode
        return SimFile(self._volume, self._volume.find(self._place))

    def stat(self) -> "SimStat":
        inode = self._volume.names[self._place]
        return SimStat(0 if inode is None else inode.changed, 0 if inode is None else len(inode.data))


class SimStat:
    """As much of a file's status as is asked for."""

    def __init__(self, changed: int, size: int) -> None:
        self.st_mtime_ns = changed
        self.st_size = size


class SimFile:
    """An open file as `with path.open(…)` and `os.fdopen` give it."""

    def __init__(self, disk: Volume, inode: Inode) -> None:
        self._disk = disk
        self._inode = inode
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def write(self, raw: bytes) -> int:
        self._disk.write(self._inode, self._at, bytes(raw))
        self._at += len(raw)
        return len(raw)

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> tuple[Volume, Inode]:
        return self._disk, self._inode


class SimOs:
    """As much of `os` as the journal, the keys and the shelves use; a handle is (volume, inode or folder)."""

    O_RDWR, O_WRONLY, O_RDONLY, O_CREAT, O_TRUNC, O_CLOEXEC, O_DIRECTORY = 2, 1, 0, 64, 512, 524288, 65536

    @staticmethod
    def open(path: SimPath, flags: int, _mode: int = 0o777) -> tuple[Volume, Inode | Parts]:
        here()
        disk, place = path._volume, path._place
        if disk.names.get(place, "") is FOLDER:
            return disk, place
        if place not in disk.names and flags & SimOs.O_CREAT:
            return disk, disk.make(place)
        inode = disk.find(place)
        if flags & SimOs.O_TRUNC:
            inode.truncate(0)
        return disk, inode

    @staticmethod
    def fdopen(handle: tuple[Volume, Inode], _mode: str) -> SimFile:
        return SimFile(*handle)

    @staticmethod
    def close(handle: object) -> None:
        """Nothing is held."""

    @staticmethod
    def write(handle: tuple[Volume, Inode], raw: bytes) -> int:
        return SimOs.pwrite(handle, raw, len(handle[1].data))

    @staticmethod
    def pwrite(handle: tuple[Volume, Inode], raw: bytes, offset: int) -> int:
        here()
        disk, inode = handle
        disk.write(inode, offset, bytes(raw))
        return len(raw)

    @staticmethod
    def pread(handle: tuple[Volume, Inode], size: int, offset: int) -> bytes:
        return bytes(handle[1].data[offset : offset + size])

    @staticmethod
    def ftruncate(handle: tuple[Volume, Inode], size: int) -> None:
        here()
        handle[1].truncate(size)

    @staticmethod
    def fdatasync(handle: tuple[Volume, Inode | Parts]) -> None:
        here()
        disk, what = handle
        if isinstance(what, tuple):
            disk.sync_folder(what)
        else:
            disk.sync(what)

    fsync = fdatasync


class SimShutil:
    """As much of `shutil` as the drafts use."""

    @staticmethod
    def rmtree(folder: SimPath, *, ignore_errors: bool) -> None:
        here()
        assert ignore_errors
        disk, place = folder._volume, folder._place
        for parts in sorted(disk.names, reverse=True):
            if parts[: len(place)] == place:
                disk.remove(parts)


volume: Callable[[str], Volume]
"""The volume of a machine in the world that runs now; set by `world`."""


def _no_world(name: str) -> Volume:
    raise AssertionError(f"no world has a machine {name}")


volume = _no_world
