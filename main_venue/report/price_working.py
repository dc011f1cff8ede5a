"""The price points worked out step by step (报价得分计算过程): each number beside the one that it came from.

Owns the lines that a person can follow with a pocket calculator. The formulas are `protocol.methods`'; what
comes out is compared with the tally before it is shown, so that a line can never say other than the ranking
rests on.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from main_venue.report.gathered import Gathered, LotReport
from main_venue.report.scores import part_of, unit
from protocol.methods.base_price import deviation_points, deviation_rate
from protocol.methods.small_business import compared_price, raised, share_percent
from protocol.plan.formulas import BasePriceDeviation, LinearRatio, LowPriceFirst, Rounding
from protocol.plan.numbers import exact_text, fixed_text, number, points, rounded, shown, total
from protocol.plan.plan import Criterion
from protocol.plan.stages import nodes
from protocol.words import term

Block = dict[str, Any]
PLACES_SHOWN: Final = 6
"""Decimals of a figure on the way, where it does not end sooner."""


def steps(gathered: Gathered, lot: LotReport) -> Iterator[Block]:
    """Every price and quantity leaf's working."""
    for node in nodes(lot.scheme):
        formula = node.criterion.formula
        if formula is None:
            continue
        if isinstance(formula, BasePriceDeviation):
            yield from _base(lot, formula)
            yield _deviation_table(gathered, lot, node.criterion, formula)
        else:
            yield _ratio_table(gathered, lot, node.criterion)


def _going_on(lot: LotReport) -> list[str]:
    """The bidders whose price was looked at, in order of their rank; below a pass mark it was not."""
    tops = len(lot.scheme.criteria)
    return [row.bidder for row in lot.evaluation.rows if len(row.parts) == tops]


def _base(lot: LotReport, formula: BasePriceDeviation) -> Iterator[Block]:
    """How the base price came about, line by line."""
    found, money = lot.evaluation, unit(lot)
    prices = [_price_text(lot, bidder) for bidder in _going_on(lot)]
    simple = (
        all(
            number(_price_text(lot, who)) == compared_price(lot.scheme, lot.inputs, who)
            for who in _going_on(lot)
        )
        and len(formula.terms) == 1
        and formula.terms[0].of == "mean"
        and not (formula.drop or formula.count_from_percent or formula.count_to_percent)
        and not (formula.range_from or formula.range_to)
    )
    if not simple:
        for one in lot.steps:
            yield {"kind": "item", "text": one.zh}
        return
    added = total(number(price) for price in prices)
    told_sum = fixed_text(added, max(len(price.partition(".")[2]) for price in prices))
    mean = added / len(prices)
    assert shown(mean, lot.scheme.rounding.mean_price) == found.mean_price
    yield {
        "kind": "item",
        "text": f"有效报价合计 = {' + '.join(prices)} = {told_sum}({money})",
    }
    yield {
        "kind": "item",
        "text": f"有效报价平均值 = {told_sum} ÷ {len(prices)} = {found.mean_price}({money})",
    }
    told, value = found.mean_price, rounded(mean, lot.scheme.rounding.mean_price)
    rates = {rate.id: rate for rate in lot.scheme.rates}
    for factor in formula.terms[0].factors:
        percent = rates[factor.rate].percent or found.draws[factor.rate]
        share = number(percent) / 100
        sign, times = {
            "times": (f"{percent}%", share),
            "less": (f"(1 − {percent}%)", 1 - share),
            "plus": (f"(1 + {percent}%)", 1 + share),
        }[factor.form]
        told, value = f"{told} × {sign}", value * times
    assert (
        shown(rounded(value, lot.scheme.rounding.base_price), lot.scheme.rounding.base_price)
        == found.base_price
    )
    drawn = "、".join(
        f"{rate.zh} {found.draws[rate.id]}%" for rate in rates.values() if rate.id in found.draws
    )
    yield {
        "kind": "item",
        "text": f"评标基准价 = {told} = {exact_text(value)}{_rounds(lot.scheme.rounding.base_price)} "
        f"= {found.base_price}({money})" + (f";{drawn}为公开抽取" if drawn else ""),
    }


