"""The product's result, put into the form in which the two are compared."""

from collections.abc import Callable

from msgspec import UNSET, UnsetType

from protocol.methods.evaluate import evaluate
from protocol.methods.evaluation import Evaluation, Inputs, PartPoints
from protocol.plan.plan import Plan
from tests.second_engine import marks
from tests.second_engine.outcome import Distance, Line, Outcome, Part, Refused
from tests.second_engine.tender import Tender, read

Engine = Callable[[Plan, str, Inputs], Outcome | Refused]


def product(plan: Plan, lot: str, inputs: Inputs) -> Outcome | Refused:
    """What `protocol.methods.evaluate` says of a lot."""
    found = evaluate(plan, lot, inputs)
    if isinstance(found, tuple):
        return Refused(tuple(sorted({one.code for one in found})))
    return _outcome(found, read(plan, lot, inputs))


def _outcome(found: Evaluation, tender: Tender) -> Outcome:
    lines = [
        Line(
            row.bidder, row.status, row.rank, row.tied, row.candidate, row.total, row.price,
            _given(row.evaluated_price),
            tuple(_part(tender, row.bidder, part) for part in row.parts),
        )
        for row in found.rows
    ]  # fmt: skip
    return Outcome(
        lines=tuple(sorted(lines)),
        mean_price=found.mean_price,
        base_price=found.base_price,
        draws=tuple(sorted(found.draws.items())),
        distances=tuple(
            sorted(
                Distance(one.criterion, one.seat, one.bidder, one.points, one.mean, one.percent, one.over)
                for one in found.deviations
            )
        ),
        mismatches=tuple(
            sorted((one.criterion, one.bidder, tuple(sorted(one.scores.items()))) for one in found.mismatches)
        ),
        blocked=found.blocked,
        low_prices=()
        if found.low_prices is UNSET
        else tuple((one.bidder, one.than, one.limit) for one in found.low_prices),
    )


def _given(text: str | UnsetType) -> str:
    """What a plan without the rule leaves out stands as a dash, so that it differs from what is empty."""
    return "-" if text is UNSET else text


def _part(tender: Tender, bidder: str, part: PartPoints) -> Part:
    dropped: tuple[str, ...] = ()
    if part.dropped:
        given = marks.totals(tender, tender.places[part.criterion], bidder)
        dropped = marks.told(given, part.dropped)
    items = tuple((item.criterion, item.points) for item in part.items)
    return Part(part.criterion, part.points, part.weighted, dropped, items)
