"""What the sample's documents say (虚构示例): the tender's, the bidders' and the bill's facts, read once.

Owns their form and reading. Prices, points, venues and members come from the case alone, so that a document
can say nothing else than what is evaluated.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from ops import places
from ops.sample import amounts, bill
from ops.sample.bill import BaseBill, PricedRow
from ops.sample.blind import Design
from protocol.plan.case import Case, read_case

TEXT: Final = Path(__file__).resolve().parent / "text"
YUAN_PER_WAN: Final = 10_000
T = TypeVar("T")


class Firm(Struct, frozen=True, kw_only=True):
    """A bidder as its papers show it; `words` and `figures` are what its letter says, right or not."""

    id: str
    name: str
    place: str
    credit: str
    legal: str
    agent: str
    agent_post: str
    bank: str
    bond_number: str
    qualification: str
    permit: str
    capital: str
    words: str
    figures: str
    works: tuple[tuple[str, ...], ...]
    manager: tuple[str, ...]
    manager_works: tuple[tuple[str, ...], ...]
    team: tuple[tuple[str, ...], ...]


class Facts(Struct, frozen=True, kw_only=True):
    """Everything that the documents are made from."""

    case: Case
    tender: dict[str, Any]
    firms: tuple[Firm, ...]
    bill: BaseBill
    designs: tuple[Design, ...]
    design_text: str

    def price_fen(self, bidder: str) -> int:
        """A bidder's price in fen: the case's, which is in 万元."""
        price = next(bid.price for bid in self.case.bids if bid.bidder == bidder)
        fen = Decimal(price) * YUAN_PER_WAN * 100
        assert fen == int(fen)
        return int(fen)

    def priced(self, bidder: str) -> tuple[PricedRow, ...]:
        """A bidder's priced bill, which sums to its price."""
        base = [amounts.fen_of(row.base_price) for row in self.bill.rows]
        return bill.priced(self.bill, bidder, self.price_fen(bidder), base)


@cache
def load() -> Facts:
    """The sample's facts."""
    case = read_case(places.sample_case().read_bytes())
    assert isinstance(case, Case), case
    return Facts(
        case=case,
        tender=_read("tender.json", dict[str, Any]),
        firms=_read("bidders.json", tuple[Firm, ...]),
        bill=_read("bill.json", BaseBill),
        designs=_read("designs.json", tuple[Design, ...]),
        design_text=(TEXT / "design.txt").read_text(encoding="utf-8"),
    )


def _read(name: str, form: type[T]) -> T:
    return msgspec.json.decode((TEXT / name).read_bytes(), type=form)
