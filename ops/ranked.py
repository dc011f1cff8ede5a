"""A case ranked (案例排序): evaluated without what is expected, then held against it.

Owns: ranking a case lot by lot, bounds where a source leaves scores out, and the comparison with the
published result. Must not know: terminals, JSON, files.
"""

from fractions import Fraction

import msgspec
from msgspec import Struct

from protocol.methods.evaluate import evaluate, explain
from protocol.methods.evaluation import Evaluation, Inputs, Row, StepText
from protocol.methods.from_case import inputs_from
from protocol.plan.case import Case, ExpectedLot, without_expected
from protocol.plan.findings import Finding, finding
from protocol.plan.formulas import SumOfPoints
from protocol.plan.numbers import number
from protocol.plan.stages import nodes, scheme_of


class Bound(Struct, frozen=True):
    """A bidder whose total is only known to lie between two figures, so that its rank may be open."""

    bidder: str
    lower: str
    upper: str


class RankedLot(Struct, frozen=True):
    """One lot: the evaluation, the rows whose rank is certain, and bounds for the others."""

    lot: str
    evaluation: Evaluation
    steps: tuple[StepText, ...]
    rows: tuple[Row, ...]
    bounds: tuple[Bound, ...]
    matches_expected: bool | None
    differences: tuple[str, ...]


def rank_case(case: Case) -> tuple[RankedLot, ...] | tuple[Finding, ...]:
    """Rank every lot of a valid case; the methods get a copy without what is expected.

    Returns:
        The lots in the plan's order, or what keeps one from being ranked.
    """
    blind = without_expected(case)
    expected = {entry.lot: entry for entry in case.expected.lots} if case.expected else {}
    ranked: list[RankedLot] = []
    for lot in case.plan.lots:
        one = _rank_lot(blind, lot.id)
        if isinstance(one, tuple):
            return one
        if lot.id in expected:
            told = _differences(expected[lot.id], one)
            one = msgspec.structs.replace(one, matches_expected=not told, differences=told)
        ranked.append(one)
    return tuple(ranked)


def _rank_lot(case: Case, lot: str) -> RankedLot | tuple[Finding, ...]:
    inputs = inputs_from(case, lot)
    open_scores = [entry for entry in case.unknown if entry.lot == lot]
    if not open_scores:
        only = evaluate(case.plan, lot, inputs)
        if isinstance(only, tuple):
            return only
        return RankedLot(
            lot=lot,
            evaluation=only,
            steps=explain(case.plan, lot, inputs),
            rows=only.rows,
            bounds=(),
            matches_expected=None,
            differences=(),
        )
    scheme = scheme_of(case.plan, lot)
    passes = scheme.pass_centi or any(
        one.pass_centi or one.normalise_centi for one in (node.criterion for node in nodes(scheme))
    )
    passes = passes or any(envelope.pass_centi for envelope in scheme.envelopes)
    if passes or not isinstance(scheme.award, SumOfPoints) or scheme.wins != "highest":
        zh = "来源缺少评分,而该评标办法下一家的得分影响其他家,无法给出上下限"
        en = "scores are unknown, and under this scheme they bear on other bidders' points"
        return (finding("RuleUnfit", "/unknown", zh=zh, en=en),)
    low = evaluate(case.plan, lot, _filled(case, lot, inputs, most=False))
    high = evaluate(case.plan, lot, _filled(case, lot, inputs, most=True))
    if isinstance(low, tuple):
        return low
    if isinstance(high, tuple):
        return high
    return _bounded(lot, {entry.bidder for entry in open_scores}, low, high)


def _filled(case: Case, lot: str, inputs: Inputs, *, most: bool) -> Inputs:
    """The inputs with every unknown score at its lowest or its highest."""
    sheets = {
        seat: {bidder: dict(row) for bidder, row in sheet.items()} for seat, sheet in inputs.sheets.items()
    }
    for entry in case.unknown:
        if entry.lot == lot:
            for sheet in sheets.values():
                row = sheet.setdefault(entry.bidder, {})
                row.setdefault(entry.criterion, entry.at_most_centi if most else 0)
    return msgspec.structs.replace(inputs, sheets=sheets)


def _bounded(lot: str, unsure: set[str], low: Evaluation, high: Evaluation) -> RankedLot:
    """Keep the rows whose rank holds wherever the unknown scores lie between their bounds."""
    lowest = {row.bidder: number(row.total) for row in low.rows}
    highest = {row.bidder: number(row.total) for row in high.rows}
    certain: list[Row] = []
    for row in high.rows:
        if row.bidder in unsure:
            continue
        own = highest[row.bidder]
        above = [other for other in lowest if other != row.bidder and lowest[other] > own]
        below = [other for other in highest if other != row.bidder and highest[other] < own]
        if len(above) + len(below) == len(lowest) - 1:
            rank = len(above) + 1
            certain.append(msgspec.structs.replace(row, rank=rank, tied=False))
    texts = {row.bidder: row.total for row in low.rows}
    bounds = tuple(
        Bound(bidder=row.bidder, lower=texts[row.bidder], upper=row.total)
        for row in high.rows
        if row.bidder not in {sure.bidder for sure in certain}
    )
    return RankedLot(
        lot=lot,
        evaluation=high,
        steps=(),
        rows=tuple(sorted(certain, key=lambda row: row.rank)),
        bounds=bounds,
        matches_expected=None,
        differences=(),
    )


def _differences(expected: ExpectedLot, found: RankedLot) -> tuple[str, ...]:
    """Everything in which the ranking is not what is expected, in both languages."""
    told: list[str] = []
    order = tuple(row.bidder for row in found.rows if row.rank)
    if order != expected.ranking:
        told.append(
            f"排序应为 {'、'.join(expected.ranking)},实际为 {'、'.join(order)} / "
            f"expected order {', '.join(expected.ranking)}, found {', '.join(order)}"
        )
    if expected.winner and order[:1] != (expected.winner,):
        told.append(f"应中标 {expected.winner} / expected winner {expected.winner}")
    slack = number(expected.tolerance)
    totals = {row.bidder: row.total for row in found.rows}
    upper = {bound.bidder: bound.upper for bound in found.bounds}
    pairs = [(f"{name} 合计 total", wanted, totals.get(name, "")) for name, wanted in expected.totals.items()]
    pairs += [
        (f"{name} 上限 bound", wanted, upper.get(name, "")) for name, wanted in expected.upper_bounds.items()
    ]
    parts = {(row.bidder, part.criterion): part.points for row in found.rows for part in row.parts}
    pairs += [
        (f"{name} {criterion}", wanted, parts.get((name, criterion), ""))
        for name, by_criterion in expected.parts.items()
        for criterion, wanted in by_criterion.items()
    ]
    for label, wanted, given in (
        ("平均价 mean price", expected.mean_price, found.evaluation.mean_price),
        ("评标基准价 base price", expected.base_price, found.evaluation.base_price),
    ):
        if wanted:
            pairs.append((label, wanted, given))
    told += [
        f"{label}:应为 expected {wanted},实际 found {given or '—'}"
        for label, wanted, given in pairs
        if not given or not _near(wanted, given, slack)
    ]
    return tuple(told)


def _near(wanted: str, given: str, slack: Fraction) -> bool:
    return abs(number(wanted) - number(given)) <= slack
