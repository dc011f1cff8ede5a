"""苏建规字〔2017〕1号: the three base prices of Jiangsu, with K (and Q) drawn in public after bids close.

Owns: the three as terms of a plan's base price, and their table of dropped prices. Must not know: how a base
price is worked out (`base_price`), or who drew what: every percentage is named by the id of a scheme's rate,
fixed or drawn from candidates (K 95-98, Q1 65-85).

Source: the order itself is unread; figures and examples are from a secondary reading. Which bids 方法三
counts (规定范围内) and among which B is drawn are parameters of the plan (`BasePriceDeviation.range_from`):
`within_a_quarter` gives the range as remembered.
"""

from protocol.plan.formulas import DropRow, Factor, Term

DROP = (DropRow(bids_min=7, high=1, low=1), DropRow(bids_min=10, high=2, low=2))
"""From 7 bids on one highest and one lowest fall out of the mean A, from 10 on two of each."""


def method_1(k: str) -> tuple[Term, ...]:
    """方法一: A × K, A the mean of the bids.

    >>> from fractions import Fraction
    >>> from protocol.methods.base_price import Sources, base_price
    >>> from protocol.plan.formulas import BasePriceDeviation, Rounding, RoundingPlan
    >>> from protocol.plan.numbers import fixed_text
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> bids = {"b1": Fraction(9596), "b2": Fraction(9620)}
    >>> given = Sources(bids, Fraction(10500), None, {"K": Fraction(97)}, {})
    >>> rule = BasePriceDeviation(terms=method_1("K"), e_above="1", e_below="0.5", drop=DROP)
    >>> fixed_text(base_price(rule, given, exact).base, 2)
    '9319.76'
    """
    return (Term(of="mean", factors=(Factor(rate=k),)),)


def method_2(k1: str, k2: str, q1: str) -> tuple[Term, ...]:
    """方法二: A × K1 × Q1 + B × K2 × Q2, B the ceiling (控制价), Q2 = 1 − Q1.

    >>> from fractions import Fraction
    >>> from protocol.methods.base_price import Sources, base_price
    >>> from protocol.plan.formulas import BasePriceDeviation, Rounding, RoundingPlan
    >>> from protocol.plan.numbers import fixed_text
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> percents = {"K1": Fraction(97), "K2": Fraction(95), "Q1": Fraction(70)}
    >>> given = Sources({"b1": Fraction(9608)}, Fraction(10500), None, percents, {})
    >>> rule = BasePriceDeviation(terms=method_2("K1", "K2", "Q1"), e_above="1", e_below="0.5", drop=DROP)
    >>> fixed_text(base_price(rule, given, exact).base, 2)
    '9516.33'
    """
    return (
        Term(of="mean", factors=(Factor(rate=k1), Factor(rate=q1))),
        Term(of="ceiling", factors=(Factor(rate=k2), Factor(rate=q1, form="less"))),
    )


def method_3(k: str, reduction: str, draw: str, shares: tuple[str, str, str]) -> tuple[Term, ...]:
    """方法三 (ABC 合成法): (A × 50 % + B × 30 % + C × 20 %) × K.

    A is the ceiling less the reduction, B the bid that is drawn under the name `draw`, C the lowest bid that
    counts.

    Args:
        k: id of the rate K.
        reduction: id of the ceiling's reduction.
        draw: name of the draw of B.
        shares: ids of the rates that are the shares of A, B and C.

    >>> from fractions import Fraction
    >>> from protocol.methods.base_price import Sources, base_price
    >>> from protocol.plan.formulas import BasePriceDeviation, Rounding, RoundingPlan
    >>> from protocol.plan.numbers import fixed_text
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> percents = {"K": 98, "d": 8, "a": 50, "b": 30, "c": 20}
    >>> bids = {"b1": Fraction(9200), "b2": Fraction(9620)}
    >>> rates = {name: Fraction(percent) for name, percent in percents.items()}
    >>> given = Sources(bids, Fraction(10500), None, rates, {"B": "b2"})
    >>> terms = method_3("K", "d", "B", ("a", "b", "c"))
    >>> rule = BasePriceDeviation(terms=terms, e_above="1", e_below="0.5")
    >>> fixed_text(base_price(rule, given, exact).base, 2)
    '9364.88'
    """
    of_ceiling, of_drawn, of_lowest = shares
    return (
        Term(
            of="ceiling",
            factors=(Factor(rate=reduction, form="less"), Factor(rate=of_ceiling), Factor(rate=k)),
        ),
        Term(of="drawn_bid", draw=draw, factors=(Factor(rate=of_drawn), Factor(rate=k))),
        Term(of="lowest", factors=(Factor(rate=of_lowest), Factor(rate=k))),
    )


def within_a_quarter(mean_share: str, ceiling_share: str, quarter: str) -> tuple[Term, ...]:
    """规定范围的下限: the mean of all bids × 70 % + the ceiling × 30 %, less 25 %; from memory.

    Args:
        mean_share: id of the rate that is the mean's share.
        ceiling_share: id of the rate that is the ceiling's share.
        quarter: id of the rate that is the reduction.
    """
    return (
        Term(of="mean", factors=(Factor(rate=mean_share), Factor(rate=quarter, form="less"))),
        Term(of="ceiling", factors=(Factor(rate=ceiling_share), Factor(rate=quarter, form="less"))),
    )
