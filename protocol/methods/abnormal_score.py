"""畸高畸低: how far a member lies from the others, for people to look at; nothing is edited.

Owns: the deviation from the mean and the comparison with the threshold. Must not know: who explains it, or
when.

Source: tender documents set 15-30 %, no law does; 87号令 64 names 畸高、畸低 without a number. SPEC 11.1, 10.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from protocol.methods.evaluation import DEVIATIONS_TOLD_MAX, Deviation, Inputs
from protocol.methods.weighted_points import member_total
from protocol.plan.numbers import exact_text, fixed_text, number, total
from protocol.plan.plan import Criterion, Scheme
from protocol.plan.stages import nodes


class Distance(Struct, frozen=True):
    """A seat's distance from `mean` in percent, signed; None when the mean is zero and it cannot be told."""

    seat: str
    value: Fraction
    mean: Fraction
    percent: Fraction | None
    over: bool


class _Compared(Struct, frozen=True):
    """What is compared under one name: criteria with the weights under which they are added up."""

    name: str
    of: tuple[tuple[Criterion, Fraction], ...]
    grouped: bool


def distances(
    by_seat: Mapping[str, Fraction], against: Literal["others", "all"], threshold_percent: Fraction
) -> Iterator[Distance]:
    """Yield each seat's distance from the mean of the others, or of all, in order of the seats' names.

    A distance just at the threshold is not over it. With a mean of zero, any other value is over. As points
    are never negative, the distance from the others (leave-one-out) is never less than the one from all.

    >>> marks = {"M1": Fraction("34.5"), "M2": Fraction(35), "M3": Fraction("35.5"), "M4": Fraction(35)}
    >>> marks["M5"] = Fraction("29.5")
    >>> last = list(distances(marks, "others", Fraction(15)))[-1]
    >>> last.seat, last.mean, last.percent, last.over
    ('M5', Fraction(35, 1), Fraction(-110, 7), True)
    """
    everyone = total(by_seat.values())
    compared = len(by_seat) if against == "all" else len(by_seat) - 1
    for seat in sorted(by_seat) if compared else ():
        value = by_seat[seat]
        middle = (everyone if against == "all" else everyone - value) / compared
        if middle == 0:
            yield Distance(seat=seat, value=value, mean=middle, percent=None, over=value != 0)
        else:
            percent = (value - middle) / middle * 100
            yield Distance(
                seat=seat, value=value, mean=middle, percent=percent, over=abs(percent) > threshold_percent
            )


def deviations(scheme: Scheme, inputs: Inputs) -> tuple[Deviation, ...]:
    """Return the members' distances for the criteria that the plan names, by criterion, bidder, seat.

    The totals over all criteria stand last, under an empty criterion. Groups and totals are told in full up
    to `DEVIATIONS_TOLD_MAX`, so that a page can show the whole table; single items only when over the
    threshold, because there may be hundreds.
    """
    rule = scheme.deviation
    if rule is None:
        return ()
    one = Fraction(1)
    compared = [
        _Compared(node.criterion.id, ((node.criterion, one),), grouped=bool(node.criterion.children))
        for node in nodes(scheme)
        if node.criterion.id in rule.of
    ]
    if rule.total:
        weighted = tuple((criterion, number(criterion.weight)) for criterion in scheme.criteria)
        compared.append(_Compared("", weighted, grouped=True))
    groups = sum(here.grouped for here in compared)
    in_full = groups * len(inputs.valid) * len(inputs.sheets) <= DEVIATIONS_TOLD_MAX
    found: list[Deviation] = []
    for here in compared:
        for bidder in sorted(inputs.valid):
            by_seat = {
                seat: total(member_total(criterion, sheet[bidder]) * weight for criterion, weight in here.of)
                for seat, sheet in inputs.sheets.items()
            }
            found += [
                Deviation(
                    criterion=here.name,
                    seat=distance.seat,
                    bidder=bidder,
                    points=exact_text(distance.value),
                    mean=exact_text(distance.mean),
                    percent="" if distance.percent is None else fixed_text(distance.percent, 2),
                    over=distance.over,
                )
                for distance in distances(by_seat, rule.against, number(rule.threshold_percent))
                if distance.over or (in_full and here.grouped)
            ]
    return tuple(found)
