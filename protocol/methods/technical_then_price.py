"""技术评分最低标价法: the best by technical points go on, among them the lowest price wins.

Source: 公路工程标准施工招标文件 (2018), 技术评分最低标价法.
"""

from collections.abc import Mapping
from fractions import Fraction


def qualified(technical: Mapping[str, Fraction], qualify: int) -> frozenset[str]:
    """Return the bidders among the best `qualify` by points; all that equal the last of them go on too.

    >>> marks = {"a": Fraction(90), "b": Fraction(88), "c": Fraction(88), "d": Fraction(70)}
    >>> sorted(qualified(marks, 2))
    ['a', 'b', 'c']
    """
    ordered = sorted(technical.values(), reverse=True)
    last = ordered[min(qualify, len(ordered)) - 1]
    return frozenset(bidder for bidder, marks in technical.items() if marks >= last)
