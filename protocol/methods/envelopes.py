"""Envelopes one after the other (双信封): what a lot's first envelopes come to, and who goes on.

Owns: the plan of the envelopes opened so far, and the choice of those whose next one is opened. Must not
know: phases. The lot's own result is that of its last envelope, by the whole plan.

Sources: 公路工程标准施工招标文件 (2018), 双信封形式, 技术评分最低标价法; SPEC 11.1 (steps 4, 8), 17.6.
"""

from msgspec import UNSET
from msgspec.structs import replace

from protocol.methods.evaluation import Evaluation
from protocol.plan.formulas import SumOfPoints, TechnicalThenPrice
from protocol.plan.plan import Criterion, Deviation, Plan, Scheme
from protocol.plan.stages import nodes, scheme_of


def up_to(plan: Plan, lot: str, envelope: str) -> Plan:
    """The plan of a lot's envelopes up to one of them: their criteria alone, by points, highest first.

    Prices, rates, ties and what is told of prices belong to the last envelope; ranks are by exact points.

    Raises:
      KeyError: the plan has no such lot.
    """
    whole = scheme_of(plan, lot)
    by_order = sorted(whole.envelopes, key=lambda one: one.order)
    place = [one.id for one in by_order].index(envelope)
    kept = {one.id for one in by_order[: place + 1]}
    first = by_order[0].id
    trees = [_kept(criterion, first, kept) for criterion in whole.criteria]
    criteria = tuple(criterion for criterion in trees if criterion is not None)
    gated = isinstance(whole.award, TechnicalThenPrice)
    scheme = replace(
        whole,
        envelopes=tuple(by_order[: place + 1]),
        criteria=criteria,
        award=SumOfPoints(),
        wins="highest",
        rates=(),
        ties=(),
        pass_centi=whole.pass_centi if gated else 0,
        rounding=replace(whole.rounding, rank_on="exact"),
        small_business=UNSET,
        low_prices=UNSET,
    )
    scheme = replace(scheme, deviation=_named(whole.deviation, scheme))
    return replace(plan, schemes=tuple(scheme if one.id == whole.id else one for one in plan.schemes))


def passing(plan: Plan, lot: str, result: Evaluation) -> frozenset[str]:
    """The bidders whose next envelope is opened, by the evaluation of the envelopes so far.

    Whoever is ranked; under 技术评分最低标价法 the best `qualify` of them, and who equals the last.
    """
    award = scheme_of(plan, lot).award
    last = award.qualify if isinstance(award, TechnicalThenPrice) else len(result.rows)
    return frozenset(row.bidder for row in result.rows if row.status == "ranked" and row.rank <= last)


def _kept(criterion: Criterion, inherited: str, kept: set[str]) -> Criterion | None:
    here = criterion.envelope or inherited
    if not criterion.children:
        return replace(criterion, envelope=here) if here in kept else None
    trees = [_kept(child, here, kept) for child in criterion.children]
    children = tuple(child for child in trees if child is not None)
    return replace(criterion, envelope=here, children=children) if children else None


def _named(deviation: Deviation | None, scheme: Scheme) -> Deviation | None:
    """The check of distances, for those of its criteria that are left."""
    if deviation is None:
        return None
    left = {node.criterion.id for node in nodes(scheme)}
    return replace(deviation, of=tuple(name for name in deviation.of if name in left))
