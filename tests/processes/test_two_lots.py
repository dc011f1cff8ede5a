"""Two lots in one session, from booking to archive: each has its ranking, and a replay needs no case.

The second lot is the first with the bidders in other places: who wins there is known without any engine, from
the sample's own table.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from ops import act
from ops.people.listener import Listener
from ops.people.notebook import Note
from ops.stack import Stack
from protocol import record
from protocol.hidden import Opening
from protocol.plan.case import Case
from tests.ops import stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

STANDS_FOR = {"b1": "b4", "b2": "b5", "b3": "b1", "b4": "b2", "b5": "b3"}
"""Bidder in lot 02 → the one of lot 01 whose price and points it has there."""


class Twice(Struct, frozen=True):
    """Two runs of the same case on one stack."""

    first: act.Played
    second: act.Played


def two_lots() -> Case:
    """The sample with a second lot, the members giving each bidder there what they gave another here."""
    found: dict[str, Any] = stage.sample()
    for name in ("turns", "expected"):
        found.pop(name, None)
    found["id"] = "two-lots"
    plan = found["plan"]
    plan["lots"] = [plan["lots"][0], {**plan["lots"][0], "id": "02", "zh": "标段 02", "en": "Lot 02"}]
    prices = {bid["bidder"]: bid["price"] for bid in found["bids"]}
    found["bids"] += [
        {"lot": "02", "bidder": bidder, "price": prices[like]} for bidder, like in STANDS_FOR.items()
    ]
    found["sheets"]["02"] = {
        seat: {bidder: rows[like] for bidder, like in STANDS_FOR.items()}
        for seat, rows in found["sheets"]["01"].items()
    }
    found["draws"]["02"] = found["draws"]["01"]
    return msgspec.convert(found, Case)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twice(running: Stack, data: Path) -> Twice:
    runs = []
    for session in ("lots-1", "lots-2"):
        options = act.Options(record=data / f"{session}.record")
        case = two_lots()
        runs.append(
            await act.perform(running.installation, case, Note(session, case.id), options, Listener())
        )
    return Twice(*runs)


def _totals(played: act.Played, lot: str) -> dict[str, str]:
    """Bidder → total, in the order of the ranking."""
    rows = sorted((row for row in played.result.rows if row.lot == lot), key=lambda row: row.rank)
    return {row.id: row.total for row in rows}


async def test_each_lot_has_its_own_ranking(twice: Twice) -> None:
    for played in (twice.first, twice.second):
        assert played.result.phase == "ARCHIVED"
        first, second = _totals(played, "01"), _totals(played, "02")
        assert list(first.items()) == list(stage.TABLE.items())
        there = {like: bidder for bidder, like in STANDS_FOR.items()}
        assert list(second.items()) == [(there[bidder], total) for bidder, total in stage.TABLE.items()]
        assert next(iter(first)) != next(iter(second))


async def test_two_runs_have_one_outcome(twice: Twice) -> None:
    assert twice.first.result.outcome == twice.second.result.outcome
    assert twice.first.record.read_bytes() != twice.second.record.read_bytes()


async def test_a_fresh_process_replays_each_record_without_the_case(twice: Twice, tmp_path: Path) -> None:
    for played in (twice.first, twice.second):
        alone = tmp_path / played.result.session
        alone.mkdir()
        (alone / "only.record").write_bytes(played.record.read_bytes())
        told = stage.call("replay", "only.record", "--json", cwd=alone)
        assert told.code == 0, told.err
        assert told.told["outcome"] == played.result.outcome.hex()
        assert told.told["entries"] == played.result.entries
        for lot in ("01", "02"):
            rows = {row["id"]: row["total_text"] for row in told.told["ranking"] if row["lot"] == lot}
            assert list(rows.items()) == list(_totals(played, lot).items())


@pytest.mark.parametrize("lot", ["01", "02"])
async def test_a_replay_needs_the_sheets_of_both_lots(twice: Twice, tmp_path: Path, lot: str) -> None:
    found = record.read(twice.first.record.read_bytes())
    sheets = [one for one in found.disclosed.values() if one.field == "sheet"]
    left_out = next(one for one in sheets if found.disclosed.value(one.digest, Opening).stage.lot == lot)
    rest = [one for one in found.disclosed.values() if one is not left_out]
    (tmp_path / "short.record").write_bytes(record.write(found.session, found.entries, rest))
    told = stage.call("replay", "short.record", "--json", cwd=tmp_path)
    assert told.code == 1
    assert "未附披露内容" in told.err
