"""低价优先法: the lowest price gets full marks, the others in proportion.

Source: 财政部令第87号 55: 投标报价得分 = (评标基准价 / 投标报价) × 100, where the base price is the lowest
valid bid; no price is dropped. The World Bank's Sf = 100 × Fm / F is the same formula.
"""

from collections.abc import Mapping
from fractions import Fraction


def low_price_first(values: Mapping[str, Fraction], full: Fraction) -> dict[str, Fraction]:
    """Return full marks × lowest / own for each bidder, not rounded.

    Args:
        values: bidder → price (or another quantity of which less is better), above zero.
        full: full marks in points.

    >>> scores = low_price_first({"甲": Fraction(980000), "乙": Fraction(1050000)}, Fraction(100))
    >>> scores["甲"], scores["乙"]
    (Fraction(100, 1), Fraction(280, 3))
    """
    lowest = min(values.values())
    return {bidder: full * lowest / value for bidder, value in values.items()}
