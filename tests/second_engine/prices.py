"""Points that are worked out: price and quantity formulas, the base price and the distance from it.

低价优先法 (87号令 55), the World Bank's Sf, Peru's straight line, and 评标基准价法 of the standard tender
documents with its mean, factors, drop table, range of counted bids, steps and bounds.
"""

from dataclasses import dataclass
from fractions import Fraction

from msgspec import UNSET

from protocol.plan.formulas import (
    BasePriceDeviation,
    Factor,
    LinearRatio,
    LowPriceFirst,
    RoundingPlan,
    ShareOfHighest,
    Term,
)
from protocol.plan.plan import Criterion
from tests.second_engine import exact, policy
from tests.second_engine.tender import Tender


class NoBasePrice(Exception):
    """Nothing to measure from: no bid counts, the base price is not above 0, the drawn bid does not count."""


@dataclass(frozen=True)
class Worked:
    """Points by bidder for one leaf, and the base price that they rest on, if any."""

    points: dict[str, Fraction]
    mean_price: Fraction | None = None
    base_price: Fraction | None = None


def worked(tender: Tender, leaf: Criterion, going: tuple[str, ...]) -> Worked:
    """The points of the bids that are still in the running; they alone set the lowest, highest and mean."""
    of = {bidder: _of(tender, leaf, bidder) for bidder in going}
    full = Fraction(leaf.max_centi, 100)
    formula = leaf.formula
    if not of:
        return Worked({})
    if isinstance(formula, LowPriceFirst):
        lowest = min(of.values())
        return Worked({bidder: full * lowest / own for bidder, own in of.items()})
    if isinstance(formula, ShareOfHighest):
        highest = max(of.values())
        return Worked(
            {bidder: full * own / highest if highest else Fraction(0) for bidder, own in of.items()}
        )
    if isinstance(formula, LinearRatio):
        lowest, floor = min(of.values()), Fraction(formula.floor_centi, 100)
        return Worked({bidder: max(floor, full * (2 - own / lowest)) for bidder, own in of.items()})
    assert isinstance(formula, BasePriceDeviation)
    rounding = tender.scheme.rounding
    mean, base = _base(tender, formula, of)
    points = {bidder: _near(formula, rounding, full, own, base) for bidder, own in of.items()}
    return Worked(points, mean, base)


def _of(tender: Tender, leaf: Criterion, bidder: str) -> Fraction:
    found = (
        tender.quantity(bidder, leaf.quantity) if leaf.kind == "quantity" else policy.price(tender, bidder)
    )
    assert found is not None
    return found


# --- the base price -----------------------------------------------------------------------------------------


def _base(tender: Tender, formula: BasePriceDeviation, of: dict[str, Fraction]) -> tuple[Fraction, Fraction]:
    """The mean, told even where no term uses it, and the base price, both as the plan rounds them."""
    rounding = tender.scheme.rounding
    everyone = sorted(of.values())
    low, high = _range(tender, formula, everyone)
    counted = [own for own in everyone if _within(own, low, high)]
    if not counted:
        raise NoBasePrice
    mean = exact.rounded(_mean(formula, counted), rounding.mean_price)
    total = Fraction(0)
    for term in formula.terms:
        ranged = formula.range_from is not UNSET or formula.range_to is not UNSET
        if term.of == "drawn_bid" and ranged and not _within(of[tender.inputs.draws[term.draw]], low, high):
            raise NoBasePrice
        total += _term(tender, term, of, counted[0], mean)
    base = exact.rounded(total, rounding.base_price)
    if base <= 0:
        raise NoBasePrice
    return mean, base


Bound = Fraction | None


def _range(tender: Tender, formula: BasePriceDeviation, everyone: list[Fraction]) -> tuple[Bound, Bound]:
    """Where prices count: within percentages of the ceiling, and within 规定范围.

    That range is sums of terms over all prices that go on, nothing dropped and nothing rounded.
    """
    plain, lowest = exact.mean(everyone), everyone[0]
    ends: list[list[Fraction]] = []
    for percent, terms in (
        (formula.count_from_percent, formula.range_from),
        (formula.count_to_percent, formula.range_to),
    ):
        bounds = []
        if percent and tender.lot.price_ceiling:
            bounds.append(exact.of(percent) * exact.of(tender.lot.price_ceiling) / 100)
        if terms is not UNSET:
            bounds.append(sum((_term(tender, term, {}, lowest, plain) for term in terms), Fraction(0)))
        ends.append(bounds)
    return max(ends[0], default=None), min(ends[1], default=None)


def _within(own: Fraction, low: Bound, high: Bound) -> bool:
    """A bid on the very bound counts: only those below it, or above it, are left out."""
    return (low is None or own >= low) and (high is None or own <= high)


def _mean(formula: BasePriceDeviation, counted: list[Fraction]) -> Fraction:
    rows = [row for row in formula.drop if row.bids_min <= len(counted)]
    kept = counted
    if rows:
        row = max(rows, key=lambda one: one.bids_min)
        kept = counted[row.low : len(counted) - row.high]
    return exact.mean(kept)


def _term(tender: Tender, term: Term, of: dict[str, Fraction], lowest: Fraction, mean: Fraction) -> Fraction:
    """A source price times its factors."""
    if term.of == "mean":
        value = mean
    elif term.of == "lowest":
        value = lowest
    elif term.of == "ceiling":
        value = exact.of(tender.lot.price_ceiling)
    elif term.of == "reference":
        value = exact.of(tender.lot.reference_price)
    else:
        value = of[tender.inputs.draws[term.draw]]
    for factor in term.factors:
        value *= _times(factor, _rate(tender, factor.rate))
    return value


def _rate(tender: Tender, name: str) -> Fraction:
    rate = next(one for one in tender.scheme.rates if one.id == name)
    return exact.of(rate.percent or tender.inputs.draws[name]) / 100


def _times(factor: Factor, rate: Fraction) -> Fraction:
    return {"times": rate, "less": 1 - rate, "plus": 1 + rate}[factor.form]


# --- the distance from it -----------------------------------------------------------------------------------


def _near(
    formula: BasePriceDeviation, rounding: RoundingPlan, full: Fraction, own: Fraction, base: Fraction
) -> Fraction:
    """Full marks less E1 or E2 for each percent, within the bounds."""
    percent = exact.rounded((own - base) / base * 100, rounding.rate)
    off = _counted_percent(formula, abs(percent))
    if percent > 0:
        gone, most = off * exact.of(formula.e_above), formula.deduct_above_max_centi
    else:
        gone, most = off * exact.of(formula.e_below), formula.deduct_below_max_centi
    if most:
        gone = min(gone, Fraction(most, 100))
    return max(full - gone, Fraction(formula.floor_centi, 100))


def _counted_percent(formula: BasePriceDeviation, percent: Fraction) -> Fraction:
    """不足 1% 按 1% 计 (begun), 不足 1% 不计 (full), or by straight line."""
    if formula.counting == "interpolate":
        return percent
    step = exact.of(formula.step_percent)
    steps = percent / step
    whole = (
        exact.ceiling(steps) if formula.counting == "begun_steps" else steps.numerator // steps.denominator
    )
    return whole * step
