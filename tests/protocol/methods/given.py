"""Small plans and inputs for the tests of the methods."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs
from protocol.plan.findings import Finding
from protocol.plan.plan import Plan
from protocol.plan.validate import validate_plan

TWO = {"mode": "half_up", "places": 2}


def leaf(name: str, max_centi: int, kind: str = "subjective", **more: Any) -> dict[str, Any]:
    return {"id": name, "zh": name, "kind": kind, "max_centi": max_centi, **more}


def group(name: str, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    total = sum(child["max_centi"] for child in children)
    return {"id": name, "zh": name, "kind": "group", "max_centi": total, "children": list(children), **more}


def plan_of(
    *criteria: dict[str, Any], lot: Mapping[str, Any] | None = None, category: str = "works", **scheme: Any
) -> Plan:
    """A plan of one lot whose full marks are the sum of its criteria, unless `scheme` says otherwise."""
    value = {
        "v": 1,
        "tender": "t",
        "title": "t",
        "regime": "TENDER",
        "category": category,
        "lots": [{"id": "1", "zh": "标段", "scheme": "s", "currency": "CNY", "unit": "万元", **(lot or {})}],
        "schemes": [
            {
                "id": "s",
                "envelopes": [{"id": "1", "zh": "信封", "kind": "whole", "order": 1}],
                "criteria": list(criteria),
                "max_centi": sum(one["max_centi"] for one in criteria),
                "award": {"type": "sum_of_points"},
                "wins": "highest",
                "aggregate": {"of": "totals"},
                "rounding": {"total": TWO},
                **scheme,
            }
        ],
    }
    plan = msgspec.json.decode(json.dumps(value).encode(), type=Plan)
    assert validate_plan(plan) == (), validate_plan(plan)
    return plan


def inputs_of(
    prices: Mapping[str, str] | None = None,
    sheets: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
    valid: Sequence[str] = (),
    **more: Any,
) -> Inputs:
    """Inputs whose valid bidders are those with a price, or those of the first sheet, unless given."""
    given = {seat: {who: dict(row) for who, row in sheet.items()} for seat, sheet in (sheets or {}).items()}
    known = tuple(valid) or tuple(prices or ()) or tuple(next(iter(given.values()), {}))
    return Inputs(
        valid=known,
        prices=dict(prices or {}),
        quantities=more.get("quantities", {}),
        sheets=given,
        draws=more.get("draws", {}),
    )


def ranked(plan: Plan, inputs: Inputs) -> Evaluation:
    result = evaluate(plan, "1", inputs)
    assert isinstance(result, Evaluation), result
    return result


def refused(plan: Plan, inputs: Inputs, lot: str = "1") -> tuple[Finding, ...]:
    result = evaluate(plan, lot, inputs)
    assert isinstance(result, tuple), result
    return result


def order(result: Evaluation) -> list[tuple[str, int, str]]:
    """(bidder, rank, total) of the ranked rows."""
    return [(row.bidder, row.rank, row.total) for row in result.rows if row.rank]


def totals_of(result: Evaluation) -> dict[str, str]:
    return {bidder: total for bidder, _, total in order(result)}
