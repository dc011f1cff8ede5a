"""Full marks for the lowest, and as many percent fewer as one is above it.

Source: OSCE (Peru), works: P = 2 × max − (days / lowest days) × max. The source prints 9.166 for 9.1667:
it truncates.
"""

from collections.abc import Mapping
from fractions import Fraction


def linear_ratio(values: Mapping[str, Fraction], full: Fraction, floor: Fraction) -> dict[str, Fraction]:
    """Return full × (2 − own / lowest) for each bidder, at least `floor`, not rounded.

    >>> days = {"A": Fraction(150), "B": Fraction(120), "C": Fraction(130)}
    >>> linear_ratio(days, Fraction(10), Fraction(0))
    {'A': Fraction(15, 2), 'B': Fraction(10, 1), 'C': Fraction(55, 6)}
    """
    lowest = min(values.values())
    return {bidder: max(floor, full * (2 - value / lowest)) for bidder, value in values.items()}
