"""Numbers of the second engine: fractions, the two roundings, and how a figure is written.

Written from the words of the schema alone (四舍五入 away from zero at the half, 截断 towards zero), not from
what the product does. Must not know what is rounded, or where.
"""

from fractions import Fraction
from functools import lru_cache
from math import lcm

from protocol.plan.formulas import Rounding

HUNDRED = Fraction(100)
UNROUNDED_PLACES = 9
"""A figure that the plan does not round is written with so many decimals at most, half up."""


@lru_cache(maxsize=8192)
def of(text: str) -> Fraction:
    """The value of a decimal text."""
    whole, _, decimals = text.partition(".")
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def rounded(value: Fraction, rule: Rounding | None) -> Fraction:
    """The value as a rounding leaves it; exact without one."""
    if rule is None:
        return value
    units = _units(value, rule.places, half_up=rule.mode == "half_up")
    return Fraction(units, 10**rule.places)


def written(value: Fraction, rule: Rounding | None) -> str:
    """A figure as the plan rounds it, all its decimals shown; in full, without zeros, where it does not."""
    if rule is not None:
        return _decimal(_units(value, rule.places, half_up=rule.mode == "half_up"), rule.places)
    text = _decimal(_units(value, UNROUNDED_PLACES, half_up=True), UNROUNDED_PLACES)
    return text.rstrip("0").rstrip(".")


def mean(values: list[Fraction]) -> Fraction:
    """The arithmetic mean, with one common denominator so that a long list stays quick."""
    below = lcm(*(value.denominator for value in values))
    return Fraction(
        sum(value.numerator * (below // value.denominator) for value in values), below * len(values)
    )


def ceiling(value: Fraction) -> int:
    """The smallest whole number that is not below."""
    return -(-value.numerator // value.denominator)


def _units(value: Fraction, places: int, *, half_up: bool) -> int:
    """How many units of the last place: |v|·10^p cut off, or for half up (2·|v|·10^p + 1) / 2 cut off."""
    above, below = abs(value.numerator) * int(10**places), value.denominator
    units = (2 * above + below) // (2 * below) if half_up else above // below
    return units if value >= 0 else -units


def _decimal(units: int, places: int) -> str:
    digits = f"{abs(units):0{places + 1}d}"
    sign = "-" if units < 0 else ""
    return (
        f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}"
        if places
        else sign + digits
    )
