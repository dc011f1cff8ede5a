"""The smallest tender that still shows a difference: whatever can be left out is left out.

Owns what may be left out and how the rest is written for people. A candidate's plan must have no error.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import NODEFAULT, UNSET, Struct
from msgspec.structs import fields, replace

from protocol.methods.evaluation import Inputs
from protocol.plan.findings import errors_among
from protocol.plan.formulas import Aggregate, BasePriceDeviation
from protocol.plan.plan import Criterion, Scheme
from protocol.plan.stages import full_marks
from protocol.plan.validate import validate_plan
from tests.second_engine.generated import Generated

ROUNDS_MAX = 200
"""A difference is shown as it is by then."""


def smallest(tender: Generated, differs: Callable[[Generated], bool]) -> Generated:
    """Leave things out one after another as long as the engines still differ."""
    for _ in range(ROUNDS_MAX):
        found = next((one for one in _smaller(tender) if differs(one)), None)
        if found is None:
            break
        tender = found
    return tender


def text(tender: Generated) -> str:
    """The tender as JSON, one line for the plan and one for the inputs, without what is at its default."""
    return "\n".join(msgspec.json.encode(_plain(one)).decode() for one in tender)


def _smaller(tender: Generated) -> Iterator[Generated]:
    plan, inputs = tender
    yield from (Generated(plan, one) for one in _fewer(inputs))
    for scheme in _simpler(plan.schemes[0]):
        simpler = replace(plan, schemes=(scheme,))
        if not errors_among(validate_plan(simpler)):
            yield Generated(simpler, _fitting(scheme, inputs))
    yield from (Generated(plan, one) for one in _rounder(inputs))


def _fewer(inputs: Inputs) -> Iterator[Inputs]:
    """Without a bidder, without a member, without an order."""
    for gone in inputs.valid if len(inputs.valid) > 1 else ():
        if gone not in inputs.draws.values():
            yield replace(
                inputs,
                valid=tuple(one for one in inputs.valid if one != gone),
                prices={one: price for one, price in inputs.prices.items() if one != gone},
                quantities={one: given for one, given in inputs.quantities.items() if one != gone},
                sheets={
                    seat: {one: row for one, row in sheet.items() if one != gone}
                    for seat, sheet in inputs.sheets.items()
                },
                draws={
                    name: " ".join(one for one in given.split() if one != gone) or given
                    for name, given in inputs.draws.items()
                },
            )
    for gone in inputs.sheets if len(inputs.sheets) > 1 else ():
        yield replace(inputs, sheets={one: sheet for one, sheet in inputs.sheets.items() if one != gone})
    for gone in inputs.draws:
        yield replace(inputs, draws={one: given for one, given in inputs.draws.items() if one != gone})


def _rounder(inputs: Inputs) -> Iterator[Inputs]:
    """With one price or one row of points like the first bidder's."""
    for bidder in inputs.valid[1:]:
        first = inputs.valid[0]
        if inputs.prices.get(bidder) != inputs.prices.get(first) and first in inputs.prices:
            yield replace(inputs, prices={**inputs.prices, bidder: inputs.prices[first]})
        for seat, sheet in inputs.sheets.items():
            if first in sheet and sheet.get(bidder) != sheet[first]:
                yield replace(inputs, sheets={**inputs.sheets, seat: {**sheet, bidder: sheet[first]}})


def _simpler(scheme: Scheme) -> Iterator[Scheme]:
    rounding = scheme.rounding
    for name in ("item", "part", "weighted", "mean_price", "base_price", "rate"):
        if getattr(rounding, name) is not None:
            yield replace(scheme, rounding=replace(rounding, **{name: None}))
    plain: dict[str, Any] = {"deviation": None, "small_business": UNSET, "low_prices": UNSET, "pass_centi": 0}
    for name, value in plain.items():
        if getattr(scheme, name) != value:
            yield replace(scheme, **{name: value})
    if scheme.aggregate.trim is not None:
        yield replace(scheme, aggregate=Aggregate(of=scheme.aggregate.of))
    for at in range(len(scheme.ties)):
        yield replace(scheme, ties=scheme.ties[:at] + scheme.ties[at + 1 :])
    if len(scheme.envelopes) > 1:
        whole = (replace(scheme.envelopes[0], pass_centi=UNSET),)
        tops = tuple(replace(one, envelope="") for one in scheme.criteria)
        yield replace(scheme, envelopes=whole, criteria=tops)
    for at, top in enumerate(scheme.criteria):
        rest = scheme.criteria[:at] + scheme.criteria[at + 1 :]
        yield replace(scheme, criteria=rest, max_centi=scheme.max_centi - int(full_marks(top) * 100))
        for other in _simpler_criterion(top):
            yield replace(scheme, criteria=(*scheme.criteria[:at], other, *scheme.criteria[at + 1 :]))


def _simpler_criterion(node: Criterion) -> Iterator[Criterion]:
    for name, value in (("pass_centi", 0), ("aggregate", None), ("normalise_centi", 0)):
        if getattr(node, name) != value:
            yield replace(node, **{name: value})
    formula = node.formula
    if isinstance(formula, BasePriceDeviation):
        blank = BasePriceDeviation(terms=formula.terms, e_above=formula.e_above, e_below=formula.e_below)
        for one in fields(formula):
            value = getattr(blank, one.name)
            if getattr(formula, one.name) != value:
                yield replace(node, formula=replace(formula, **{one.name: value}))
    if len(node.children) == 1:
        yield replace(node.children[0], id=node.id, weight=node.weight, max_centi=node.max_centi)
    for at, child in enumerate(node.children):
        for other in _simpler_criterion(child):
            yield replace(node, children=(*node.children[:at], other, *node.children[at + 1 :]))


def _fitting(scheme: Scheme, inputs: Inputs) -> Inputs:
    """The sheets without points of what is no longer asked."""
    asked = set(_leaves(scheme.criteria))
    sheets = {
        seat: {
            bidder: {name: points for name, points in row.items() if name in asked}
            for bidder, row in sheet.items()
        }
        for seat, sheet in inputs.sheets.items()
    }
    return replace(inputs, sheets=sheets if asked else {})


def _leaves(criteria: tuple[Criterion, ...]) -> Iterator[str]:
    for one in criteria:
        if one.kind in ("subjective", "objective"):
            yield one.id
        yield from _leaves(one.children)


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        found = {
            one.encode_name: _plain(getattr(value, one.name)) for one in fields(value) if _told(value, one)
        }
        tag = value.__struct_config__.tag
        return {"type": tag, **found} if tag else found
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _told(value: Struct, field: Any) -> bool:
    own = getattr(value, field.name)
    return own is not UNSET and (field.default is NODEFAULT or own != field.default)
