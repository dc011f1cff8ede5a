"""The figure that is ranked, by the scheme's award rule (12号令 29-36, 87号令 55, and the foreign rules)."""

from fractions import Fraction

from protocol.plan.formulas import (
    LowestEvaluatedPrice,
    PriceLessCredit,
    PriceOverTechnical,
    SumOfPoints,
    TechnicalOverPrice,
    TechnicalThenPrice,
)
from tests.second_engine import exact, policy
from tests.second_engine.tender import Tender


def figure(tender: Tender, bidder: str, points: Fraction) -> Fraction:
    """What is ranked for one bidder: points, a price, or a quotient of the two; not yet rounded."""
    award = tender.scheme.award
    if isinstance(award, SumOfPoints):
        return points
    price = policy.price(tender, bidder)
    assert price is not None
    if isinstance(award, LowestEvaluatedPrice):
        percents = sum((_quantity(tender, bidder, name) for name in award.percents), Fraction(0))
        amounts = sum((_quantity(tender, bidder, name) for name in award.amounts), Fraction(0))
        return price * (1 + percents / 100) + amounts
    if isinstance(award, PriceOverTechnical):
        extra = sum(
            (_quantity(tender, bidder, one.quantity) * exact.of(one.value) for one in award.values),
            Fraction(0),
        )
        return (price + extra) / points
    if isinstance(award, PriceLessCredit):
        return price - points * exact.of(award.credit_per_point)
    if isinstance(award, TechnicalOverPrice):
        return (points + exact.of(award.offset)) * exact.of(award.factor) / price
    assert isinstance(award, TechnicalThenPrice)
    return price


def can_be_ranked(tender: Tender, points: Fraction) -> bool:
    """A bid without points has no figure under the rule that divides by them."""
    return points > 0 or not isinstance(tender.scheme.award, PriceOverTechnical)


def qualified(tender: Tender, points: dict[str, Fraction]) -> frozenset[str]:
    """Who goes on to be ranked: all, or the best by points; who equals the last of these goes on with it."""
    award = tender.scheme.award
    if not isinstance(award, TechnicalThenPrice) or len(points) <= award.qualify:
        return frozenset(points)
    bar = sorted(points.values(), reverse=True)[award.qualify - 1]
    return frozenset(bidder for bidder, own in points.items() if own >= bar)


def _quantity(tender: Tender, bidder: str, name: str) -> Fraction:
    found = tender.quantity(bidder, name)
    assert found is not None
    return found
