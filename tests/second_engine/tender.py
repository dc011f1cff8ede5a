"""A tender as the second engine reads it: one lot, its scheme, who bid, who sits, and what was said of them.

Owns the readings that every other room needs: prices and quantities as fractions, each criterion at its place
with the aggregate that holds for it and the weights of the scored leaves below. Must not know any formula.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

from protocol.methods.evaluation import Inputs
from protocol.plan.formulas import Aggregate, BasePriceDeviation
from protocol.plan.plan import Criterion, Lot, Plan, Scheme
from tests.second_engine import exact

SCORED = ("subjective", "objective")


class Place(NamedTuple):
    """A criterion at its place. `leaves`: scored leaves below, each with its weight × `share`, whole."""

    criterion: Criterion
    top: bool
    how: Aggregate
    of_members: bool
    """Members alone decide it: every leaf below is given points by them."""
    leaves: tuple[tuple[str, int], ...]
    share: int


@dataclass(frozen=True)
class Tender:
    """A lot under its scheme, with its inputs."""

    plan: Plan
    lot: Lot
    scheme: Scheme
    inputs: Inputs

    @cached_property
    def bidders(self) -> tuple[str, ...]:
        """Who passed the preliminary review."""
        return tuple(sorted(self.inputs.valid))

    @cached_property
    def seats(self) -> tuple[str, ...]:
        """Whose sheets there are."""
        return tuple(sorted(self.inputs.sheets))

    @cached_property
    def places(self) -> dict[str, Place]:
        """Every criterion by its id, each before those below it."""
        found: dict[str, Place] = {}
        for top in self.scheme.criteria:
            _place(top, self.scheme.aggregate, found, top=True)
        return found

    @cached_property
    def formulas(self) -> tuple[Criterion, ...]:
        """The leaves that are worked out."""
        return tuple(one.criterion for one in self.places.values() if one.criterion.formula is not None)

    @cached_property
    def base_prices(self) -> tuple[BasePriceDeviation, ...]:
        """The formulas with a base price."""
        return tuple(one.formula for one in self.formulas if isinstance(one.formula, BasePriceDeviation))

    def price(self, bidder: str) -> Fraction | None:
        """A bidder's price as it was bid; None where it is not known."""
        text = self.inputs.prices.get(bidder, "")
        return exact.of(text) if text else None

    def quantity(self, bidder: str, name: str) -> Fraction | None:
        """A bidder's quantity; None where it is not given."""
        text = self.inputs.quantities.get(bidder, {}).get(name, "")
        return exact.of(text) if text else None


def read(plan: Plan, lot: str, inputs: Inputs) -> Tender:
    """The tender of a lot that the plan has."""
    form = next(one for one in plan.lots if one.id == lot)
    scheme = next(one for one in plan.schemes if one.id == form.scheme)
    return Tender(plan, form, scheme, inputs)


def _place(
    criterion: Criterion, above: Aggregate, found: dict[str, Place], *, top: bool = False
) -> tuple[bool, list[tuple[str, Fraction]]]:
    """Put a criterion and all below it in place; whether members decide it, and its scored leaves."""
    how = criterion.aggregate or above
    own: list[tuple[str, Fraction]] = []
    of_members = criterion.kind in SCORED
    if of_members:
        own.append((criterion.id, Fraction(1)))
    found[criterion.id] = Place(criterion, top, how, of_members, (), 1)
    for child in criterion.children:
        scored, leaves = _place(child, how, found)
        of_members = scored and (of_members or child is criterion.children[0])
        weight = exact.of(child.weight)
        own += [(name, weight * inner) for name, inner in leaves]
    share = lcm(*(weight.denominator for _, weight in own))
    whole = tuple((name, weight.numerator * (share // weight.denominator)) for name, weight in own)
    found[criterion.id] = Place(criterion, top, how, of_members, whole, share)
    return of_members, own
