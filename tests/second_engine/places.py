"""Ranks: the best figure first, equal ones parted by the tie rules in turn, what stays equal sharing a rank.

87号令 57: by price, then 并列; 标准施工招标文件: as the document says.
"""

from collections.abc import Iterator
from fractions import Fraction

from protocol.plan.plan import TieRule
from tests.second_engine.criteria import Criteria
from tests.second_engine.tender import Tender

Key = Fraction | int | None


def places(tender: Tender, criteria: Criteria, figures: dict[str, Fraction]) -> dict[str, tuple[int, bool]]:
    """Each ranked bidder's rank, and whether it shares it."""
    sign = -1 if tender.scheme.wins == "highest" else 1
    groups = list(_by({bidder: sign * value for bidder, value in figures.items()}))
    for rule in tender.scheme.ties:
        groups = [smaller for group in groups for smaller in _parted(tender, criteria, rule, group)]
    found, before = {}, 0
    for group in groups:
        for bidder in group:
            found[bidder] = (before + 1, len(group) > 1)
        before += len(group)
    return found


def _parted(
    tender: Tender, criteria: Criteria, rule: TieRule, group: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """A group of equals in the rule's order; unparted where the rule knows nothing of one of them."""
    if len(group) == 1:
        yield group
        return
    keys: dict[str, Fraction] = {}
    for bidder in group:
        key = _key(tender, criteria, rule, bidder)
        if key is None:
            yield group
            return
        keys[bidder] = Fraction(key)
    yield from _by(keys)


def _key(tender: Tender, criteria: Criteria, rule: TieRule, bidder: str) -> Key:
    """Smaller is better."""
    if rule.by == "lower_price":
        return tender.price(bidder)
    if rule.by == "higher_points":
        return -criteria.points(rule.of, bidder)
    if rule.by == "decided":
        order = tender.inputs.draws.get(rule.of, "").split()
        # Who is named comes first; nobody is parted where nothing was decided.
        return (order.index(bidder) if bidder in order else len(order)) if order else None
    quantity = tender.quantity(bidder, rule.of)
    if quantity is None:
        return None
    return -quantity if rule.by == "higher_quantity" else quantity


def _by(keys: dict[str, Fraction]) -> Iterator[tuple[str, ...]]:
    for key in sorted(set(keys.values())):
        yield tuple(bidder for bidder, own in keys.items() if own == key)
