"""Priced bills of quantities (已标价工程量清单) that sum to a price, to the fen.

Owns how a bidder's unit prices come out of the sample's base prices: all of them are raised or lowered by
one share so that they meet the price, each a little off it as an estimator's would be, and one lump item
takes what is left. Everything is whole fen and whole quantities: unit price × quantity is exact, and so is
the sum.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

SWING_PERMILLE: Final = 35
"""A unit price lies at most so far off its bidder's own level."""


class BaseRow(Struct, frozen=True, array_like=True):
    """A row as the tenderee hands it out: quantity a whole number, the base price in yuan."""

    code: str
    name: str
    feature: str
    unit: str
    quantity: int
    base_price: str


class PricedRow(Struct, frozen=True):
    """A row as a bidder hands it in: `unit_fen` × `quantity` = `amount_fen`."""

    code: str
    name: str
    feature: str
    unit: str
    quantity: int
    unit_fen: int
    amount_fen: int


class BaseBill(Struct, frozen=True, kw_only=True):
    """The bill before it is priced.

    Attributes:
        note: what stands above the table.
        absorbs: code of the lump item that takes what is left; its quantity is 1.
        fixed: codes of items whose amount the tenderee prescribes.
        absorbed_share_permille: about how much of the price that lump item is.
        rows: in the order of the bill.
    """

    note: str
    absorbs: str
    fixed: tuple[str, ...]
    absorbed_share_permille: int
    rows: tuple[BaseRow, ...]


def priced(bill: BaseBill, bidder: str, price_fen: int, base_fen: Sequence[int]) -> tuple[PricedRow, ...]:
    """A bidder's priced bill.

    Args:
        bill: the bill to price.
        bidder: who prices it; another id gives other unit prices.
        price_fen: what the bill must sum to.
        base_fen: the rows' base prices in fen.

    Returns:
        The rows, which sum to `price_fen` exactly.
    """
    fixed = sum(
        fen * row.quantity for row, fen in zip(bill.rows, base_fen, strict=True) if row.code in bill.fixed
    )
    free = sum(
        fen * row.quantity
        for row, fen in zip(bill.rows, base_fen, strict=True)
        if row.code not in (*bill.fixed, bill.absorbs)
    )
    aim = price_fen - fixed - price_fen * bill.absorbed_share_permille // 1000
    units = []
    for row, fen in zip(bill.rows, base_fen, strict=True):
        if row.code in bill.fixed:
            units.append(fen)
        elif row.code == bill.absorbs:
            units.append(0)
        else:
            units.append(fen * aim * (1000 + _swing(bidder, row.code)) // (free * 1000))
    left = price_fen - sum(unit * row.quantity for unit, row in zip(units, bill.rows, strict=True))
    assert left > 0, "the base prices leave nothing for the lump item"
    rows = []
    for row, unit in zip(bill.rows, units, strict=True):
        settled = left if row.code == bill.absorbs else unit
        rows.append(
            PricedRow(
                row.code, row.name, row.feature, row.unit, row.quantity, settled, settled * row.quantity
            )
        )
    assert sum(row.amount_fen for row in rows) == price_fen
    return tuple(rows)


def _swing(bidder: str, code: str) -> int:
    """How far one unit price lies off its bidder's level, per mille; the same for ever."""
    number = hashlib.sha256(f"{bidder}/{code}".encode()).digest()[0]
    return number * 2 * SWING_PERMILLE // 255 - SWING_PERMILLE
