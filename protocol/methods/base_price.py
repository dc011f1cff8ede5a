"""评标基准价法: points fall with the deviation of a price from a base price.

Owns: which bids count, the mean, the base price as a sum of terms, and the points. Must not know: who drew
what; percentages come in as given.

Sources: 标准施工招标文件 第三章 2.2.2-2.2.3 (偏差率 = (报价 − 基准价) / 基准价 × 100 %), 公路工程标准
施工招标文件 (2018) 合理低价法, 苏建规字〔2017〕1号 方法一 to 方法三, published rules
with a keep/drop table.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from protocol.methods.mean import mean
from protocol.methods.trimmed_mean import trimmed_mean
from protocol.plan.formulas import BasePriceDeviation, RoundingPlan, Term
from protocol.plan.numbers import number, points, rounded


class NoBasePrice(ValueError):
    """The bids and the lot give no base price; `zh` and the exception's text say why."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep the reason in both languages."""
        super().__init__(en)
        self.zh = zh


class BasePrice(Struct, frozen=True):
    """The base price and what it came from: `counted` are the bidders in range, `dropped` how many prices."""

    base: Fraction
    mean: Fraction
    counted: tuple[str, ...]
    dropped_high: int
    dropped_low: int


class Sources(Struct, frozen=True):
    """What terms may draw on: prices by bidder, the lot's ceiling and reference (None: not given).

    `percents` is rate → percentage, `drawn` is draw → bidder.
    """

    prices: Mapping[str, Fraction]
    ceiling: Fraction | None
    reference: Fraction | None
    percents: Mapping[str, Fraction]
    drawn: Mapping[str, str]


def base_price(formula: BasePriceDeviation, sources: Sources, rounding: RoundingPlan) -> BasePrice:
    """Work out the base price, rounding the mean and the base where the plan says.

    Raises:
        KeyError: a rate or draw that the formula names is not given.
        NoBasePrice: no bid is in the range that counts, or the lot lacks what a term needs.

    The highway rule, 9520 … 9990 with 2 % off the mean without one highest and one lowest:

    >>> from protocol.plan.formulas import DropRow, Factor, Rounding
    >>> from protocol.plan.numbers import exact_text
    >>> highway = BasePriceDeviation(
    ...     terms=(Term(of="mean", factors=(Factor(rate="off", form="less"),)),),
    ...     e_above="1",
    ...     e_below="0.5",
    ...     drop=(DropRow(bids_min=5, high=1, low=1),),
    ... )
    >>> bids = {str(price): Fraction(price) for price in (9520, 9610, 9700, 9785, 9840, 9990)}
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> given = Sources(bids, None, None, {"off": Fraction(2)}, {})
    >>> result = base_price(highway, given, exact)
    >>> exact_text(result.mean), exact_text(result.base)
    ('9733.75', '9539.075')
    """
    counted = _counted(formula, sources)
    if not counted:
        raise NoBasePrice("没有计入评标基准价的报价", "no bid counts towards the base price")
    high, low = _drop(formula, len(counted))
    middle = rounded(trimmed_mean(list(counted.values()), high, low), rounding.mean_price)
    summed = Fraction(0)
    for term in formula.terms:
        if term.of == "mean":
            value = middle
        elif term.of == "lowest":
            value = min(counted.values())
        elif term.of == "drawn_bid":
            value = _drawn(formula, term, sources, counted)
        else:
            value = _of_the_lot(term, sources)
        summed += value * _multiplier(term, sources.percents)
    return BasePrice(
        base=rounded(summed, rounding.base_price),
        mean=middle,
        counted=tuple(sorted(counted)),
        dropped_high=high,
        dropped_low=low,
    )


def deviation_rate(price: Fraction, base: Fraction) -> Fraction:
    """Return the deviation of a price from the base price in percent, signed, not rounded.

    >>> deviation_rate(Fraction(102), Fraction(100))
    Fraction(2, 1)
    """
    return (price - base) / base * 100