def _deviation_table(
    gathered: Gathered, lot: LotReport, criterion: Criterion, formula: BasePriceDeviation
) -> Block:
    """Price, deviation from the base, what is taken off, what is left: a line for each bid."""
    base, full = number(lot.evaluation.base_price), points(criterion.max_centi)
    rounding = lot.scheme.rounding
    rows = [
        [
            term("bidder", gathered.state.regime).zh, f"报价({unit(lot)})",
            "偏差率 = (报价 − 基准价) ÷ 基准价", "扣分", f"{exact_text(full)} − 扣分", "得分",
        ]
    ]  # fmt: skip
    for bidder in _going_on(lot):
        price = compared_price(lot.scheme, lot.inputs, bidder)
        rate = rounded(deviation_rate(price, base), rounding.rate)
        value = deviation_points(formula, full, rate)
        told = _told(lot, criterion, bidder, value)
        share = formula.e_above if rate > 0 else formula.e_below
        size = abs(rate)
        lost = f"{_long(size)} × {share}" if formula.counting == "interpolate" else _long(full - value)
        if formula.counting == "interpolate" and full - size * number(share) != value:
            lost += f",按限值计 {_long(full - value)}"
        rows.append(
            [
                lot.bidder(bidder).shown, _price_text(lot, bidder), f"{_long(rate)}%",
                lost, _long(value), told,
            ]
        )  # fmt: skip
    return {
        "kind": "table", "text": f"{criterion.id} {criterion.zh}:得分计算", "rows": rows,
        "widths": ["1.9", "1.3", "2", "1.8", "1.5", "1"], "right": [1, 2, 3, 4, 5],
    }  # fmt: skip


def _ratio_table(gathered: Gathered, lot: LotReport, criterion: Criterion) -> Block:
    """Points in proportion to the best value: a line for each bid."""
    formula, full = criterion.formula, points(criterion.max_centi)
    values = {bidder: _value(lot, criterion, bidder) for bidder in _going_on(lot)}
    lowest = isinstance(formula, LowPriceFirst | LinearRatio)
    best = min(values.values()) if lowest else max(values.values())
    rows = [[term("bidder", gathered.state.regime).zh, _measured(lot, criterion), "计算", "得分"]]
    for bidder, own in values.items():
        one, top = exact_text(own), exact_text(best)
        if isinstance(formula, LowPriceFirst):
            told, value = f"{top} ÷ {one} × {exact_text(full)}", best / own * full
        elif isinstance(formula, LinearRatio):
            value = max(points(formula.floor_centi), full * (2 - own / best))
            told = f"{exact_text(full)} × (2 − {one} ÷ {top})"
        else:
            told, value = f"{one} ÷ {top} × {exact_text(full)}", own / best * full
        rows.append(
            [lot.bidder(bidder).shown, one, f"{told} = {_long(value)}", _told(lot, criterion, bidder, value)]
        )
    return {
        "kind": "table", "text": f"{criterion.id} {criterion.zh}:得分计算(以{'最低' if lowest else '最高'}值为基准)",
        "rows": rows, "widths": ["1.6", "1.2", "3", "1"], "right": [1, 2, 3],
    }  # fmt: skip


def _told(lot: LotReport, criterion: Criterion, bidder: str, value: Fraction) -> str:
    """The tally's own figure, after making sure that the working leads to it."""
    rule = lot.scheme.small_business
    if rule and rule.on == "points" and criterion.kind == "price":
        share = share_percent(lot.scheme, lot.inputs, bidder)
        value = raised(rule, value, points(criterion.max_centi), share)
    row = next(row for row in lot.evaluation.rows if row.bidder == bidder)
    part = part_of(row, criterion.id)
    rounding = lot.scheme.rounding
    if part is None:
        item = next((i.points for p in row.parts for i in p.items if i.criterion == criterion.id), None)
        return item if item is not None else _long(value)
    settled = rounded(value, rounding.item) if rounding.order == "round_then_sum" else value
    if criterion.normalise_centi:
        return _long(settled)  # what the tally tells is scaled already
    assert shown(settled, rounding.part) == part.points, (bidder, criterion.id)
    return part.points


def _price_text(lot: LotReport, bidder: str) -> str:
    """The price that counts: as it was bid, or what is left of it after a deduction for small businesses."""
    row = next(row for row in lot.evaluation.rows if row.bidder == bidder)
    return row.evaluated_price or row.price


def _value(lot: LotReport, criterion: Criterion, bidder: str) -> Fraction:
    if criterion.kind == "price":
        return compared_price(lot.scheme, lot.inputs, bidder)
    return number(lot.inputs.quantities[bidder][criterion.quantity])


def _measured(lot: LotReport, criterion: Criterion) -> str:
    return f"报价({unit(lot)})" if criterion.kind == "price" else criterion.quantity


def _long(value: Fraction) -> str:
    """A figure on the way: exact where it ends soon, else to `PLACES_SHOWN` decimals."""
    text = exact_text(value)
    _, _, decimals = text.partition(".")
    return text if len(decimals) <= PLACES_SHOWN else fixed_text(value, PLACES_SHOWN)


def _rounds(rounding: Rounding | None) -> str:
    if rounding is None:
        return ""
    return f",{'四舍五入' if rounding.mode == 'half_up' else '截断'}保留 {rounding.places} 位小数"
