"""Members' points become one figure: trimmed or plain means, of totals or items (标准施工招标文件 3.2).

去掉一个最高分和一个最低分 only where the plan says so, and only with enough members (SPEC 11.1, 1 and 2).
"""

from fractions import Fraction
from typing import NamedTuple

from protocol.plan.formulas import Trim
from tests.second_engine import exact
from tests.second_engine.tender import Place, Tender


class Totals(NamedTuple):
    """Every member's total for one criterion and one bidder: `units` by seat, each 1 / `below` of a point."""

    units: dict[str, int]
    below: int

    def points(self, seat: str) -> Fraction:
        """One member's total."""
        return Fraction(self.units[seat], self.below)


def totals(tender: Tender, place: Place, bidder: str) -> Totals:
    """Members' totals over the scored leaves below a criterion, before the criterion's own weight."""
    units = {}
    for seat in tender.seats:
        given = tender.inputs.sheets[seat][bidder]
        units[seat] = sum(given[name] * weight for name, weight in place.leaves)
    return Totals(units, place.share * 100)


def left_out(given: Totals, trim: Trim | None) -> tuple[str, ...]:
    """The seats whose figure is dropped; of equal ones it makes no difference which."""
    count = len(given.units)
    if trim is None or count < trim.members_min or count <= trim.high + trim.low:
        return ()
    rising = sorted(given.units, key=lambda seat: (given.units[seat], seat))
    return (*rising[: trim.low], *rising[count - trim.high :])


def one_figure(given: Totals, trim: Trim | None) -> Fraction:
    """The mean of the members' figures that are kept."""
    gone = left_out(given, trim)
    kept = sum(given.units.values()) - sum(given.units[seat] for seat in gone)
    return Fraction(kept, (len(given.units) - len(gone)) * given.below)


def told(given: Totals, seats: tuple[str, ...]) -> tuple[str, ...]:
    """The figures of some seats, in order: equal ones may stand for each other."""
    return tuple(
        exact.written(Fraction(units, given.below), None)
        for units in sorted(given.units[seat] for seat in seats)
    )
