"""经评审的最低投标价法: the lowest price after commercial adjustments wins, without technical points.

Source: 12号令 29-33; the comparison is shown as a 标价比较表.
"""

from collections.abc import Iterable
from fractions import Fraction

from protocol.plan.numbers import total


def evaluated_price(price: Fraction, percents: Iterable[Fraction], amounts: Iterable[Fraction]) -> Fraction:
    """Return price × (1 + Σ percents) + Σ amounts; adjustments are signed.

    958万 with +1.5 % for deviating terms of payment:

    >>> evaluated_price(Fraction(958), [Fraction("1.5")], [])
    Fraction(97237, 100)
    """
    return price * (1 + total(percents) / 100) + total(amounts)
