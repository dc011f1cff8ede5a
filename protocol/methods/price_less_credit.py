"""Price less a credit for technical points; the lowest wins.

Source: the technical-credit form of design-build award ("price − technical credit").
"""

from fractions import Fraction


def price_less_credit(price: Fraction, technical: Fraction, credit_per_point: Fraction) -> Fraction:
    """Return price − points × credit.

    >>> price_less_credit(Fraction(1000), Fraction(80), Fraction("2.5"))
    Fraction(800, 1)
    """
    return price - technical * credit_per_point
