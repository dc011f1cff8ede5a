"""Rounds: the same work done by the product and by what it is measured against, in turn (A B A B …).

Owns the order and the arithmetic: a ratio is worked out within each round, so that a neighbour who takes
the machine for a while slows down both sides of it; told are the median of the rounds and how far they
spread. Must not know what is measured.
"""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from msgspec import Struct

ROUNDS_MIN: Final = 5
"""Fewer rounds than this have no spread worth telling."""

Measured = dict[str, float]
"""What one side of one round gave: name → figure, its unit last in the name."""


class Spread(Struct, frozen=True):
    """A figure over all rounds: the median, the least and the most."""

    median: float
    least: float
    most: float


class Table(Struct, frozen=True):
    """Every round of every side: `sides` is side → one `Measured` per round."""

    sides: dict[str, tuple[Measured, ...]]

    def spread(self, side: str, figure: str) -> Spread:
        """One side's figure over the rounds."""
        return spread([one[figure] for one in self.sides[side]])

    def ratio(self, figure: str, ours: str, theirs: str) -> Spread:
        """Ours divided by theirs, round by round.

        >>> table = Table({"a": ({"ms": 2.0}, {"ms": 9.0}), "b": ({"ms": 4.0}, {"ms": 3.0})})
        >>> table.ratio("ms", "a", "b")
        Spread(median=1.75, least=0.5, most=3.0)
        """
        pairs = zip(self.sides[ours], self.sides[theirs], strict=True)
        return spread([one[figure] / other[figure] for one, other in pairs])

    def figures(self) -> dict[str, Any]:
        """All figures of all sides as plain JSON: side → figure → [median, least, most]."""
        return {
            side: {name: plain(self.spread(side, name)) for name in measured[0]}
            for side, measured in self.sides.items()
        }


async def interleaved(rounds: int, sides: dict[str, Callable[[], Awaitable[Measured]]]) -> Table:
    """Let every side do its round, one after the other, so many times; the order turns with each round."""
    done: dict[str, list[Measured]] = {side: [] for side in sides}
    names = list(sides)
    for number in range(rounds):
        for side in names if number % 2 == 0 else reversed(names):
            done[side].append(await sides[side]())
    return Table({side: tuple(measured) for side, measured in done.items()})


def spread(values: Sequence[float]) -> Spread:
    """Median, least and most."""
    return Spread(statistics.median(values), min(values), max(values))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed (nearest rank).

    >>> quantile([5.0, 1.0, 3.0], 0.5), quantile([5.0, 1.0, 3.0], 0.99)
    (3.0, 5.0)
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def plain(one: Spread) -> list[float]:
    """As it is written: [median, least, most], four digits that count."""
    return [float(f"{value:.4g}") for value in (one.median, one.least, one.most)]
