"""Price and quantity formulas out of dice, with the rates that they name."""

import random

from msgspec import UNSET, UnsetType

from protocol.plan.formulas import (
    BasePriceDeviation,
    DropRow,
    Factor,
    Formula,
    LinearRatio,
    LowPriceFirst,
    Rate,
    ShareOfHighest,
    Term,
)
from protocol.plan.plan import Criterion
from tests.second_engine import trees

K_CANDIDATES = ("95", "96", "96.5", "97", "98")
RATES = {
    "K": Rate(id="K", zh="系数 K", candidates=K_CANDIDATES),
    "Q": Rate(id="Q", zh="权重 Q", candidates=("65", "70", "75", "80", "85")),
    "P": Rate(id="P", zh="权重 1-Q", percent="30"),
    "float": Rate(id="float", zh="下浮率", percent="5"),
    "none": Rate(id="none", zh="不下浮", percent="0"),
    "half": Rate(id="half", zh="一半", percent="50"),
    "all": Rate(id="all", zh="全部", percent="100"),
    "to95": Rate(id="to95", zh="下限", percent="95"),
    "to105": Rate(id="to105", zh="上限", percent="105"),
}
"""Rates by name; a plan has those that its formulas use."""

DROPS = (
    (),
    (),
    (DropRow(bids_min=5, high=1, low=1),),
    (DropRow(bids_min=6, high=1, low=0), DropRow(bids_min=7, high=1, low=1)),
    (DropRow(bids_min=7, high=1, low=1), DropRow(bids_min=10, high=2, low=2)),
    (DropRow(bids_min=3, high=0, low=2), DropRow(bids_min=4, high=0, low=0)),
)


def price(dice: random.Random, full: int) -> Formula:
    """A formula for the price, the base price most often."""
    kind = dice.randrange(10)
    if kind < 3:
        return LowPriceFirst()
    if kind == 3:
        return LinearRatio(floor_centi=dice.choice((0, 0, full // 2)))
    if kind == 4 and dice.randrange(4) == 0:
        return ShareOfHighest()
    return _base(dice, full)


def quantity(dice: random.Random, full: int) -> Formula:
    """A formula for a quantity."""
    return dice.choice(
        (LowPriceFirst(), ShareOfHighest(), LinearRatio(floor_centi=dice.choice((0, full // 4))))
    )


def rates(criteria: tuple[Criterion, ...]) -> tuple[Rate, ...]:
    """The rates that the formulas of a tree name."""
    names = {
        factor.rate
        for one in trees.everything(criteria)
        if isinstance(one.formula, BasePriceDeviation)
        for terms in (one.formula.terms, one.formula.range_from, one.formula.range_to)
        if terms is not UNSET
        for term in terms
        for factor in term.factors
    }
    return tuple(RATES[name] for name in RATES if name in names)


def _base(dice: random.Random, full: int) -> BasePriceDeviation:
    terms = _terms(dice)
    drawn = any(term.of == "drawn_bid" for term in terms)
    measured = any(term.of in ("mean", "lowest") for term in terms)
    above, below = dice.choice((("1", "0.5"), ("1.2", "0.8"), ("0.3", "0.2"), ("2", "2"), ("0.333", "0")))
    return BasePriceDeviation(
        terms=terms,
        e_above=above,
        e_below=below,
        counting=dice.choice(("interpolate", "interpolate", "begun_steps", "full_steps")),
        step_percent=dice.choice(("1", "1", "0.5", "0.1", "3")),
        drop=dice.choice(DROPS),
        count_from_percent=dice.choice(("", "", "85", "90")) if measured else "",
        count_to_percent=dice.choice(("", "", "100", "95")) if measured else "",
        range_from=_range(dice, "95") if measured or drawn else UNSET,
        range_to=_range(dice, "105") if measured or drawn else UNSET,
        deduct_above_max_centi=dice.choice((0, 0, full // 5)),
        deduct_below_max_centi=dice.choice((0, 0, full // 20)),
        floor_centi=dice.choice((0, 0, 0, full * 6 // 10)),
    )


def _range(dice: random.Random, percent: str) -> tuple[Term, ...] | UnsetType:
    """规定范围: a percentage of the mean, the lowest or the ceiling, or half of one and half of another."""
    if dice.randrange(6):
        return UNSET
    near = Factor(rate=f"to{percent}")
    return dice.choice(
        (
            (Term(of="mean", factors=(near,)),),
            (Term(of="mean"),),
            (Term(of="lowest", factors=(near,)),),
            (Term(of="ceiling", factors=(near,)),),
            (
                Term(of="mean", factors=(near, Factor(rate="half"))),
                Term(of="reference", factors=(Factor(rate="half"),)),
            ),
        )
    )


def _terms(dice: random.Random) -> tuple[Term, ...]:
    """下浮; 方法一 A × K; 方法二 A × K × Q + B × …; 方法三 (A + B + C) × K; ceiling, 标底 or lowest."""
    k, q, p = Factor(rate="K"), Factor(rate="Q"), Factor(rate="P")
    half = Factor(rate="half")
    if dice.randrange(60) == 0:
        # A base price of nothing, which must be refused.
        return (Term(of="mean", factors=(Factor(rate="all", form="less"),)),)
    return dice.choice(
        (
            (Term(of="mean"),),
            (Term(of="mean", factors=(Factor(rate="float", form="less"),)),),
            (Term(of="mean", factors=(Factor(rate="none", form="less"),)),),
            (Term(of="mean", factors=(k,)),),
            (Term(of="mean", factors=(k, q)), Term(of="ceiling", factors=(k, Factor(rate="Q", form="less")))),
            (
                Term(of="ceiling", factors=(half, k)),
                Term(of="drawn_bid", factors=(p, k), draw="B"),
                Term(of="lowest", factors=(half, Factor(rate="P", form="less"), k)),
            ),
            (Term(of="lowest"),),
            (Term(of="lowest", factors=(Factor(rate="float", form="plus"),)),),
            (Term(of="reference"),),
            (Term(of="drawn_bid", draw="B"),),
            (Term(of="mean", factors=(half,)), Term(of="reference", factors=(half,))),
        )
    )
