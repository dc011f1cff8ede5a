"""Adjusted bid: price, with time valued, divided by the technical score; the lowest wins.

Source: Minnesota Statutes 161.3426 subd. 1(c) (design-build); the Florida DOT's adjusted score is the same
without the days.
"""

from collections.abc import Iterable
from fractions import Fraction

from protocol.plan.numbers import total


def price_over_technical(
    price: Fraction, valued: Iterable[tuple[Fraction, Fraction]], technical: Fraction
) -> Fraction:
    """Return (price + Σ quantity × value) / technical points, not rounded.

    Args:
        price: the bid's price.
        valued: pairs of quantity and value of one unit, in the price's unit.
        technical: points, above zero.

    The I-35W bridge, 437 days at 200,000:

    >>> from protocol.plan.numbers import fixed_text
    >>> days = [(Fraction(437), Fraction(200_000))]
    >>> fixed_text(price_over_technical(Fraction(233_763_000), days, Fraction("91.47")), 2)
    '3511129.33'
    """
    return (price + total(quantity * value for quantity, value in valued)) / technical
