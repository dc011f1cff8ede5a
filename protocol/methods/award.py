"""The figure that is ranked, and the values that part ties (定标数值与并列规则的取值).

Owns: which award rule gets which numbers. Must not know: the rules' inside, or the ranking itself.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from protocol.methods.evaluation import Inputs
from protocol.methods.lowest_evaluated_price import evaluated_price
from protocol.methods.price_less_credit import price_less_credit
from protocol.methods.price_over_technical import price_over_technical
from protocol.methods.ranking import TieBreak
from protocol.methods.small_business import compared_price
from protocol.methods.technical_over_price import technical_over_price
from protocol.plan.formulas import (
    LowestEvaluatedPrice,
    PriceLessCredit,
    PriceOverTechnical,
    SumOfPoints,
    TechnicalOverPrice,
)
from protocol.plan.numbers import number
from protocol.plan.plan import Scheme


def figure(scheme: Scheme, inputs: Inputs, bidder: str, technical: Fraction) -> Fraction | None:
    """Return the exact figure that ranks one bidder; None where the rule would divide by zero points.

    Args:
        scheme: the lot's scheme.
        inputs: the lot's inputs, checked.
        bidder: a bidder that goes on.
        technical: its points over all criteria, with their weights.
    """
    award = scheme.award
    if isinstance(award, SumOfPoints):
        return technical
    price = compared_price(scheme, inputs, bidder)
    given = {name: number(text) for name, text in inputs.quantities.get(bidder, {}).items()}
    if isinstance(award, LowestEvaluatedPrice):
        percents = [given[name] for name in award.percents]
        return evaluated_price(price, percents, [given[name] for name in award.amounts])
    if isinstance(award, PriceOverTechnical):
        valued = [(given[value.quantity], number(value.value)) for value in award.values]
        return price_over_technical(price, valued, technical) if technical else None
    if isinstance(award, PriceLessCredit):
        return price_less_credit(price, technical, number(award.credit_per_point))
    if isinstance(award, TechnicalOverPrice):
        return technical_over_price(technical, price, number(award.offset), number(award.factor))
    return price


def tie_breaks(
    scheme: Scheme, inputs: Inputs, by_criterion: Mapping[str, Mapping[str, Fraction]]
) -> tuple[TieBreak, ...]:
    """Return the plan's tie rules with their values; prices and quantities are those that were bid.

    Args:
        scheme: the lot's scheme.
        inputs: the lot's inputs, checked.
        by_criterion: criterion → bidder → points, for the criteria that tie rules name.
    """
    return tuple(_tie_break(rule.by, rule.of, inputs, by_criterion) for rule in scheme.ties)


def _tie_break(
    by: str, of: str, inputs: Inputs, by_criterion: Mapping[str, Mapping[str, Fraction]]
) -> TieBreak:
    if by == "lower_price":
        known = {bidder: number(price) for bidder, price in inputs.prices.items() if price}
        return TieBreak(values=known, better="low")
    if by == "higher_points":
        return TieBreak(values=by_criterion[of], better="high")
    if by == "decided":
        return _decided(inputs.draws.get(of, "").split(), inputs.valid)
    known = {bidder: number(given[of]) for bidder, given in inputs.quantities.items() if of in given}
    return TieBreak(values=known, better="high" if by == "higher_quantity" else "low")


def _decided(order: Sequence[str], valid: Sequence[str]) -> TieBreak:
    """Whoever is named comes before whoever is not: a tenderee may name only its choice (招标人自行确定)."""
    if not order:
        return TieBreak(values={}, better="low")
    places = {bidder: Fraction(order.index(bidder)) for bidder in order}
    return TieBreak(
        values={bidder: places.get(bidder, Fraction(len(order))) for bidder in valid}, better="low"
    )
