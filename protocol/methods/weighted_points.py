"""Points of a criteria tree (加权汇总): the members' sheets become one figure per criterion.

Owns: member totals, their aggregation by totals or by items, the sum with weights, and where roundings fall.
Must not know: prices or formulas (their points come in worked out), passing, ranking.

Sources: 12号令 35 (各项得分汇总), 财政部令第87号 55 (总得分 = F1 × A1 + F2 × A2 + …).
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from protocol.methods.mean import mean
from protocol.methods.trimmed_mean import dropped_seats
from protocol.plan.formulas import Aggregate, RoundingPlan, Trim
from protocol.plan.numbers import number, settled, total
from protocol.plan.plan import Criterion
from protocol.plan.stages import SCORED_KINDS, all_scored


class Marks(Struct, frozen=True):
    """One bidder's points for one criterion: `dropped` seats, and the leaves that were settled one by one."""

    value: Fraction
    dropped: tuple[str, ...] = ()
    items: tuple[tuple[str, Fraction], ...] = ()


def marks(
    criterion: Criterion,
    aggregate: Aggregate,
    sheets: Mapping[str, Mapping[str, int]],
    calculated: Mapping[str, Fraction],
    rounding: RoundingPlan,
) -> Marks:
    """Return one bidder's points for a criterion, before its own weight.

    Args:
        criterion: a node of the criteria tree.
        aggregate: how members are aggregated, unless the node or one below says otherwise.
        sheets: seat → criterion → points_centi, for this bidder.
        calculated: leaf → points that a formula gave this bidder.
        rounding: where the plan rounds; only `item` and `order` matter here.

    >>> from protocol.plan.formulas import Rounding
    >>> tree = Criterion(id="A", zh="技术", kind="subjective", max_centi=4000)
    >>> five = {f"M{i}": {"A": score} for i, score in enumerate((3450, 3500, 3550, 3500, 2950), start=1)}
    >>> trimmed = Aggregate(of="totals", trim=Trim(high=1, low=1))
    >>> found = marks(tree, trimmed, five, {}, RoundingPlan(total=Rounding(mode="half_up", places=2)))
    >>> found.value, found.dropped
    (Fraction(209, 6), ('M3', 'M5'))
    """
    here = criterion.aggregate or aggregate
    if not criterion.children and criterion.kind not in SCORED_KINDS:
        value = settled(calculated[criterion.id], rounding.item, rounding)
        return Marks(value=value, items=((criterion.id, value),))
    if not criterion.children or (here.of == "totals" and all_scored(criterion)):
        by_seat = {seat: member_total(criterion, scores) for seat, scores in sheets.items()}
        value, dropped = _aggregated(by_seat, here.trim)
        if criterion.children:
            return Marks(value=value, dropped=dropped)
        value = settled(value, rounding.item, rounding)
        if here.of == "totals":
            return Marks(value=value, dropped=dropped)
        return Marks(value=value, items=((criterion.id, value),))
    below = [marks(child, here, sheets, calculated, rounding) for child in criterion.children]
    weights = [number(child.weight) for child in criterion.children]
    return Marks(
        value=total(part.value * weight for part, weight in zip(below, weights, strict=True)),
        items=tuple(item for part in below for item in part.items),
    )


def member_total(criterion: Criterion, scores: Mapping[str, int]) -> Fraction:
    """Return what one member gave for all scored leaves of a criterion, with their weights.

    >>> a1 = Criterion(id="A1", zh="方案", kind="subjective", max_centi=800)
    >>> a2 = Criterion(id="A2", zh="质量", kind="subjective", max_centi=600)
    >>> tree = Criterion(id="A", zh="技术", kind="group", max_centi=1400, children=(a1, a2))
    >>> member_total(tree, {"A1": 750, "A2": 500})
    Fraction(25, 2)
    """
    return Fraction(_total_centi(criterion, scores), 100)


def _aggregated(by_seat: Mapping[str, Fraction], trim: Trim | None) -> tuple[Fraction, tuple[str, ...]]:
    dropped = dropped_seats(by_seat, trim)
    return mean([value for seat, value in by_seat.items() if seat not in dropped]), dropped


def _total_centi(criterion: Criterion, scores: Mapping[str, int]) -> int | Fraction:
    """A member's total in hundredths: a plain integer as long as no weight makes it a fraction."""
    if not criterion.children:
        return scores[criterion.id] if criterion.kind in SCORED_KINDS else 0
    added: int | Fraction = 0
    for child in criterion.children:
        own = _total_centi(child, scores)
        added += own if child.weight == "1" else own * number(child.weight)
    return added
