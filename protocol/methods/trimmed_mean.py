"""Mean after dropping the highest and lowest (去掉最高分和最低分后的平均).

Source: never by itself, only where the tender document says so, and usual from five members on.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from protocol.methods.mean import mean
from protocol.plan.formulas import Trim


def trimmed_mean(values: Sequence[Fraction], high: int, low: int) -> Fraction:
    """Return the mean without the `high` highest and the `low` lowest values.

    >>> trimmed_mean([Fraction(x) for x in (86, 90, 92, 84, 97)], 1, 1)
    Fraction(268, 3)

    Raises:
        ValueError: nothing would be left.
    """
    kept = sorted(values)[low : len(values) - high]
    return mean(kept)


def dropped_seats(by_seat: Mapping[str, Fraction], trim: Trim | None) -> tuple[str, ...]:
    """Return the seats whose values are left out, in order of their names.

    Among equal values the seats first in order of their names count as lower; which of them is dropped
    makes no difference to the mean. Nothing is dropped with fewer members than the rule needs.

    >>> values = {"M1": Fraction(34), "M2": Fraction(35), "M3": Fraction(29), "M4": Fraction(36)}
    >>> dropped_seats(values, Trim(high=1, low=1, members_min=4))
    ('M3', 'M4')
    >>> dropped_seats(values, Trim(high=1, low=1))
    ()
    """
    if trim is None or len(by_seat) < trim.members_min or len(by_seat) <= trim.high + trim.low:
        return ()
    ordered = sorted(by_seat, key=lambda seat: (by_seat[seat], seat))
    return tuple(sorted([*ordered[: trim.low], *ordered[len(ordered) - trim.high :]]))
