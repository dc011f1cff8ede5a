"""A journal that has grown puts by what is over: nothing pending, going on, or numbered is lost by it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.wire import Answer
from sub_venue.journal import rotation
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal, TakenOver
from sub_venue.journal.rotation import rotate
from tests.sub_venue.journal.test_journal import act


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    found = Disk(1_000_000)
    yield found
    await found.close()


def accepted(name: str) -> Answer:
    return Answer(command_id=name, status="accepted", seq=1)


async def grown(disk: Disk, path: Path) -> None:
    """Acts 1–6: two of s-over answered, two of s-on, two of s-late of which one has no answer."""
    journal = Journal(disk, path)
    for number, session in enumerate(("s-over", "s-on", "s-late") * 2, 1):
        kept = await journal.keep(act(f"c{number}", session=session))
        if number != 6:
            journal.settle(kept, accepted(kept.command_id))
    for session in ("s-over", "s-on"):
        await journal.note(TakenOver(1, session, "M2", "key", "w2", "w1", 1, "sig"))
    await journal.flush()


def put_by(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.glob("journal-*"))


def names(journal: Journal) -> list[str]:
    return [kept.command_id for _, kept in sorted(journal._acts.items())]


async def test_ended_and_answered_sessions_are_put_by_and_all_else_goes_on(
    disk: Disk, tmp_path: Path
) -> None:
    path = tmp_path / "journal.log"
    await grown(disk, path)
    former = rotate(path, frozenset({"s-over", "s-late", "s-unknown"}), bytes_min=0)
    assert former == tmp_path / "journal-0001.log"
    journal = Journal(disk, path)
    assert names(journal) == ["c2", "c3", "c5", "c6"]
    assert [kept.command_id for acts in journal.pending().values() for kept in acts] == ["c6"]
    assert journal.body(journal.at(5)).command_id == "c5"
    assert (len(journal.taken_over("s-over")), len(journal.taken_over("s-on"))) == (0, 1)
    assert (await journal.keep(act("c7", session="s-on"))).index == 7
    assert names(Journal(disk, former)) == ["c1", "c2", "c3", "c4", "c5", "c6"]


async def test_indices_go_on_rising_though_the_last_acts_were_put_by(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    journal = Journal(disk, path)
    for session in ("s-on", "s-over"):
        kept = await journal.keep(act("c1", session=session))
        journal.settle(kept, accepted("c1"))
    await journal.flush()
    for times in (1, 2):
        rotate(path, frozenset({"s-over"}), bytes_min=0)
        assert Journal(disk, path)._next == 3, times
    assert put_by(tmp_path) == ["journal-0001.log"]


async def test_a_small_journal_and_one_in_which_nothing_is_over_stay_as_they_are(
    disk: Disk, tmp_path: Path
) -> None:
    path = tmp_path / "journal.log"
    assert rotate(path, frozenset({"s-over"}), bytes_min=0) is None
    await grown(disk, path)
    raw = path.read_bytes()
    assert rotate(path, frozenset({"s-over"}), bytes_min=len(raw)) is None
    assert rotate(path, frozenset({"s-late"}), bytes_min=0) is None
    assert path.read_bytes() == raw
    assert put_by(tmp_path) == []


@pytest.mark.parametrize("step", ["replace_file", "rename"])
async def test_a_crash_on_the_way_leaves_the_journal_whole_and_the_next_start_rotates(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "journal.log"
    await grown(disk, path)
    raw = path.read_bytes()

    def crash(*_: object) -> None:
        raise OSError("the machine stops here")

    with monkeypatch.context() as now:
        if step == "replace_file":
            now.setattr(rotation, "replace_file", crash)
        else:
            now.setattr(Path, "replace", crash)
        with pytest.raises(OSError, match="the machine stops here"):
            rotate(path, frozenset({"s-over"}), bytes_min=0)
    assert path.read_bytes() == raw
    assert rotate(path, frozenset({"s-over"}), bytes_min=0) == tmp_path / "journal-0001.log"
    assert names(Journal(disk, path)) == ["c2", "c3", "c5", "c6"]


async def test_a_second_rotation_takes_a_name_of_its_own(disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    await grown(disk, path)
    rotate(path, frozenset({"s-over"}), bytes_min=0)
    assert rotate(path, frozenset({"s-on"}), bytes_min=0) == tmp_path / "journal-0002.log"
    assert put_by(tmp_path) == ["journal-0001.log", "journal-0002.log"]
    assert names(Journal(disk, path)) == ["c3", "c6"]
