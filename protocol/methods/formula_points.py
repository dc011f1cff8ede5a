"""Points that formulas give (价格与数值评分): each price or quantity leaf through its formula.

Owns: which formula gets which numbers, and the words that show the working. Must not know: the formulas'
inside, the members' points, or ranking. The words stand beside a tally, as in `working`.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from protocol.methods.base_price import (
    BasePrice,
    NoBasePrice,
    Sources,
    base_price,
    deviation_points,
    deviation_rate,
)
from protocol.methods.evaluation import Inputs, StepText
from protocol.methods.linear_ratio import linear_ratio
from protocol.methods.low_price_first import low_price_first
from protocol.methods.share_of_highest import share_of_highest
from protocol.methods.small_business import compared_price, raised, share_percent
from protocol.plan.formulas import BasePriceDeviation, LinearRatio, LowPriceFirst
from protocol.plan.needs import draws_needed
from protocol.plan.numbers import exact_text, number, points, rounded, shown
from protocol.plan.plan import Criterion, Lot, Scheme
from protocol.plan.stages import nodes


class Calculated(Struct, frozen=True):
    """Leaf → bidder → points, the first base price that was worked out, and the working in words."""

    points: dict[str, dict[str, Fraction]]
    base: BasePrice | None
    steps: tuple[StepText, ...]


def calculate(scheme: Scheme, lot: Lot, inputs: Inputs, passing: frozenset[str]) -> Calculated:
    """Work out every formula leaf for the bidders that go on (at least one, their numbers checked)."""
    found: dict[str, dict[str, Fraction]] = {}
    steps: list[StepText] = []
    first: BasePrice | None = None
    for node in nodes(scheme):
        criterion = node.criterion
        formula = criterion.formula
        if formula is None:
            continue
        values = _values(scheme, criterion, inputs, passing)
        full = points(criterion.max_centi)
        if isinstance(formula, LowPriceFirst):
            found[criterion.id] = low_price_first(values, full)
        elif isinstance(formula, LinearRatio):
            found[criterion.id] = linear_ratio(values, full, points(formula.floor_centi))
        elif isinstance(formula, BasePriceDeviation):
            sources = _sources(scheme, lot, inputs, values)
            base = base_price(formula, sources, scheme.rounding)
            if base.base <= 0:
                raise NoBasePrice("评标基准价不大于零", "the base price is not above zero")
            first = first or base
            found[criterion.id] = {
                bidder: deviation_points(
                    formula, full, rounded(deviation_rate(price, base.base), scheme.rounding.rate)
                )
                for bidder, price in values.items()
            }
            steps.append(_base_text(criterion, lot, scheme, base, sources.percents))
            continue
        else:
            found[criterion.id] = share_of_highest(values, full)
        best = max(values.values()) if not isinstance(formula, LowPriceFirst | LinearRatio) else None
        extreme = min(values.values()) if best is None else best
        steps.append(_ratio_text(criterion, extreme, lowest=best is None))
    return Calculated(points=_with_bonus(scheme, inputs, found), base=first, steps=tuple(steps))


def _with_bonus(
    scheme: Scheme, inputs: Inputs, found: dict[str, dict[str, Fraction]]
) -> dict[str, dict[str, Fraction]]:
    """Add what small businesses earn on their price points, where the plan deducts nothing instead."""
    rule = scheme.small_business
    if not rule or rule.on != "points":
        return found
    full = {
        node.criterion.id: points(node.criterion.max_centi)
        for node in nodes(scheme)
        if node.criterion.kind == "price"
    }
    return {
        leaf: {
            bidder: raised(rule, own, full[leaf], share_percent(scheme, inputs, bidder))
            for bidder, own in by_bidder.items()
        }
        if leaf in full
        else by_bidder
        for leaf, by_bidder in found.items()
    }


def _values(
    scheme: Scheme, criterion: Criterion, inputs: Inputs, passing: frozenset[str]
) -> dict[str, Fraction]:
    if criterion.kind == "price":
        return {bidder: compared_price(scheme, inputs, bidder) for bidder in sorted(passing)}
    return {bidder: number(inputs.quantities[bidder][criterion.quantity]) for bidder in sorted(passing)}


def _sources(scheme: Scheme, lot: Lot, inputs: Inputs, prices: Mapping[str, Fraction]) -> Sources:
    needed = draws_needed(scheme)
    percents = {
        rate.id: number(rate.percent or inputs.draws[rate.id])
        for rate in scheme.rates
        if rate.percent or rate.id in needed
    }
    return Sources(
        prices=prices,
        ceiling=number(lot.price_ceiling) if lot.price_ceiling else None,
        reference=number(lot.reference_price) if lot.reference_price else None,
        percents=percents,
        drawn=inputs.draws,
    )


def _base_text(
    criterion: Criterion, lot: Lot, scheme: Scheme, base: BasePrice, percents: Mapping[str, Fraction]
) -> StepText:
    unit = f" {lot.unit or lot.currency}"
    middle = shown(base.mean, scheme.rounding.mean_price)
    text = shown(base.base, scheme.rounding.base_price)
    rates_zh = "".join(
        f",{rate.zh} {exact_text(percents[rate.id])}%" for rate in scheme.rates if rate.id in percents
    )
    rates_en = "".join(
        f", {rate.en or rate.id} {exact_text(percents[rate.id])} %"
        for rate in scheme.rates
        if rate.id in percents
    )
    count, high, low = len(base.counted), base.dropped_high, base.dropped_low
    without_zh = f",去掉 {high} 个最高报价和 {low} 个最低报价" if high or low else ""
    without_en = f" without the {high} highest and {low} lowest" if high or low else ""
    return StepText(
        zh=f"{criterion.zh}:计入平均的报价 {count} 个{without_zh},平均价 {middle}{unit}{rates_zh},"
        f"评标基准价 {text}{unit}。",
        en=f"{criterion.en or criterion.id}: mean of {count} prices{without_en} {middle}{unit}{rates_en}, "
        f"base price {text}{unit}.",
    )


def _ratio_text(criterion: Criterion, extreme: Fraction, *, lowest: bool) -> StepText:
    zh, en = ("最低", "lowest") if lowest else ("最高", "highest")
    value = exact_text(extreme)
    return StepText(
        zh=f"{criterion.zh}:以{zh}值 {value} 为基准。",
        en=f"{criterion.en or criterion.id}: in proportion to the {en} value, {value}.",
    )
