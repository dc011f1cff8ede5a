"""Points per price; the highest wins.

Source: Quebec, Regulation respecting contracts of municipal bodies and Act S-30.01 art. 96.1:
final score = (interim score + 50) × 10,000 / price, from a pass mark of 70 on.
"""

from fractions import Fraction


def technical_over_price(
    technical: Fraction, price: Fraction, offset: Fraction, factor: Fraction
) -> Fraction:
    """Return (points + offset) × factor / price, not rounded.

    >>> technical_over_price(Fraction(85), Fraction(150_000), Fraction(50), Fraction(10_000))
    Fraction(9, 1)
    """
    return (technical + offset) * factor / price
