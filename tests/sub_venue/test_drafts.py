"""Drafts on a venue's disk: the newest stays, nobody reads them, nothing of them outlives the session."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol import limits
from protocol.refusals import Refusal
from protocol.wire import Draft, DraftKept
from protocol.words import Stage
from sub_venue.journal.disk import Disk, NotDurable
from sub_venue.keys import SeatKeys
from sub_venue.seats.drafts import Drafts
from sub_venue.senses import Senses

ONE = Stage("01", "1", 1)
CANARY = "b-canary-77"


def draft(revision: int, points: int = 700, **more: object) -> Draft:
    found = Draft("s-1", "M1", ONE, revision, {CANARY: {"A1": points}})
    return replace(found, **more)


@pytest.fixture
async def reopen(tmp_path: Path) -> AsyncIterator[Callable[[], Drafts]]:
    """Opens the same drafts again, as a restart does."""
    disk = Disk(1_000_000)
    yield lambda: Drafts(tmp_path / "drafts", disk, SeatKeys(tmp_path / "seats", Senses()), Senses())
    await disk.close()


async def kept(drafts: Drafts, one: Draft) -> DraftKept:
    found = await drafts.put(one)
    assert isinstance(found, DraftKept), found
    return found


async def test_the_last_draft_is_there_after_a_restart(reopen: Callable[[], Drafts]) -> None:
    drafts = reopen()
    assert drafts.get("s-1", "M1", ONE) == Draft("s-1", "M1", ONE, 0, {})
    for revision in (1, 2, 5):
        assert (await kept(drafts, draft(revision, 100 * revision))).revision == revision
    assert reopen().get("s-1", "M1", ONE) == draft(5, 500)
    assert reopen().get("s-1", "M2", ONE).revision == 0
    assert reopen().get("s-1", "M1", Stage("01", "1", 2)).revision == 0


async def test_an_older_draft_never_takes_the_place_of_a_newer(reopen: Callable[[], Drafts]) -> None:
    await kept(reopen(), draft(5, 500))
    drafts = reopen()
    for one in (draft(4), draft(5, 450)):
        refused = await drafts.put(one)
        assert isinstance(refused, Refusal)
        assert refused.code == "OutOfOrder"
        assert (refused.detail["given"], refused.detail["last"]) == (str(one.revision), "5")
        assert CANARY in refused.detail["draft"]
    assert (await kept(drafts, draft(5, 500))).revision == 5
    assert drafts.get("s-1", "M1", ONE) == draft(5, 500)


async def test_drafts_that_come_at_once_leave_the_highest(reopen: Callable[[], Drafts]) -> None:
    drafts = reopen()
    await asyncio.gather(*(drafts.put(draft(n, n)) for n in (3, 9, 1, 7, 9, 4)))
    assert reopen().get("s-1", "M1", ONE) == draft(9, 9)


async def test_no_draft_lies_on_disk_in_clear(reopen: Callable[[], Drafts], tmp_path: Path) -> None:
    drafts = reopen()
    for revision in range(1, 6):
        await kept(drafts, draft(revision))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]  # noqa: ASYNC240
    assert files
    for path in files:
        assert CANARY.encode() not in path.read_bytes()
        assert "M1" not in path.name or path.suffix == ".key"
    assert len([path for path in files if path.suffix == ".draft"]) == 1


async def test_a_draft_over_its_size_is_too_large(reopen: Callable[[], Drafts]) -> None:
    many = {f"b{n}": {"A1": n} for n in range(limits.DRAFT_BYTES_MAX // 12)}
    refused = await reopen().put(draft(1, scores=many))
    assert isinstance(refused, Refusal)
    assert refused.code == "TooLarge"


async def test_removed_drafts_are_gone(reopen: Callable[[], Drafts], tmp_path: Path) -> None:
    drafts = reopen()
    await kept(drafts, draft(1))
    await kept(drafts, replace(draft(1), session="s-2"))
    await drafts.remove("s-1")
    await drafts.remove("s-1")
    assert drafts.get("s-1", "M1", ONE).revision == 0
    assert drafts.get("s-2", "M1", ONE).revision == 1
    assert not (tmp_path / "drafts" / "s-1").exists()


async def test_a_draft_that_the_disk_does_not_take_is_not_kept(tmp_path: Path) -> None:
    disk = Disk(1_000_000)
    drafts = Drafts(tmp_path / "drafts", disk, SeatKeys(tmp_path / "seats", Senses()), Senses())
    await disk.close()
    with pytest.raises(NotDurable):
        await drafts.put(draft(1))
    assert drafts.get("s-1", "M1", ONE).revision == 0
