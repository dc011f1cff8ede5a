"""Evaluating one lot (一个标段的评审汇总): from sheets, prices and draws to the ranking.

Owns: the order of the working: points, pass marks, formulas, award rule, ties, and the checks that people
look at. Must not know: sessions, phases, who may see what. The result depends on nothing but the plan and
the inputs, and never on the order of members or bidders.

Sources: 12号令 28-36, 财政部令第87号 55, 57, 64; each formula cites its own.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from protocol.methods.abnormal_score import deviations
from protocol.methods.award import figure, tie_breaks
from protocol.methods.base_price import NoBasePrice
from protocol.methods.candidates import undecided
from protocol.methods.check_inputs import check_inputs, check_prices
from protocol.methods.evaluation import (
    ITEMS_TOLD_MAX,
    Evaluation,
    Inputs,
    ItemPoints,
    LowPrice,
    PartPoints,
    Row,
    StepText,
)
from protocol.methods.formula_points import Calculated, calculate
from protocol.methods.low_price_alert import low_prices
from protocol.methods.objective_items import mismatches
from protocol.methods.parts import NOTHING, Part, over_scored_pass_marks, parts_of, points_at
from protocol.methods.ranking import Place, rank
from protocol.methods.small_business import compared_price
from protocol.methods.sum_of_points import sum_of_points
from protocol.methods.technical_then_price import qualified
from protocol.methods.working import opening_steps, price_steps, rank_steps
from protocol.plan.findings import Finding, finding
from protocol.plan.formulas import TechnicalThenPrice
from protocol.plan.needs import draws_needed
from protocol.plan.numbers import number, points, rounded, shown
from protocol.plan.plan import Lot, Plan, Scheme
from protocol.plan.stages import all_scored, lot_of, nodes, scheme_of

Unranked = Literal["below_pass", "not_qualified"]


def evaluate(plan: Plan, lot: str, inputs: Inputs) -> Evaluation | tuple[Finding, ...]:
    """Evaluate one lot as a whole, all envelopes together.

    Args:
        plan: a plan that `validate_plan` finds no error in.
        lot: the lot's id.
        inputs: sheets, prices, quantities and draws of the lot.

    Returns:
        The evaluation, rows in order of rank; or the errors that keep it from being worked out, with
        pointers into the inputs.
    """
    worked = _work(plan, lot, inputs)
    return worked if isinstance(worked, tuple) else worked.evaluation


def explain(plan: Plan, lot: str, inputs: Inputs) -> tuple[StepText, ...]:
    """Say in words how a lot's evaluation was worked out; nothing where it cannot be.

    The words stand beside a tally and never within it, so that they may be mended without touching a record.
    """
    worked = _work(plan, lot, inputs)
    return () if isinstance(worked, tuple) else worked.steps


class _Worked(Struct, frozen=True):
    evaluation: Evaluation
    steps: tuple[StepText, ...]


def _work(plan: Plan, lot: str, inputs: Inputs) -> _Worked | tuple[Finding, ...]:
    faults = check_inputs(plan, lot, inputs)
    if faults:
        return faults
    scheme = scheme_of(plan, lot)
    passing = over_scored_pass_marks(scheme, inputs)
    looked_at = _whose_price(scheme, inputs, passing)
    faults = check_prices(plan, lot, inputs, looked_at)
    if faults:
        return faults
    try:
        calculated = calculate(scheme, lot_of(plan, lot), inputs, passing) if passing else NOTHING
    except NoBasePrice as missing:
        return (finding("RuleUnfit", "/prices", zh=missing.zh, en=str(missing)),)
    parts = parts_of(scheme, inputs, calculated, passing)
    standing = _standing(scheme, inputs, calculated, parts, passing)
    differing = mismatches(scheme, inputs)
    base = calculated.base
    evaluation = Evaluation(
        lot=lot,
        rows=_at_evaluated_prices(scheme, inputs, looked_at, _rows(plan, scheme, inputs, parts, standing)),
        mean_price=shown(base.mean, scheme.rounding.mean_price) if base else "",
        base_price=shown(base.base, scheme.rounding.base_price) if base else "",
        draws=_draws_told(scheme, inputs),
        deviations=deviations(scheme, inputs),
        mismatches=differing,
        blocked=bool(differing) and scheme.objective_mismatch == "block",
        low_prices=_low_prices(scheme, lot_of(plan, lot), inputs, looked_at),
    )
    tied_over = undecided(evaluation, plan.candidates_max)
    steps = (
        *opening_steps(scheme, inputs),
        *price_steps(scheme, inputs, sorted(looked_at)),
        *calculated.steps,
        *rank_steps(scheme, standing.places, tied_over, plan.candidates_max),
    )
    return _Worked(evaluation, steps)


def _draws_told(scheme: Scheme, inputs: Inputs) -> dict[str, str]:
    """What formulas use, and what was decided about equal bids."""
    decided = {rule.of for rule in scheme.ties if rule.by == "decided"}
    wanted = draws_needed(scheme).keys() | (decided & inputs.draws.keys())
    return {name: inputs.draws[name] for name in sorted(wanted)}


# --- prices -------------------------------------------------------------------------------------------------


def _whose_price(scheme: Scheme, inputs: Inputs, passing: frozenset[str]) -> frozenset[str]:
    """The bidders whose price is looked at: the envelope of one that is out already was never opened."""
    if not isinstance(scheme.award, TechnicalThenPrice) or not all(map(all_scored, scheme.criteria)):
        return passing
    parts = parts_of(scheme, inputs, NOTHING, passing)
    return _who_is_ranked(scheme, inputs, NOTHING, _technical(parts), passing)[0]


def _at_evaluated_prices(
    scheme: Scheme, inputs: Inputs, looked_at: frozenset[str], rows: tuple[Row, ...]
) -> tuple[Row, ...]:
    """The rows with the prices that count, where the plan deducts something from them."""
    rule = scheme.small_business
    if not rule or rule.on != "price":
        return rows
    known = {
        bidder: shown(compared_price(scheme, inputs, bidder), rule.rounding)
        for bidder in looked_at
        if inputs.prices.get(bidder)
    }
    return tuple(msgspec.structs.replace(row, evaluated_price=known.get(row.bidder, "")) for row in rows)


def _low_prices(
    scheme: Scheme, lot: Lot, inputs: Inputs, looked_at: frozenset[str]
) -> tuple[LowPrice, ...] | UnsetType:
    if not scheme.low_prices:
        return UNSET
    known = {bidder: number(inputs.prices[bidder]) for bidder in looked_at if inputs.prices.get(bidder)}
    return low_prices(scheme.low_prices, lot, known)


# --- who is ranked, and by what -----------------------------------------------------------------------------


class _Standing(Struct, frozen=True):
    """The ranked bidders' places and exact figures, and why the others are not ranked."""

    places: tuple[Place, ...]
    figures: dict[str, Fraction]
    status: dict[str, Unranked]


