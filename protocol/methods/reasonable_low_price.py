"""合理低价法 (公路): points for the price alone, by its distance from a reduced mean.

Owns: the rule's parameters as a formula of a plan. Must not know: how a base price is worked out
(`base_price`), or who drew the reduction.

Source: 公路工程标准施工招标文件 (2018), 合理低价法, unread: full marks 100, the mean without one highest and
one lowest, less a reduction (下浮率) that is drawn on the spot, E1 above twice E2 below.
"""

from protocol.plan.formulas import BasePriceDeviation, DropRow, Factor, Share, Term


def reasonable_low_price(
    reduction: str, e_above: Share = "1", e_below: Share = "0.5", bids_min_for_dropping: int = 5
) -> BasePriceDeviation:
    """Return the rule's formula.

    Args:
        reduction: id of the scheme's rate that is the reduction, fixed or drawn.
        e_above: points for each percent above the base price.
        e_below: points for each percent below.
        bids_min_for_dropping: from so many bids on, the highest and the lowest are left out of the mean.

    >>> from fractions import Fraction
    >>> from protocol.methods.base_price import Sources, base_price, deviation_points, deviation_rate
    >>> from protocol.plan.formulas import Rounding, RoundingPlan
    >>> from protocol.plan.numbers import exact_text, fixed_text
    >>> rule = reasonable_low_price("off")
    >>> bids = {str(price): Fraction(price) for price in (9520, 9610, 9700, 9785, 9840, 9990)}
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> base = base_price(rule, Sources(bids, None, None, {"off": Fraction(2)}, {}), exact)
    >>> exact_text(base.mean), exact_text(base.base)
    ('9733.75', '9539.075')
    >>> for name in ("9520", "9610", "9990"):
    ...     rate = deviation_rate(bids[name], base.base)
    ...     print(name, fixed_text(deviation_points(rule, Fraction(100), rate), 2))
    9520 99.90
    9610 99.26
    9990 95.27
    """
    return BasePriceDeviation(
        terms=(Term(of="mean", factors=(Factor(rate=reduction, form="less"),)),),
        e_above=e_above,
        e_below=e_below,
        drop=(DropRow(bids_min=bids_min_for_dropping, high=1, low=1),),
    )
