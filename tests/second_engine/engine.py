"""The second engine: a lot's whole evaluation in plain fractions, written without sight of the first.

From the law (12号令 29-36, 87号令 55-57, 64), the standard tender documents, the schema's words and SPEC 11.1
alone. It takes nothing from `protocol/methods` but the form of the inputs.
"""

from protocol.methods.evaluation import ITEMS_TOLD_MAX, Inputs
from protocol.plan.plan import Criterion, Plan
from tests.second_engine import awards, exact, faults, policy
from tests.second_engine.criteria import Criteria
from tests.second_engine.distances import distances, mismatches
from tests.second_engine.outcome import Line, Outcome, Part, Refused
from tests.second_engine.places import places
from tests.second_engine.prices import NoBasePrice
from tests.second_engine.tender import Tender, read


def evaluated(plan: Plan, lot: str, inputs: Inputs) -> Outcome | Refused:
    """The result for one lot, or the codes of what forbids one."""
    tender = read(plan, lot, inputs)
    wrong = faults.before(tender)
    if wrong:
        return Refused(tuple(sorted(wrong)))
    try:
        criteria = Criteria(tender)
    except NoBasePrice:
        return Refused(("RuleUnfit",))
    if criteria.wrong:
        return Refused(tuple(sorted(criteria.wrong)))
    return _outcome(tender, criteria)


def _outcome(tender: Tender, criteria: Criteria) -> Outcome:
    rounding = tender.scheme.rounding
    figures = {bidder: awards.figure(tender, bidder, own) for bidder, own in criteria.ranked.items()}
    ranked_on = None if rounding.rank_on == "exact" else rounding.total
    place = places(tender, criteria, {one: exact.rounded(own, ranked_on) for one, own in figures.items()})
    lines = []
    for bidder in tender.bidders:
        rank, tied = place.get(bidder, (0, False))
        stopped = "not_qualified" if bidder in criteria.not_qualified else "below_pass"
        lines.append(
            Line(
                bidder=bidder,
                status="ranked" if bidder in place else stopped,
                rank=rank,
                tied=tied,
                candidate=0 < rank <= tender.plan.candidates_max,
                total=exact.written(figures[bidder], rounding.total) if bidder in figures else "",
                price=tender.inputs.prices.get(bidder, ""),
                evaluated_price=policy.told_price(tender, bidder, criteria.looked_at),
                parts=_parts(tender, criteria, bidder),
            )
        )
    found = mismatches(tender)
    based = bool(tender.base_prices)
    asked = {*faults.draws_asked(tender), *(rule.of for rule in tender.scheme.ties if rule.by == "decided")}
    return Outcome(
        lines=tuple(lines),
        mean_price=_shown(tender, criteria, "mean_price") if based else "",
        base_price=_shown(tender, criteria, "base_price") if based else "",
        draws=tuple(sorted((name, given) for name, given in tender.inputs.draws.items() if name in asked)),
        distances=distances(tender),
        mismatches=found,
        blocked=bool(found) and tender.scheme.objective_mismatch == "block",
        low_prices=policy.low_prices(tender, criteria.looked_at),
    )


def _shown(tender: Tender, criteria: Criteria, name: str) -> str:
    value = getattr(criteria, name)
    return "" if value is None else exact.written(value, getattr(tender.scheme.rounding, name))


def _parts(tender: Tender, criteria: Criteria, bidder: str) -> tuple[Part, ...]:
    """Every top criterion that there are points of: for a bid that was stopped, those that members gave."""
    alone = {top.id: _alone(tender, top) for top in tender.scheme.criteria}
    told = len(tender.bidders) * sum(len(names) for names in alone.values()) <= ITEMS_TOLD_MAX
    return tuple(
        _part(tender, criteria, top, bidder, alone[top.id] if told else ())
        for top in tender.scheme.criteria
        if bidder in criteria.going or tender.places[top.id].of_members
    )


def _alone(tender: Tender, node: Criterion) -> tuple[str, ...]:
    """The leaves below a criterion that are worked out or aggregated one by one; a top leaf is its part."""
    place = tender.places[node.id]
    if not node.children:
        own = not place.top and (node.formula is not None or place.how.of == "items")
        return (node.id,) if own else ()
    if place.of_members and place.how.of == "totals":
        return ()
    return tuple(name for child in node.children for name in _alone(tender, child))


def _part(tender: Tender, criteria: Criteria, top: Criterion, bidder: str, names: tuple[str, ...]) -> Part:
    rounding = tender.scheme.rounding
    weighted = criteria.part(top, bidder) * exact.of(top.weight)
    return Part(
        criterion=top.id,
        points=exact.written(criteria.normalised(top, bidder), rounding.part),
        weighted=exact.written(weighted, rounding.weighted),
        dropped=criteria.dropped.get((top.id, bidder), ()),
        items=tuple(
            (name, exact.written(criteria.exactly(tender.places[name], bidder), rounding.item))
            for name in names
        ),
    )
