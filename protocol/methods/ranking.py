"""Ranking and ties (排序与并列).

Owns: the order by one figure, and the rules that part equal bids. Must not know: how the figure came about.

Sources: 标准施工招标文件 (equal points: the lower price, then the higher technical points, or the tenderee
decides), 财政部令第87号 57 (the lower price, then tied).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from msgspec import Struct


class TieBreak(Struct, frozen=True):
    """One rule: bidder → value, and which end is better; passed over when an equal bid has no value."""

    values: Mapping[str, Fraction | None]
    better: Literal["low", "high"]


class Place(Struct, frozen=True):
    """A bidder's place: `tied` when others share it, `parted` when equal figures were parted by a rule."""

    bidder: str
    rank: int
    tied: bool
    parted: bool


def rank(
    figures: Mapping[str, Fraction], wins: Literal["highest", "lowest"], breaks: Sequence[TieBreak]
) -> tuple[Place, ...]:
    """Return the places, best first; what stays equal shares the better rank (1, 2, 2, 4).

    Args:
        figures: bidder → what is ranked.
        wins: which end of the figures is better.
        breaks: the rules for equal figures, in order.

    >>> same = {"甲": Fraction(90), "乙": Fraction(90), "丙": Fraction(80)}
    >>> [(place.bidder, place.rank, place.tied) for place in rank(same, "highest", [])]
    [('乙', 1, True), ('甲', 1, True), ('丙', 3, False)]
    >>> price = TieBreak({"甲": Fraction(7), "乙": Fraction(8)}, "low")
    >>> [place.bidder for place in rank(same, "highest", [price])]
    ['甲', '乙', '丙']
    """
    first = TieBreak(figures, "high" if wins == "highest" else "low")
    groups = _split([sorted(figures)], first)
    places: list[Place] = []
    for equal in groups:
        finer = [equal]
        for tie_break in breaks:
            finer = _split(finer, tie_break)
        for group in finer:
            number = len(places) + 1
            places += [
                Place(bidder=bidder, rank=number, tied=len(group) > 1, parted=len(finer) > 1)
                for bidder in group
            ]
    return tuple(places)


def _split(groups: list[list[str]], tie_break: TieBreak) -> list[list[str]]:
    sign = 1 if tie_break.better == "low" else -1
    finer: list[list[str]] = []
    for group in groups:
        values: dict[str, Fraction] = {}
        for bidder in group:
            value = tie_break.values.get(bidder)
            if value is not None:
                values[bidder] = sign * value
        if len(group) == 1 or len(values) < len(group):
            finer.append(group)
            continue
        wanted = sorted(set(values.values()))
        finer += [[bidder for bidder in group if values[bidder] == value] for value in wanted]
    return finer
