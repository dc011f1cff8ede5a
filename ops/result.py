"""The result of a record: the ranking in rows that a person or a program can read, and the outcome.

Owns the one JSON object that `act` and `replay` end with. Takes everything from entries and disclosures; a
case's names may be laid over them by whoever has the case. Works out no points.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from protocol.hidden import Disclosed
from protocol.session.outcome import evaluation, outcome_digest
from protocol.session.state import State


class Ranked(Struct, frozen=True, kw_only=True):
    """One bidder's line of one lot; `rank` 0 and an empty total for one that is not ranked."""

    lot: str
    id: str
    code: str
    bidder: str
    rank: int
    total: str
    price: str
    status: str


class Result(Struct, frozen=True, kw_only=True):
    """What a session came to: its rows lot by lot in order of rank, and its outcome's digest."""

    session: str
    phase: str
    title: str
    rows: tuple[Ranked, ...]
    outcome: bytes
    entries: int


def of(state: State, disclosed: Disclosed, names: Mapping[str, str] | None = None) -> Result:
    """The result of a session as its record tells it.

    Args:
      state: the replayed session.
      disclosed: what goes with it; prices, sheets and tallies must be there.
      names: bidder's id → name, for whoever has the case; else the disclosed names, else the codes.

    Raises:
      OutcomeWithheld: the outcome needs a value that is not disclosed.
    """
    rows = [
        row
        for lot in sorted({track.lot for track in state.tracks.values()})
        for row in _of_lot(state, lot, disclosed, names or {})
    ]
    plan = disclosed.get_value(state.plan)
    return Result(
        session=state.session,
        phase=state.phase,
        title=plan["title"] if isinstance(plan, dict) else "",
        rows=tuple(rows),
        outcome=outcome_digest(state, disclosed),
        entries=state.size,
    )


def _of_lot(state: State, lot: str, disclosed: Disclosed, names: Mapping[str, str]) -> Iterator[Ranked]:
    """A lot's rows by its last envelope that was evaluated; who got no further stands by the one before."""
    told: set[str] = set()
    for track in reversed([track for track in state.tracks.values() if track.lot == lot]):
        found = evaluation(track, disclosed)
        bids = {bid.bidder: bid for bid in track.bids}
        for row in found.rows if found is not None else ():
            if row.bidder in told:
                continue
            bid = bids[row.bidder]
            name = names.get(row.bidder) or disclosed.get_value(bid.name) or bid.code
            yield Ranked(
                lot=track.lot, id=row.bidder, code=bid.code, bidder=str(name), rank=row.rank,
                total=row.total, price=row.price, status=row.status,
            )  # fmt: skip
        told |= bids.keys()


def as_json(result: Result, record: Path, more: Mapping[str, Any] | None = None) -> str:
    """The object as one line: `{session, ranking, outcome, entries, record}`, `unranked` beside it.

    Totals stand as numbers just as they were worked out, and once more as text. `more` is put beside it.
    """
    value: dict[str, Any] = {
        "session": result.session,
        "ranking": [_row(row) for row in result.rows if row.rank],
        "unranked": [_row(row) for row in result.rows if not row.rank],
        "outcome": result.outcome.hex(),
        "entries": result.entries,
        "record": str(record),
        **(more or {}),
    }
    return msgspec.json.encode(value).decode()


def _row(row: Ranked) -> dict[str, Any]:
    return {
        "bidder": row.bidder,
        "total": msgspec.Raw(row.total.encode()) if row.total else None,
        "rank": row.rank or None,
        "total_text": row.total,
        "id": row.id,
        "code": row.code,
        "lot": row.lot,
        "price": row.price,
        "status": row.status,
    }
