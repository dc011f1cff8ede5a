"""The journal: what is kept stays kept, in order, through any crash."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.hidden import Disclosure
from protocol.wire import Answer
from sub_venue.journal import frames
from sub_venue.journal.disk import AppendFile, Disk, NotDurable, Written
from sub_venue.journal.journal import Act, Journal, Kept

ACCEPTED = Answer(command_id="c1", status="accepted", seq=7, at=1)


def act(name: str = "c1", author: str = "a", number: int = 1, **more: Any) -> Act:
    told: dict[str, Any] = {
        "index": 0, "at": 1, "session": "s", "seat": "M1", "type": "CheckIn", "command_id": name,
        "author_key": author, "author_seq": number, "digest": name.encode().ljust(32, b"."),
        "command": "{}", "sig": "ed25519:x",
    }  # fmt: skip
    return Act(**{**told, **more})


@pytest.fixture
async def reopen(tmp_path: Path) -> AsyncIterator[Callable[[], Journal]]:
    """Opens the same journal again, as a restart does."""
    disks: list[Disk] = []

    def again() -> Journal:
        disks.append(Disk(1_000_000))
        return Journal(disks[-1], tmp_path / "journal.log")

    yield again
    for disk in disks:
        await disk.close()


async def test_what_is_kept_is_found_after_a_restart(reopen: Callable[[], Journal]) -> None:
    salted = Disclosure("price", bytes(32), bytes(32), '"4528.60"')
    kept = await reopen().keep(act(disclosures=(salted,), commitment=b"\1" * 32, sealed=b"\2" * 40))
    again = reopen().find("s", "a", "c1")
    assert again is not None
    assert (again.index, again.digest, again.answer) == (kept.index, kept.digest, None)
    journal = reopen()
    body = journal.body(again)
    assert body.disclosures == (salted,)
    found = journal.opening("s", "M1", b"\1" * 32)
    assert found is not None
    assert journal.body(found).sealed == b"\2" * 40


async def test_a_crash_at_any_byte_of_the_last_record_keeps_all_before(
    reopen: Callable[[], Journal], tmp_path: Path
) -> None:
    journal = reopen()
    for number in (1, 2, 3):
        await journal.keep(act(f"c{number}", number=number))
    path = tmp_path / "journal.log"
    whole = path.read_bytes()
    last = frames.scan(whole).frames[-1].offset
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        again = reopen()
        assert [kept.command_id for kept in again.pending_of("s", "a")] == ["c1", "c2"]
        assert (await again.keep(act("c4", number=4))).index == 3


async def test_an_act_is_pending_until_it_is_answered_for_good(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    told: list[tuple[Kept, Answer]] = []
    journal.listen(lambda kept, answer: told.append((kept, answer)))
    first = await journal.keep(act())
    second = await journal.keep(act("c2", number=2))
    assert list(journal.pending()[("s", "a")]) == [first, second]
    journal.settle(first, ACCEPTED)
    journal.settle(first, Answer(command_id="c1", status="refused"))
    assert first.settled.is_set()
    assert told == [(first, ACCEPTED)]
    await journal.flush()
    again = reopen()
    assert [kept.command_id for kept in again.pending_of("s", "a")] == ["c2"]
    found = again.find("s", "a", "c1")
    assert found is not None
    assert found.answer == ACCEPTED


async def test_acts_go_out_in_the_order_in_which_they_were_kept(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    names = [f"c{number}" for number in range(40)]
    await asyncio.gather(*(journal.keep(act(name, "ab"[n % 2], n)) for n, name in enumerate(names)))
    for author in "ab":
        own = [kept.command_id for kept in reopen().pending_of("s", author)]
        assert own == [name for n, name in enumerate(names) if "ab"[n % 2] == author]
    indexes = sorted(kept.index for acts in reopen().pending().values() for kept in acts)
    assert indexes == list(range(1, 41))


async def test_the_same_act_asked_for_twice_at_once_is_kept_once(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    first, second = await asyncio.gather(journal.keep(act()), journal.keep(act()))
    assert first is second
    assert journal.count("s", "a") == 1
    assert len(reopen().pending_of("s", "a")) == 1


async def test_whoever_waits_may_leave_and_the_act_is_kept(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    waiting = asyncio.ensure_future(journal.keep(act()))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await journal.flush()
    assert journal.find("s", "a", "c1") is not None


async def test_what_the_disk_does_not_take_is_not_kept(tmp_path: Path) -> None:
    disk = Disk(1_000_000)
    journal = Journal(disk, tmp_path / "journal.log")
    await disk.close()
    with pytest.raises(NotDurable):
        await journal.keep(act())
    assert journal.find("s", "a", "c1") is None
    assert journal.pending() == {}


class _Filling(Disk):
    """A disk that takes nothing while it is `full`."""

    full = False

    async def append(self, file: AppendFile, payload: bytes) -> Written:
        if self.full:
            raise NotDurable("no space left")
        return await super().append(file, payload)


async def test_an_answer_that_a_full_disk_did_not_take_is_written_once_it_takes_again(
    reopen: Callable[[], Journal], tmp_path: Path
) -> None:
    disk = _Filling(1_000_000)
    journal = Journal(disk, tmp_path / "journal.log")
    kept = await journal.keep(act())
    disk.full = True
    journal.settle(kept, ACCEPTED)
    await journal.flush()
    assert len(reopen().pending_of("s", "a")) == 1
    disk.full = False
    await journal.keep(act("c2", number=2))
    await journal.flush()
    assert [one.command_id for one in reopen().pending_of("s", "a")] == ["c2"]
    await disk.close()


async def test_the_highest_number_of_an_author_is_known(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    for name, number in (("c1", 4), ("c2", 9), ("c3", 6)):
        await journal.keep(act(name, number=number))
    assert reopen().highest("s", "a") == 9
    assert reopen().highest("s", "b") == 0
