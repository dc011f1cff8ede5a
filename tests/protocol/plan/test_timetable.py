"""A case's public timetable: one moment of a kind for each lot, of lots that there are."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.plan.case import Case, read_case

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = json.loads((ROOT / "ops" / "sample" / "case.json").read_bytes())


def read(timetable: list[dict[str, Any]]) -> Case | list[tuple[str, str]]:
    found = read_case(json.dumps(SAMPLE | {"timetable": timetable}).encode(), complete=False)
    return found if isinstance(found, Case) else [(one.code, one.pointer) for one in found]


def test_a_case_may_say_when_things_are_and_its_plan_stays_the_same() -> None:
    found = read([{"kind": "bid_deadline", "at": 1}, {"kind": "bid_deadline", "at": 2, "lot": "01"}])
    assert isinstance(found, Case)
    assert [(one.at, one.lot) for one in found.timetable] == [(1, ""), (2, "01")]
    plain = read_case(
        json.dumps({k: v for k, v in SAMPLE.items() if k != "timetable"}).encode(), complete=False
    )
    assert isinstance(plain, Case)
    assert (plain.timetable, plain.plan) == ((), found.plan)


@pytest.mark.parametrize(
    ("timetable", "code", "pointer"),
    [
        ([{"kind": "opening", "at": 1}, {"kind": "opening", "at": 2}], "DuplicateId", "/timetable/1/kind"),
        ([{"kind": "opening", "at": 1, "lot": "09"}], "UnknownId", "/timetable/0/lot"),
        ([{"kind": "tea", "at": 1}], "NotAllowedValue", "/timetable/0/kind"),
    ],
)
def test_a_timetable_that_leaves_a_choice_is_told(
    timetable: list[dict[str, Any]], code: str, pointer: str
) -> None:
    found = read(timetable)
    assert isinstance(found, list)
    assert (code, pointer) in found
