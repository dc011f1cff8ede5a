"""The one writer of a node's disk: nobody is answered before the fdatasync, and a failing disk says so."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sub_venue.journal import frames
from sub_venue.journal.disk import Disk, NotDurable, replace_file

GROUP_BYTES = 1_000_000


class Recorder:
    """An fdatasync that is noted, may be held up, and may fail."""

    def __init__(self) -> None:
        self.synced: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.fails = False

    def __call__(self, handle: int) -> None:
        self.open.wait(10)
        if self.fails:
            raise OSError(errno.EIO, "input/output error")
        os.fdatasync(handle)
        self.synced.append(handle)


@pytest.fixture
def sync() -> Recorder:
    return Recorder()


@pytest.fixture
async def disk(sync: Recorder) -> AsyncIterator[Disk]:
    found = Disk(GROUP_BYTES, sync)
    yield found
    sync.open.set()
    await found.close()


def read(path: Path) -> list[bytes]:
    return [frame.payload for frame in frames.scan(path.read_bytes()).frames]


async def test_nobody_is_answered_before_the_fdatasync(disk: Disk, sync: Recorder, tmp_path: Path) -> None:
    file, _ = disk.open(tmp_path / "journal")
    before = len(sync.synced)
    sync.open.clear()
    waiting = asyncio.ensure_future(disk.append(file, b"{}"))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    assert len(sync.synced) == before
    sync.open.set()
    await waiting
    assert sync.synced[before:] == [file.handle]


async def test_seats_that_come_together_share_an_fdatasync(
    disk: Disk, sync: Recorder, tmp_path: Path
) -> None:
    file, _ = disk.open(tmp_path / "journal")
    before = len(sync.synced)
    sync.open.clear()
    waiting = [asyncio.ensure_future(disk.append(file, b'{"n":%d}' % n)) for n in range(50)]
    await asyncio.sleep(0)
    sync.open.set()
    written = await asyncio.gather(*waiting)
    assert len(sync.synced) - before <= 2
    assert [one.offset for one in written] == sorted(one.offset for one in written)
    assert len(read(tmp_path / "journal")) == 50


async def test_a_file_is_found_again_without_its_torn_tail(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    file, _ = disk.open(path)
    for number in range(3):
        await disk.append(file, b'{"n":%d}' % number)
    whole = path.read_bytes()
    last = frames.scan(whole).frames[-1].offset
    for cut in range(last, len(whole)):
        torn = tmp_path / f"torn-{cut}"
        torn.write_bytes(whole[:cut])
        again, found = disk.open(torn)
        assert [frame.payload for frame in found] == [b'{"n":0}', b'{"n":1}'], cut
        await disk.append(again, b'{"n":9}')
        assert read(torn) == [b'{"n":0}', b'{"n":1}', b'{"n":9}']
        assert (tmp_path / f"torn-{cut}.torn").exists() == (cut > last)


async def test_a_full_disk_fails_its_own_callers_and_leaves_no_trace(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = disk.open(tmp_path / "journal")
    await disk.append(file, b'{"n":1}')
    real = os.pwrite

    def full(handle: int, raw: bytes, offset: int) -> int:
        if handle == file.handle:
            real(handle, raw[:5], offset)
            raise OSError(errno.ENOSPC, "no space left on device")
        return real(handle, raw, offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(NotDurable):
        await disk.append(file, b'{"n":2}')
    assert disk.sound
    was_taking = disk.takes
    monkeypatch.setattr(os, "pwrite", real)
    await disk.append(file, b'{"n":3}')
    assert (was_taking, disk.takes) == (False, True)
    assert read(tmp_path / "journal") == [b'{"n":1}', b'{"n":3}']


async def test_a_disk_that_was_full_tells_by_itself_when_it_has_room_again(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = disk.open(tmp_path / "journal")
    real = os.pwrite
    tried = threading.Semaphore(0)

    def full(_handle: int, _raw: bytes, _offset: int) -> int:
        tried.release()
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr("sub_venue.journal.disk.ROOM_S", 0.01)
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(NotDurable):
        await disk.do(lambda: replace_file(tmp_path / "draft", b"{}"))
    for _ in range(3):
        assert await asyncio.to_thread(tried.acquire, timeout=10)
    was_taking = disk.takes
    monkeypatch.setattr(os, "pwrite", real)
    async with asyncio.timeout(10):
        await asyncio.to_thread(until, lambda: disk.takes)
    assert not was_taking
    await disk.append(file, b'{"n":1}')
    assert read(tmp_path / "journal") == [b'{"n":1}']


def until(test: Callable[[], bool]) -> None:
    while not test():
        time.sleep(0.005)


async def test_after_an_fdatasync_that_failed_nothing_is_believed_any_more(
    disk: Disk, sync: Recorder, tmp_path: Path
) -> None:
    file, _ = disk.open(tmp_path / "journal")
    other, _ = disk.open(tmp_path / "other")
    sync.fails = True
    with pytest.raises(NotDurable):
        await disk.append(file, b'{"n":1}')
    sync.fails = False
    assert not disk.sound
    with pytest.raises(NotDurable):
        await disk.append(file, b'{"n":2}')
    await disk.append(other, b'{"n":3}')


async def test_what_an_fdatasync_failed_on_is_not_found_by_the_next_start(
    disk: Disk, sync: Recorder, tmp_path: Path
) -> None:
    file, _ = disk.open(tmp_path / "journal")
    await disk.append(file, b'{"n":1}')
    sync.fails = True
    with pytest.raises(NotDurable):
        await disk.append(file, b'{"n":2}')
    assert read(tmp_path / "journal") == [b'{"n":1}']
    async with asyncio.timeout(10):
        assert await disk.failed() == "journal"


async def test_a_file_in_doubt_is_written_anew_before_it_is_believed(
    disk: Disk, sync: Recorder, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    file, _ = disk.open(path)
    await disk.append(file, b'{"n":1}')
    before = path.stat().st_ino
    sync.fails = True
    with pytest.raises(OSError, match="input/output"):
        disk.open(path)
    sync.fails = False
    _, found = disk.open(path)
    assert [one.payload for one in found] == [b'{"n":1}']
    anew = path.stat().st_ino
    assert anew != before
    disk.open(path)
    assert path.stat().st_ino == anew


async def test_what_is_written_is_for_its_owner_alone(disk: Disk, tmp_path: Path) -> None:
    disk.open(tmp_path / "journal")
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


async def test_other_work_is_done_in_its_turn(disk: Disk, tmp_path: Path) -> None:
    file, _ = disk.open(tmp_path / "journal")
    first = asyncio.ensure_future(disk.append(file, b'{"n":1}'))
    await asyncio.sleep(0)
    seen = await disk.do(lambda: read(tmp_path / "journal"))
    await first
    assert seen == [b'{"n":1}']


async def test_work_that_meets_a_failing_disk_is_not_durable(disk: Disk, tmp_path: Path) -> None:
    def fails() -> None:
        raise OSError(errno.EROFS, "read-only file system")

    with pytest.raises(NotDurable):
        await disk.do(fails)
    work: Callable[[], None] = lambda: replace_file(tmp_path / "note", b"1")  # noqa: E731
    await disk.do(work)
    assert (tmp_path / "note").read_bytes() == b"1"
    assert (tmp_path / "note").stat().st_mode & 0o777 == 0o600


async def test_a_closed_disk_takes_nothing(tmp_path: Path) -> None:
    closed = Disk(GROUP_BYTES)
    file, _ = closed.open(tmp_path / "journal")
    await closed.append(file, b"{}")
    await closed.close()
    with pytest.raises(NotDurable):
        await closed.append(file, b"{}")
    assert read(tmp_path / "journal") == [b"{}"]
