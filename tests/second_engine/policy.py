"""小微企业价格扣除 and 异常低价: what the law adds to formulas (财库〔2020〕46号 9; 12号令 21; 87号令 60)."""

from fractions import Fraction

from msgspec import UNSET

from protocol.plan.plan import Criterion
from protocol.plan.policy import LowPriceCheck
from tests.second_engine import exact
from tests.second_engine.tender import Tender


def price(tender: Tender, bidder: str) -> Fraction | None:
    """The evaluated price: the bid's, less the deduction."""
    own = tender.price(bidder)
    rule = tender.scheme.small_business
    if own is None or rule is UNSET or rule.on != "price":
        return own
    return exact.rounded(own * (1 - _percent(tender, bidder) / 100), rule.rounding)


def points(tender: Tender, leaf: Criterion, bidder: str, own: Fraction) -> Fraction:
    """A price leaf's points, with what is added to them."""
    rule = tender.scheme.small_business
    if rule is UNSET or rule.on != "points" or leaf.kind != "price":
        return own
    more = own * (1 + _percent(tender, bidder) / 100)
    return min(more, Fraction(leaf.max_centi, 100)) if rule.capped else more


def low_prices(tender: Tender, going: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """(bidder, `than`, limit) for each bid that is below the limit of a check, by the bidder's id."""
    checks = tender.scheme.low_prices
    if checks is UNSET:
        return ()
    bid = {bidder: own for bidder in going if (own := tender.price(bidder)) is not None}
    found = []
    for bidder, own in bid.items():
        others = [price for one, price in bid.items() if one != bidder]
        for check in checks:
            reference = _reference(tender, check, others, own)
            if reference is None:
                continue
            limit = exact.of(check.percent) * reference / 100
            if own < limit:
                found.append((bidder, check.than, exact.written(limit, None)))
    return tuple(found)


def told_price(tender: Tender, bidder: str, going: tuple[str, ...]) -> str:
    """The evaluated price as it is told: a dash without the rule, empty where the price was not looked at."""
    rule = tender.scheme.small_business
    if rule is UNSET or rule.on != "price":
        return "-"
    own = price(tender, bidder) if bidder in going else None
    return "" if own is None else exact.written(own, rule.rounding)


def _percent(tender: Tender, bidder: str) -> Fraction:
    rule = tender.scheme.small_business
    assert rule is not UNSET
    share = tender.quantity(bidder, rule.quantity) or Fraction(0)
    if share == 100:
        return exact.of(rule.percent)
    if share >= exact.of(rule.consortium_share_min) and rule.consortium_percent:
        return exact.of(rule.consortium_percent)
    return Fraction(0)


def _reference(
    tender: Tender, check: LowPriceCheck, others: list[Fraction], own: Fraction
) -> Fraction | None:
    if check.than in ("ceiling", "reference"):
        text = tender.lot.price_ceiling if check.than == "ceiling" else tender.lot.reference_price
        return exact.of(text) if text else None
    if not others:
        return None
    if check.than == "lowest_of_others":
        return min(others)
    return exact.mean([*others, own] if check.than == "mean" else others)
