"""综合评估法、综合评分法: the total is the sum of the parts after their weights.

Owns: the sum. Must not know: where the parts come from. QCBS (World Bank, Guidelines 2011) is the same sum of
technical and financial points under weights that add up to 1, with a mark that the technical points must
reach (`Criterion.pass_centi`) before a price is opened.

Sources: 12号令 35 (综合评估法), 财政部令第87号 55 (总得分 = F1 × A1 + F2 × A2 + …).
"""

from collections.abc import Iterable
from fractions import Fraction

from protocol.plan.numbers import total


def sum_of_points(weighted: Iterable[Fraction]) -> Fraction:
    """Return the sum of points that are weighted, and rounded where the plan does so.

    87号令 55 with 30:70: the lowest price is 98万, 乙 bids 105万 and has 91.5 technical points:

    >>> from protocol.methods.low_price_first import low_price_first
    >>> from protocol.plan.numbers import fixed_text
    >>> price = low_price_first({"甲": Fraction(98), "乙": Fraction(105)}, Fraction(100))["乙"]
    >>> fixed_text(sum_of_points([price * Fraction("0.3"), Fraction("91.5") * Fraction("0.7")]), 2)
    '92.05'

    QCBS with T = 0.8: the best and dearest wins by 0.04:

    >>> bids = {"A": (88, "1.20"), "B": (81, "0.95"), "C": (92, "1.50")}
    >>> prices = {name: Fraction(price) for name, (_, price) in bids.items()}
    >>> financial = low_price_first(prices, Fraction(100))
    >>> for name, (technical, _) in bids.items():
    ...     parts = [technical * Fraction("0.8"), financial[name] * Fraction("0.2")]
    ...     print(name, fixed_text(sum_of_points(parts), 2))
    A 86.23
    B 84.80
    C 86.27
    """
    return total(weighted)
