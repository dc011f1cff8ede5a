"""Mean of the members' points (算术平均).

Source: 12号令 35 and 87号令 53-55 leave the way to the tender document; the plain mean is the usual one
("评标委员会各成员评分的算术平均值").
"""

from collections.abc import Sequence
from fractions import Fraction

from protocol.plan.numbers import total


def mean(values: Sequence[Fraction]) -> Fraction:
    """Return the arithmetic mean.

    >>> mean([Fraction(x) for x in (86, 90, 92, 84, 97)])
    Fraction(449, 5)

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no mean of nothing")
    return total(values) / len(values)
