"""Whoever looks before the day is told whether the opening was rehearsed, when, and how it ended."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ops import custody, files, installation, ports, rehearsals, senses
from ops.doctor import rehearsed
from ops.installation import PORTS_SPAN, Installation, Shape
from ops.senses import Dice
from protocol.rehearsal import KEPT_MAX, Rehearsal

DAY_MS = 86_400_000
TENDER = "SZ-2026-01"
HELD = Rehearsal(TENDER, 10 * DAY_MS, 5, 5, good=True)


@pytest.fixture
def sealed(tmp_path: Path) -> Installation:
    """An installation with custodians."""
    span = PORTS_SPAN + 4 + len(custody.names(3))
    made = installation.ensure(
        tmp_path / "data", now_ms=senses.now_ms(), ports_from=ports.free_base(span, Dice()),
        shape=Shape(custodians=3),
    )  # fmt: skip
    files.make_folder(made.data / custody.FOLDER)
    return made


def test_a_rehearsal_is_told_with_its_day_and_its_end() -> None:
    assert "never rehearsed" in rehearsals.told(TENDER, None, 0).en
    today = rehearsals.told(TENDER, HELD, HELD.at + 1)
    assert ("today" in today.en, "5 of 5" in today.en, "well" in today.en) == (True, True, True)
    bad = rehearsals.told(TENDER, replace(HELD, opened=3, good=False), HELD.at + 2 * DAY_MS)
    assert ("2 days ago" in bad.en, "badly" in bad.en) == (True, True)
    assert ("2 天前" in bad.zh, "未成功" in bad.zh) == (True, True)


def test_the_last_rehearsal_of_a_tender_counts_and_the_shelf_stays_short(tmp_path: Path) -> None:
    assert rehearsals.last(tmp_path, TENDER) is None
    for number in range(KEPT_MAX + 5):
        rehearsals.note(tmp_path, replace(HELD, at=number, good=number % 2 == 0))
    rehearsals.note(tmp_path, replace(HELD, tender="another", good=False))
    found = rehearsals.last(tmp_path, TENDER)
    assert found is not None
    assert (found.at, found.good) == (KEPT_MAX + 4, True)
    assert len(rehearsals.noted(tmp_path)) == KEPT_MAX


def test_the_doctor_wishes_for_a_rehearsal_of_every_tender_that_the_custodians_know(
    sealed: Installation,
) -> None:
    (none,) = rehearsed.look(sealed.data, None)
    assert (none.ok, none.needed) == (True, False)
    custody.tell(sealed.data, TENDER)
    (never,) = rehearsed.look(sealed.data, sealed)
    assert (never.ok, "never" in never.en, "尚未" in never.zh) == (False, True, True)
    assert "ceremony rehearse" in never.remedy_en
    rehearsals.note(sealed.data, replace(HELD, at=senses.now_ms()))
    (well,) = rehearsed.look(sealed.data, sealed)
    assert (well.ok, "today" in well.en) == (True, True)
    rehearsals.note(sealed.data, replace(HELD, at=senses.now_ms(), opened=4, good=False))
    (badly,) = rehearsed.look(sealed.data, sealed)
    assert (badly.ok, "4 of 5" in badly.en) == (False, True)
