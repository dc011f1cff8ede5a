"""What a scheme needs from the bids and from the draws (评标办法所需的报价、数值与抽取).

Owns: the answer to "is a price needed, which quantities, which draws". Must not know: any bid.
"""

from collections.abc import Iterator, Mapping, Sequence

from protocol.plan.findings import Finding, finding
from protocol.plan.formulas import BasePriceDeviation, LowestEvaluatedPrice, PriceOverTechnical, SumOfPoints
from protocol.plan.locate import step
from protocol.plan.numbers import number
from protocol.plan.plan import Scheme
from protocol.plan.shape import suggest
from protocol.plan.stages import nodes


def price_needed(scheme: Scheme) -> bool:
    """Tell whether a ranking cannot do without prices."""
    return not isinstance(scheme.award, SumOfPoints) or any(
        node.criterion.kind == "price" for node in nodes(scheme)
    )


def quantities_needed(scheme: Scheme) -> tuple[tuple[str, bool], ...]:
    """Return the names of the bidders' quantities that are used, and whether each must be above zero."""
    needed: dict[str, bool] = {}
    for node in nodes(scheme):
        if node.criterion.quantity:
            # Every formula of a quantity divides by one of them.
            needed[node.criterion.quantity] = True
    award = scheme.award
    if isinstance(award, PriceOverTechnical):
        for value in award.values:
            needed.setdefault(value.quantity, False)
    elif isinstance(award, LowestEvaluatedPrice):
        for name in (*award.percents, *award.amounts):
            needed.setdefault(name, False)
    for rule in scheme.ties:
        if rule.by in ("higher_quantity", "lower_quantity"):
            needed.setdefault(rule.of, False)
    return tuple(needed.items())


def draws_needed(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """Return the draws that a ranking needs: name → candidates; none listed where a bid is drawn.

    Only rates that some formula uses are drawn.
    """
    by_id = {rate.id: rate for rate in scheme.rates}
    needed: dict[str, tuple[str, ...]] = {}
    for node in nodes(scheme):
        if not isinstance(node.criterion.formula, BasePriceDeviation):
            continue
        formula = node.criterion.formula
        for term in (*formula.terms, *(formula.range_from or ()), *(formula.range_to or ())):
            if term.of == "drawn_bid":
                needed[term.draw] = ()
            for factor in term.factors:
                rate = by_id.get(factor.rate)
                if rate is not None and rate.candidates:
                    needed[rate.id] = rate.candidates
    return needed


def check_share(
    scheme: Scheme, bidder: str, quantities: Mapping[str, str], pointer: str
) -> Iterator[Finding]:
    """Check the share of the contract that a bidder claims for small businesses: 0 to 100 percent."""
    rule = scheme.small_business
    if rule and rule.quantity in quantities and not 0 <= number(quantities[rule.quantity]) <= 100:
        where, given = step(pointer, rule.quantity), quantities[rule.quantity]
        yield finding("ShareRange", where, bidder=bidder, quantity=rule.quantity, given=given)


def check_order(name: str, order: str, valid: Sequence[str], pointer: str) -> Iterator[Finding]:
    """Check a decision about equal bids: bidders of the lot, each once, best first."""
    named = order.split()
    if not named:
        zh, en = "没有写明投标人", "it names no bidder"
        yield finding("OrderUnfit", pointer, draw=name, zh=zh, en=en)
    for position, bidder in enumerate(named):
        if bidder not in valid:
            near = suggest(bidder, list(valid))
            yield finding("UnknownId", pointer, what_zh="投标人", what_en="bidder", id=bidder, **near)
        elif bidder in named[:position]:
            zh, en = f"“{bidder}”出现两次", f"“{bidder}” stands twice"
            yield finding("OrderUnfit", pointer, draw=name, zh=zh, en=en)
