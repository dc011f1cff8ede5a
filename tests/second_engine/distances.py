"""畸高畸低 and objective items that differ (87号令 64; SPEC 11.1, 10): told, never edited."""

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from msgspec import UNSET

from protocol.methods.evaluation import DEVIATIONS_TOLD_MAX
from protocol.plan.formulas import Rounding
from protocol.plan.plan import Deviation
from tests.second_engine import exact, marks
from tests.second_engine.marks import Totals
from tests.second_engine.outcome import Distance
from tests.second_engine.tender import SCORED, Tender

TWO = Rounding(mode="half_up", places=2)


def distances(tender: Tender) -> tuple[Distance, ...]:
    """Every member's distance from the mean, for the criteria that the plan names, and for the whole."""
    rule = tender.scheme.deviation
    if rule is None:
        return ()
    found: list[Distance] = []
    for bidder in tender.bidders:
        for name in rule.of:
            place = tender.places[name]
            whole = place.criterion.kind not in SCORED
            given = marks.totals(tender, place, bidder)
            found.extend(one for one in _of(rule, name, bidder, given) if whole or one.over)
        if rule.total is not UNSET and rule.total:
            found.extend(_of(rule, "", bidder, _whole(tender, bidder)))
    if len(found) > DEVIATIONS_TOLD_MAX:
        found = [one for one in found if one.over]
    return tuple(sorted(found))


def _whole(tender: Tender, bidder: str) -> Totals:
    """Members' totals over all criteria, with the weights of the top ones."""
    units = dict.fromkeys(tender.seats, Fraction(0))
    for top in tender.scheme.criteria:
        given = marks.totals(tender, tender.places[top.id], bidder)
        for seat in tender.seats:
            units[seat] += given.points(seat) * exact.of(top.weight)
    below = lcm(*(value.denominator for value in units.values()))
    return Totals({seat: int(value * below) for seat, value in units.items()}, below)


def _of(rule: Deviation, name: str, bidder: str, given: Totals) -> Iterator[Distance]:
    for seat in given.units:
        told = _from(rule, name, bidder, given, seat, 0 if rule.against == "all" else 1)
        if told is not None:
            yield told


def _from(rule: Deviation, name: str, bidder: str, given: Totals, seat: str, without: int) -> Distance | None:
    """One member's distance from the mean of all, or of all `without` that one; None with nobody left."""
    count = len(given.units) - without
    if count == 0:
        return None
    own = given.points(seat)
    mean = Fraction(sum(given.units.values()) - without * given.units[seat], count * given.below)
    return Distance(
        criterion=name,
        seat=seat,
        bidder=bidder,
        points=exact.written(own, None),
        mean=exact.written(mean, None),
        percent=exact.written((own - mean) / mean * 100, TWO) if mean else "",
        over=abs(own - mean) * 100 > exact.of(rule.threshold_percent) * mean,
    )


def mismatches(tender: Tender) -> tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]:
    """Objective items on which members differ."""
    found = []
    sheets = tender.inputs.sheets
    for name, place in tender.places.items():
        if place.criterion.kind != "objective":
            continue
        for bidder in tender.bidders:
            given = tuple((seat, sheets[seat][bidder][name]) for seat in tender.seats)
            if len({points for _, points in given}) > 1:
                found.append((name, bidder, given))
    return tuple(sorted(found))