def deviation_points(formula: BasePriceDeviation, full: Fraction, rate_percent: Fraction) -> Fraction:
    """Return the points for a deviation rate, not rounded: full marks less E1 above, E2 below, per percent.

    A begun step counts whole under `begun_steps` (不足 1 % 按 1 % 计), not at all under `full_steps`.

    >>> rule = BasePriceDeviation(terms=(), e_above="1.2", e_below="0.8")
    >>> deviation_points(rule, Fraction(100), Fraction("1.5"))
    Fraction(491, 5)
    >>> deviation_points(rule, Fraction(100), Fraction("-1.5"))
    Fraction(494, 5)
    """
    above = rate_percent > 0
    size = abs(rate_percent)
    wide = number(formula.step_percent)
    if formula.counting == "begun_steps":
        size = -(-size // wide) * wide
    elif formula.counting == "full_steps":
        size = size // wide * wide
    lost = size * number(formula.e_above if above else formula.e_below)
    most = points(formula.deduct_above_max_centi if above else formula.deduct_below_max_centi)
    if most:
        lost = min(lost, most)
    return max(points(formula.floor_centi), full - lost)


def _counted(formula: BasePriceDeviation, sources: Sources) -> dict[str, Fraction]:
    counted = dict(sources.prices)
    for bound, keeps_above in ((formula.count_from_percent, True), (formula.count_to_percent, False)):
        if not bound:
            continue
        if sources.ceiling is None:
            raise NoBasePrice("标段没有最高投标限价", "the lot gives no ceiling")
        limit = sources.ceiling * number(bound) / 100
        counted = {
            bidder: price
            for bidder, price in counted.items()
            if (price >= limit if keeps_above else price <= limit)
        }
    lower = _bound(formula.range_from or (), sources)
    upper = _bound(formula.range_to or (), sources)
    return {
        bidder: price
        for bidder, price in counted.items()
        if (lower is None or price >= lower) and (upper is None or price <= upper)
    }


def _bound(terms: tuple[Term, ...], sources: Sources) -> Fraction | None:
    """A bound of the range that counts, from all bids that go on; None without terms."""
    if not terms:
        return None
    summed = Fraction(0)
    for term in terms:
        if term.of == "mean":
            value = mean(list(sources.prices.values()))
        elif term.of == "lowest":
            value = min(sources.prices.values())
        else:
            value = _of_the_lot(term, sources)
        summed += value * _multiplier(term, sources.percents)
    return summed


def _drop(formula: BasePriceDeviation, bids: int) -> tuple[int, int]:
    """Return how many prices fall out above and below: the last row of the table that `bids` reaches."""
    high = low = 0
    for row in sorted(formula.drop, key=lambda row: row.bids_min):
        if bids >= row.bids_min:
            high, low = row.high, row.low
    return high, low


def _drawn(
    formula: BasePriceDeviation, term: Term, sources: Sources, counted: Mapping[str, Fraction]
) -> Fraction:
    drawn = sources.drawn[term.draw]
    if (formula.range_from or formula.range_to) and drawn not in counted:
        raise NoBasePrice(
            "抽取的报价不在规定范围内", f"the drawn bid “{drawn}” is outside the range that counts"
        )
    return sources.prices[drawn]


def _of_the_lot(term: Term, sources: Sources) -> Fraction:
    given = sources.ceiling if term.of == "ceiling" else sources.reference
    if given is None:
        raise NoBasePrice("标段没有给出基准价所用的价格", f"the lot gives no {term.of}")
    return given


def _multiplier(term: Term, percents: Mapping[str, Fraction]) -> Fraction:
    product = Fraction(1)
    for factor in term.factors:
        share = percents[factor.rate] / 100
        product *= {"times": share, "less": 1 - share, "plus": 1 + share}[factor.form]
    return product
