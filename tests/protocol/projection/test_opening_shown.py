"""What desks are shown of an opening under rules version 4: who is awaited, who released, what it waits for.

The views of one opening at each of its steps are golden: the pages' own tests read them from the same file.
Written anew by `python -m tests.protocol.projection.test_opening_shown`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import commands_escrow as escrows
from protocol import commands_turns as turns
from protocol.projection import bidder as fold
from protocol.projection import project
from protocol.views import View
from protocol.views_bidder import BidderView
from protocol.words import Role
from tests.protocol.session.ceremony.opened import Opening
from tests.protocol.session.ceremony.test_escrow import SEATS, Scoring

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "desks-4.json"
ROLES: tuple[tuple[Role, str], ...] = (
    ("agent", "agent"), ("tenderee", "tenderee"), ("witness", "witness"),
    ("supervisor", "supervisor"), ("expert", "M1"),
)  # fmt: skip


def shown(opening: Opening, role: Role, seat: str) -> View:
    return project.view(opening.at, opening.disclosed, role, seat)


def awaited(opening: Opening) -> list[tuple[str, str]]:
    return [(one.who, one.act) for one in shown(opening, "agent", "agent").awaited]


def steps() -> Iterator[tuple[str, Opening]]:
    """One opening at each of its steps; of four bids one is not released."""
    opening = Opening()
    yield "booked", opening
    yield "appointed", opening.to_prepared()
    opening.begin()
    yield "roll_call", opening
    for name in opening.parties.holders:
        opening.roll(name)
    opening.receive(opening.bids)
    opening.release(opening.bids[0])
    yield "releasing", opening
    for one in opening.bids[1:3]:
        opening.release(one)
    opening.settle(opening.opening.until + 1)
    yield "closed", opening
    for name in opening.parties.holders:
        opening.custody(name)
    yield "custody", opening
    for venue in ("hefei", "nanjing"):
        opening.report(venue)
    yield "reported", opening
    opening.fail(opening.bids[3].bid)
    yield "accounted", opening
    opening.publish({one.bid: one for one in opening.bids[:3]})
    yield "opened", opening


def _plain(view: View | BidderView) -> dict[str, Any]:
    """A view as a page gets it, without what differs from run to run: digests of what was drawn at random."""
    told: dict[str, Any] = json.loads(msgspec.json.encode(view))
    told["as_of"]["root"] = ""
    for stage in told["stages"]:
        if "criteria" in stage:
            stage["criteria"] = None
        found = stage["ceremony"]
        if found is not None:
            found["record"] = found["record"] and "cmVjb3Jk"
            found["to"] = [{**one, "found": one["found"] and "Zm91bmQ="} for one in found["to"]]
    return told


def golden() -> dict[str, Any]:
    """Step → role → the view that its page is given."""
    told: dict[str, Any] = {}
    for name, opening in steps():
        told[name] = {role: _plain(shown(opening, role, seat)) for role, seat in ROLES}
        for bidder in sorted(fold.bidders(opening.at))[:1]:
            told[name]["bidder"] = _plain(fold.view(opening.at, opening.disclosed, bidder))
    return told


def _text() -> str:
    """A view a line."""
    steps_told = []
    for name, views in golden().items():
        texts = {role: json.dumps(one, ensure_ascii=False) for role, one in views.items()}
        lines = [f"  {json.dumps(role)}: {text}" for role, text in texts.items()]
        steps_told.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(steps_told) + "\n}\n"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return golden()


def test_the_desks_views_of_an_opening_are_those_that_the_pages_are_tested_with(told: dict[str, Any]) -> None:
    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_at_each_step_exactly_those_are_awaited_whose_act_comes_next(told: dict[str, Any]) -> None:
    found = {
        name: {(one["who"], one["act"]) for one in views["agent"]["awaited"]} for name, views in told.items()
    }
    keepers = ("centre-1", "centre-2", "centre-3", "tenderee-key")
    assert found["booked"] == {("agent", "AppointCustodians")}
    assert found["appointed"] == {("tenderee", "BeginOpening")}
    assert found["roll_call"] == {(name, "AnswerRollCall") for name in keepers}
    assert found["releasing"] == {(f"bidder-00{number}", "ReleaseBid") for number in (2, 3, 4)}
    assert found["closed"] == {(name, "ReleaseCustody") for name in keepers}
    assert found["custody"] == {(name, "ReportDecryption") for name in ("hefei", "nanjing", "shanghai")}
    assert found["reported"] == {("tenderee", "RecordBidFailure")}
    assert found["accounted"] == {("agent", "OpenBids")}


def test_a_bidder_finds_its_stage_from_the_receipt_of_sealed_bids_on(told: dict[str, Any]) -> None:
    assert "bidder" not in told["roll_call"]
    (stage,) = told["releasing"]["bidder"]["stages"]
    assert (stage["phase"], stage["step"], stage["bids"]) == ("BIDDERS_RELEASE", "opening", [])
    assert [one["released"] for one in stage["ceremony"]["bids"]] == [True, False, False, False]
    assert stage["ceremony"]["until"] > told["releasing"]["bidder"]["as_of"]["at"]


def test_why_a_bid_failed_is_written_for_those_who_may_read_it_and_for_nobody_else(
    told: dict[str, Any],
) -> None:
    def failure(role: str) -> dict[str, Any]:
        found: dict[str, Any] = told["opened"][role]["stages"][0]["ceremony"]["bids"][3]["failure"]
        return found

    assert failure("tenderee")["statement"]
    assert failure("bidder")["statement"] is None
    assert failure("expert")["statement"] is None
    assert failure("bidder")["cause"] == "revoked"


def test_an_objection_in_the_middle_of_an_opening_waits_for_the_tenderee() -> None:
    opening = Opening().to_received()
    made = opening.hide("objection", "objection", "解密倒计时与公告不符")
    key = opening.bids[0].bidder
    raised = turns.RaiseObjection("bidder-001", made.digest)
    assert opening.code("tenderee", raised, opening.stage, (made,)) == "", key
    assert ("tenderee", "AnswerObjection") in awaited(opening)
    found = shown(opening, "tenderee", "tenderee")
    assert found.stages[0].objections[0].objection == "解密倒计时与公告不符"


def test_an_act_that_is_done_is_offered_no_more() -> None:
    assert "AppointCustodians" in _offered(Opening(), "agent")
    opening = Opening().to_reported(late=("bid-004",))
    assert "AppointCustodians" not in _offered(opening, "agent")
    assert "RecordBidFailure" in _offered(opening, "tenderee")
    opening.fail("bid-004")
    assert "RecordBidFailure" not in _offered(opening, "tenderee")


def test_a_sheet_waits_for_its_venue_then_for_custodians_and_only_then_for_the_close() -> None:
    scoring = Scoring()
    assert _of_scores(scoring) == {("hefei", "EscrowSheet")}
    shared = {seat: scoring.give(seat) for seat in SEATS}
    assert _of_scores(scoring) == {(f"centre-{one}", "AcknowledgeEscrow") for one in (1, 2, 3)}
    for name in ("centre-1", "centre-3"):
        for seat in SEATS:
            content = escrows.AcknowledgeEscrow(seat, scoring.commitment(seat), shared[seat].digest)
            scoring.must(name, content, scoring.stage)
    assert _of_scores(scoring) == {("agent", "CloseScoring")}
    found = shown(scoring, "expert", "M1").stages[0].escrow
    assert found is not None
    assert (found.group, found.custodians, found.threshold) == ("centres", 3, 2)
    assert all(one.acknowledged == ("centre-1", "centre-3") for one in found.sheets)


def _of_scores(scoring: Scoring) -> set[tuple[str, str]]:
    """Who is awaited for the scores; that no member of this short record has taken a seat is left aside."""
    return {one for one in awaited(scoring) if one[1] != "BindSeat"}


def _offered(opening: Opening, role: Role) -> set[str]:
    return {one.type for one in shown(opening, role, role).acts}


if __name__ == "__main__":
    GOLDEN.write_text(_text(), encoding="utf-8")
