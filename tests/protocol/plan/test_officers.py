"""Who sits where and is no member: named by seat, and warned of where certificates decide."""

import json
from pathlib import Path
from typing import Any

from protocol.plan.case import Case, read_case
from protocol.plan.validate import validate_case

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = json.loads((ROOT / "ops" / "sample" / "case.json").read_bytes())
SEATS = ["agent", "tenderee", *(f"{role}-{venue['id']}" for venue in SAMPLE["venues"]
                                for role in ("witness", "supervisor", "keeper"))]  # fmt: skip


def read(**more: Any) -> Case:
    found = read_case(json.dumps(SAMPLE | more).encode(), complete=False)
    assert isinstance(found, Case), found
    return found


def codes(case: Case) -> list[str]:
    return [one.code for one in validate_case(case, complete=False)]


def test_officers_change_nothing_of_the_plan() -> None:
    named = read(officers={"witness-hefei": "许示真"})
    assert named.plan == read().plan
    assert "OfficersUnnamed" not in codes(named)


def test_a_seat_that_does_not_exist_is_told_with_the_nearest() -> None:
    found = read_case(json.dumps(SAMPLE | {"officers": {"witness-hefe": "许示真"}}).encode(), complete=False)
    assert not isinstance(found, Case)
    (one,) = [one for one in found if one.code == "UnknownId"]
    assert one.pointer == "/officers/witness-hefe"
    assert "witness-hefei" in one.en


def test_a_real_case_by_certificates_that_leaves_somebody_unnamed_is_warned_of() -> None:
    real = {"kind": "real", "rules": "4"}
    (found,) = [one for one in validate_case(read(**real), complete=False) if one.code == "OfficersUnnamed"]
    assert (found.severity, found.pointer) == ("warning", "/officers")
    assert all(seat in found.zh for seat in SEATS)
    some = read(**real, officers=dict.fromkeys(SEATS[1:], "许示真"))
    (left,) = [one for one in validate_case(some, complete=False) if one.code == "OfficersUnnamed"]
    assert left.en.startswith("It is not said who sits at: agent.")
    assert "OfficersUnnamed" not in codes(read(**real, officers=dict.fromkeys(SEATS, "许示真")))
    assert "OfficersUnnamed" not in codes(read(kind="real", rules="3"))