def _standing(
    scheme: Scheme,
    inputs: Inputs,
    calculated: Calculated,
    parts: Mapping[str, tuple[Part, ...]],
    passing: frozenset[str],
) -> _Standing:
    technical = _technical(parts)
    ranked, status = _who_is_ranked(scheme, inputs, calculated, technical, passing)
    figures: dict[str, Fraction] = {}
    for bidder in sorted(ranked):
        value = figure(scheme, inputs, bidder, technical[bidder])
        if value is None:
            status[bidder] = "below_pass"
        else:
            figures[bidder] = value
    compared = dict(figures)
    if scheme.rounding.rank_on == "rounded":
        compared = {bidder: rounded(value, scheme.rounding.total) for bidder, value in figures.items()}
    breaks = tie_breaks(scheme, inputs, _tie_points(scheme, inputs, calculated, ranked))
    return _Standing(places=rank(compared, scheme.wins, breaks), figures=figures, status=status)


def _technical(parts: Mapping[str, tuple[Part, ...]]) -> dict[str, Fraction]:
    return {bidder: sum_of_points(part.weighted for part in own) for bidder, own in parts.items()}


def _who_is_ranked(
    scheme: Scheme,
    inputs: Inputs,
    calculated: Calculated,
    technical: Mapping[str, Fraction],
    passing: frozenset[str],
) -> tuple[frozenset[str], dict[str, Unranked]]:
    """The bidders to rank, and why the others are not."""
    gates = [node for node in nodes(scheme) if node.criterion.pass_centi and not all_scored(node.criterion)]
    status: dict[str, Unranked] = {bidder: "below_pass" for bidder in inputs.valid if bidder not in passing}
    for bidder in sorted(passing):
        enough = technical[bidder] >= points(scheme.pass_centi) and all(
            points_at(scheme, gate, inputs, calculated, bidder) >= points(gate.criterion.pass_centi)
            for gate in gates
        )
        if not enough:
            status[bidder] = "below_pass"
    left = passing - status.keys()
    if isinstance(scheme.award, TechnicalThenPrice) and left:
        best = qualified({bidder: technical[bidder] for bidder in left}, scheme.award.qualify)
        for bidder in left - best:
            status[bidder] = "not_qualified"
        left = best
    return left, status


def _tie_points(
    scheme: Scheme, inputs: Inputs, calculated: Calculated, ranked: frozenset[str]
) -> dict[str, dict[str, Fraction]]:
    wanted = {rule.of for rule in scheme.ties if rule.by == "higher_points"}
    return {
        node.criterion.id: {bidder: points_at(scheme, node, inputs, calculated, bidder) for bidder in ranked}
        for node in nodes(scheme)
        if node.criterion.id in wanted
    }


# --- rows ---------------------------------------------------------------------------------------------------


def _rows(
    plan: Plan,
    scheme: Scheme,
    inputs: Inputs,
    parts: Mapping[str, tuple[Part, ...]],
    standing: _Standing,
) -> tuple[Row, ...]:
    """The ranked bidders, best first, then the others by their ids."""
    by_bidder = {place.bidder: place for place in standing.places}
    items = sum(len(part.marks.items) for own in parts.values() for part in own)
    items_told = items <= ITEMS_TOLD_MAX
    rows = []
    for bidder in (*by_bidder, *sorted(standing.status)):
        place = by_bidder.get(bidder)
        row = Row(
            bidder=bidder,
            status="ranked" if place else standing.status[bidder],
            rank=place.rank if place else 0,
            tied=place is not None and place.tied,
            candidate=place is not None and place.rank <= plan.candidates_max,
            total=shown(standing.figures[bidder], scheme.rounding.total) if place else "",
            price=inputs.prices.get(bidder, ""),
            parts=_part_points(scheme, parts[bidder], items_told=items_told),
        )
        rows.append(row)
    return tuple(rows)


def _part_points(scheme: Scheme, parts: tuple[Part, ...], *, items_told: bool) -> tuple[PartPoints, ...]:
    rounding = scheme.rounding
    return tuple(
        PartPoints(
            criterion=part.criterion.id,
            points=shown(part.value, rounding.part),
            weighted=shown(part.weighted, rounding.weighted),
            dropped=part.marks.dropped,
            items=tuple(
                ItemPoints(criterion=name, points=shown(value, rounding.item))
                for name, value in part.marks.items
                if items_told and part.criterion.children
            ),
        )
        for part in parts
    )
