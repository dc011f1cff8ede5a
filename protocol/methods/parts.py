"""Each bidder's criteria worked out (各投标人的分项得分): members' points and formulas brought together.

Owns: a node's points at its place in the tree, the pass marks on what members score, and the parts that are
summed. Must not know: award rules, ranking.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import partial

from msgspec import Struct

from protocol.methods.envelope_marks import reaches_marks
from protocol.methods.evaluation import Inputs
from protocol.methods.formula_points import Calculated
from protocol.methods.share_of_highest import share_of_highest
from protocol.methods.weighted_points import Marks, marks
from protocol.plan.formulas import Aggregate
from protocol.plan.numbers import number, points, settled
from protocol.plan.plan import Criterion, Scheme
from protocol.plan.stages import Node, all_scored, nodes

NOTHING = Calculated(points={}, base=None, steps=())
"""What formulas give before any bid goes on."""


class Part(Struct, frozen=True):
    """One bidder's top criterion: points as they enter the sum, before and after the weight."""

    criterion: Criterion
    marks: Marks
    value: Fraction
    weighted: Fraction


def over_scored_pass_marks(scheme: Scheme, inputs: Inputs) -> frozenset[str]:
    """Return the bidders that meet every pass mark on what members score; only their prices are looked at."""
    gates = [node for node in nodes(scheme) if node.criterion.pass_centi and all_scored(node.criterion)]
    tops = {node.criterion.id: node for node in nodes(scheme) if not node.above}
    inside = [(node.criterion, node.envelope) for node in tops.values()]
    return frozenset(
        bidder
        for bidder in inputs.valid
        if all(
            points_at(scheme, gate, inputs, NOTHING, bidder) >= points(gate.criterion.pass_centi)
            for gate in gates
        )
        and reaches_marks(
            scheme.envelopes,
            inside,
            partial(_top_points, scheme, tops, inputs, bidder),
            scheme.rounding,
        )
    )


def _top_points(
    scheme: Scheme, tops: Mapping[str, Node], inputs: Inputs, bidder: str, criterion: Criterion
) -> Fraction:
    return points_at(scheme, tops[criterion.id], inputs, NOTHING, bidder)


def parts_of(
    scheme: Scheme, inputs: Inputs, calculated: Calculated, passing: frozenset[str]
) -> dict[str, tuple[Part, ...]]:
    """Return each bidder's top criteria; those below a pass mark have only what members scored."""
    rounding = scheme.rounding
    found: dict[str, list[Part]] = {bidder: [] for bidder in sorted(inputs.valid)}
    for criterion in scheme.criteria:
        by_bidder = {
            bidder: marks(
                criterion,
                scheme.aggregate,
                _own_sheets(inputs, bidder),
                _calculated_for(calculated, bidder),
                rounding,
            )
            for bidder in found
            if bidder in passing or all_scored(criterion)
        }
        values = {bidder: one.value for bidder, one in by_bidder.items()}
        if criterion.normalise_centi and passing:
            going_on = {bidder: value for bidder, value in values.items() if bidder in passing}
            values |= share_of_highest(going_on, points(criterion.normalise_centi))
        for bidder, one in by_bidder.items():
            value = settled(values[bidder], rounding.part, rounding)
            weighted = settled(value * number(criterion.weight), rounding.weighted, rounding)
            found[bidder].append(Part(criterion=criterion, marks=one, value=value, weighted=weighted))
    return {bidder: tuple(own) for bidder, own in found.items()}


def points_at(scheme: Scheme, node: Node, inputs: Inputs, calculated: Calculated, bidder: str) -> Fraction:
    """Return one bidder's points for any node of the tree before its weight, rounded as its height is."""
    own = _calculated_for(calculated, bidder)
    aggregate = _inherited(scheme, node)
    found = marks(node.criterion, aggregate, _own_sheets(inputs, bidder), own, scheme.rounding)
    return found.value if node.above else settled(found.value, scheme.rounding.part, scheme.rounding)


def _own_sheets(inputs: Inputs, bidder: str) -> dict[str, Mapping[str, int]]:
    return {seat: sheet[bidder] for seat, sheet in inputs.sheets.items() if bidder in sheet}


def _inherited(scheme: Scheme, node: Node) -> Aggregate:
    for group in reversed(node.above):
        if group.aggregate is not None:
            return group.aggregate
    return scheme.aggregate


def _calculated_for(calculated: Calculated, bidder: str) -> dict[str, Fraction]:
    return {leaf: by_bidder[bidder] for leaf, by_bidder in calculated.points.items() if bidder in by_bidder}
