"""What stands against the last rehearsal of an opening before the day (SPEC 23.4)."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol import rehearsal
from protocol.rehearsal import CheckFault, CustodianTook, Rehearsal, VenueTook

DAY_MS = 86_400_000
AT = 10 * DAY_MS
CUSTODIANS = ("centre-1", "centre-2", "tenderee-key")
VENUES = ("hefei", "nanjing")
GOOD = Rehearsal(
    "T-1", AT, 5, 5, good=True, began=AT - 60_000, by="王运维", opening_ms=900,
    custodians=tuple(CustodianTook(one, answered=True, released=True) for one in CUSTODIANS),
    venues=tuple(VenueTook(one, found=True) for one in VENUES),
)  # fmt: skip


def check(found: Rehearsal | None, now: int = AT, opens_at: int = AT + DAY_MS) -> tuple[CheckFault, ...]:
    return rehearsal.check(found, now, opens_at, CUSTODIANS, VENUES)


def test_nothing_stands_against_a_rehearsal_of_the_day_before_with_everybody_there() -> None:
    assert check(GOOD) == ()


def test_a_tender_that_was_never_rehearsed_is_told_that_alone() -> None:
    assert check(None) == (CheckFault("never"),)


def test_a_rehearsal_is_stale_more_than_a_day_before_the_opening() -> None:
    assert check(GOOD, opens_at=AT + DAY_MS + 1) == (CheckFault("stale"),)


def test_without_a_deadline_or_after_it_the_clock_counts() -> None:
    assert check(GOOD, now=AT + DAY_MS, opens_at=0) == ()
    assert check(GOOD, now=AT + DAY_MS + 1, opens_at=0) == (CheckFault("stale"),)
    assert check(GOOD, now=AT + DAY_MS + 1, opens_at=AT + 1) == (CheckFault("stale"),)


@pytest.mark.parametrize(
    ("changed", "code", "names"),
    [
        (replace(GOOD, good=False), "failed", ()),
        (replace(GOOD, custodians=GOOD.custodians[1:]), "custodian", ("centre-1",)),
        (
            replace(GOOD, custodians=(replace(GOOD.custodians[0], answered=False), *GOOD.custodians[1:])),
            "custodian",
            ("centre-1",),
        ),
        (replace(GOOD, venues=GOOD.venues[:1]), "venue", ("nanjing",)),
    ],
)
def test_whoever_took_no_part_is_named(changed: Rehearsal, code: str, names: tuple[str, ...]) -> None:
    (found,) = check(changed)
    assert (found.code, found.names) == (code, names)


def test_a_custodian_that_answered_and_was_not_needed_for_the_release_took_part() -> None:
    late = (replace(GOOD.custodians[0], released=False), *GOOD.custodians[1:])
    assert check(replace(GOOD, custodians=late)) == ()


def test_a_file_gives_the_last_rehearsal_of_a_tender() -> None:
    kept = (GOOD, replace(GOOD, tender="T-2", at=AT + 1), replace(GOOD, at=AT + 2))
    read = rehearsal.read(msgspec.json.encode(kept))
    assert read == kept
    assert rehearsal.last(read, "T-1") == kept[2]
    assert rehearsal.last(read, "T-3") is None


def test_a_note_without_who_took_part_is_read_and_all_custodians_are_missing() -> None:
    short = b'[{"tender":"T-1","at":864000000,"opened":5,"bids":5,"good":true}]'
    (found,) = rehearsal.read(short)
    assert [one.code for one in check(found)] == ["custodian", "venue"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[1]",
        b'[{"tender":"T-1"}]',
        b"\xff",
        b'[{"tender":"T","at":-1,"opened":1,"bids":1,"good":true}]',
        b" " * (rehearsal.FILE_BYTES_MAX + 1),
    ],
)
def test_a_file_out_of_form_is_as_none(raw: bytes) -> None:
    assert rehearsal.read(raw) == ()
