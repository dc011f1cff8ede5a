"""Exact numbers (精确数): decimal text to fractions and back, and the roundings of tender documents.

Owns: the two conversions and the two rounding modes. Must not know: what is rounded, or where. Nothing here
or anywhere behind it is a float.

Source: GB/T 8170 is not meant (its half goes to even); 标准施工招标文件 3.2.2 says 第三位四舍五入, which is
half up; truncation is what the Peruvian OSCE prints (9.166 for 9.1667).
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import lcm

from protocol.plan.formulas import Rounding, RoundingPlan

SHOWN_PLACES_MAX = 9
"""Decimals that an exact number is shown with when it does not end sooner."""


@lru_cache(maxsize=4096)
def number(text: str) -> Fraction:
    """Return the exact value of a decimal text; those of weights and prices are remembered.

    >>> number("4528.60")
    Fraction(22643, 5)
    """
    return Fraction(text)


def points(points_centi: int) -> Fraction:
    """Return points from hundredths.

    >>> points(3450)
    Fraction(69, 2)
    """
    return Fraction(points_centi, 100)


def rounded(value: Fraction, rounding: Rounding | None) -> Fraction:
    """Round as the plan says; None leaves the value exact. Halves go away from zero.

    >>> two = Rounding(mode="half_up", places=2)
    >>> rounded(Fraction("34.825"), two), rounded(Fraction("-0.005"), two)
    (Fraction(3483, 100), Fraction(-1, 100))
    >>> rounded(Fraction(55, 6), Rounding(mode="truncate", places=3))
    Fraction(4583, 500)
    """
    if rounding is None:
        return value
    whole = _scaled(value, rounding.places, half_up=rounding.mode == "half_up")
    return Fraction(whole, 10**rounding.places)


def settled(value: Fraction, rounding: Rounding | None, plan: RoundingPlan) -> Fraction:
    """Round an intermediate figure when the plan rounds before it sums; else leave it exact."""
    return rounded(value, rounding) if plan.order == "round_then_sum" else value


def exact_text(value: Fraction) -> str:
    """Write a number in full when it ends within nine decimals, else half up at the ninth, without zeros.

    >>> exact_text(Fraction("92.070")), exact_text(Fraction(289, 3)), exact_text(Fraction(-7))
    ('92.07', '96.333333333', '-7')
    """
    text = fixed_text(value, SHOWN_PLACES_MAX)
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed_text(value: Fraction, places: int) -> str:
    """Write a number with exactly `places` decimals, half up.

    >>> fixed_text(Fraction(31), 2), fixed_text(Fraction("-0.005"), 1), fixed_text(Fraction("2.5"), 0)
    ('31.00', '0.0', '3')
    """
    whole = _scaled(value, places, half_up=True)
    digits = str(abs(whole)).rjust(places + 1, "0")
    sign = "-" if whole < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def shown(value: Fraction, rounding: Rounding | None) -> str:
    """Write a number as its rounding shows it; in full when there is none.

    >>> shown(Fraction(63, 2), Rounding(mode="half_up", places=2)), shown(Fraction(63, 2), None)
    ('31.50', '31.5')
    """
    if rounding is None:
        return exact_text(value)
    return fixed_text(rounded(value, rounding), rounding.places)


def total(values: Iterable[Fraction]) -> Fraction:
    """Return the exact sum, reduced once instead of at each step.

    >>> total([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    Fraction(1, 1)
    """
    numerator, denominator = 0, 1
    for value in values:
        own = value.denominator
        if own != denominator:
            common = lcm(own, denominator)
            numerator *= common // denominator
            numerator += value.numerator * (common // own)
            denominator = common
        else:
            numerator += value.numerator
    return Fraction(numerator, denominator)


def _scaled(value: Fraction, places: int, *, half_up: bool) -> int:
    """A number in units of its last kept decimal: cut, or with its half away from zero."""
    scale: int = 10**places
    whole, rest = divmod(abs(value.numerator) * scale, value.denominator)
    if half_up and 2 * rest >= value.denominator:
        whole += 1
    return whole if value.numerator >= 0 else -whole
