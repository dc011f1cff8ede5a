"""异常低价: bids so low that their bidders must explain them before anybody may reject them.

Owns: the comparison with the mean, the others, or the lot's own prices. Must not know: the explanation, or
who decides on it (低于成本 is a ground of rejection only after it: 条例 51, 12号令 21).

Sources: 12号令 21, 财政部令第87号 60, from memory; no law gives a number, so each is the plan's.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from protocol.methods.evaluation import LowPrice
from protocol.methods.mean import mean
from protocol.plan.numbers import exact_text, number
from protocol.plan.plan import Lot
from protocol.plan.policy import LowPriceCheck


def low_prices(
    checks: tuple[LowPriceCheck, ...], lot: Lot, prices: Mapping[str, Fraction]
) -> tuple[LowPrice, ...]:
    """Return what is too low, by the bidder's id, then in the plan's order of checks.

    Args:
        checks: the plan's checks.
        lot: the lot, for its ceiling and reference price.
        prices: bidder → price as it was bid, of those whose price is looked at.

    >>> lot = Lot(id="1", zh="标段", scheme="s", currency="CNY", unit="万元", price_ceiling="100")
    >>> bids = {"b1": Fraction(44), "b2": Fraction(88), "b3": Fraction(96)}
    >>> half = LowPriceCheck(than="lowest_of_others", percent="50")
    >>> ceiling = LowPriceCheck(than="ceiling", percent="45")
    >>> [(one.bidder, one.than, one.limit) for one in low_prices((half, ceiling), lot, bids)]
    [('b1', 'ceiling', '45')]
    """
    return tuple(_found(checks, lot, prices))


def _found(checks: tuple[LowPriceCheck, ...], lot: Lot, prices: Mapping[str, Fraction]) -> Iterator[LowPrice]:
    for bidder in sorted(prices):
        others = [price for other, price in prices.items() if other != bidder]
        for check in checks:
            reference = _reference(check, lot, [*others, prices[bidder]], others)
            if reference is None:
                continue
            limit = reference * number(check.percent) / 100
            if prices[bidder] < limit:
                yield LowPrice(bidder=bidder, than=check.than, limit=exact_text(limit))


def _reference(
    check: LowPriceCheck, lot: Lot, every: list[Fraction], others: list[Fraction]
) -> Fraction | None:
    """What a price is held against; None where there is nothing."""
    if check.than == "mean":
        return mean(every)
    if check.than in ("ceiling", "reference"):
        text = lot.price_ceiling if check.than == "ceiling" else lot.reference_price
        return number(text) if text else None
    if not others:
        return None
    return mean(others) if check.than == "mean_of_others" else min(others)
