"""The best gets full marks, the others in proportion: for quantities and points of which more is better.

Source: QCBS with quality normalised to the best, as in felp.ac.uk "An Assessment Method"
(quality = 100 × score / best).
"""

from collections.abc import Mapping
from fractions import Fraction


def share_of_highest(values: Mapping[str, Fraction], full: Fraction) -> dict[str, Fraction]:
    """Return full marks × own / highest for each bidder, not rounded; all zero when the highest is zero.

    >>> share_of_highest({"A": Fraction(123), "C": Fraction(129)}, Fraction(100))["A"]
    Fraction(4100, 43)
    """
    highest = max(values.values())
    if highest == 0:
        return dict.fromkeys(values, Fraction(0))
    return {bidder: full * value / highest for bidder, value in values.items()}
