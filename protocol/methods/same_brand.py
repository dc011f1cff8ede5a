"""同品牌投标人: bids whose core product is of one brand count as one, and one of them alone is a candidate.

Owns: who of a brand may be a candidate, after everything is worked out. Must not know: how brands are found.

Sources: 财政部令第87号 31 (综合评分法: of one brand the best alone is recommended, the others are no
candidates; 最低评标价法: the lowest price alone takes part, which by rank comes to the same candidates), from
memory.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from protocol.methods.evaluation import Evaluation, Row


def one_of_a_brand(
    evaluation: Evaluation, brands: Iterable[tuple[str, ...]], candidates_max: int
) -> Evaluation:
    """Return the evaluation with the candidates that the brands leave; ranks and points stay.

    Args:
        evaluation: a lot's evaluation.
        brands: groups of bidders of one brand.
        candidates_max: the plan's greatest number of candidates.

    >>> from protocol.methods.evaluation import Row
    >>> rows = tuple(
    ...     Row(
    ...         bidder=bidder,
    ...         status="ranked",
    ...         rank=rank,
    ...         tied=False,
    ...         candidate=rank <= 2,
    ...         total="90",
    ...         price="",
    ...         parts=(),
    ...     )
    ...     for bidder, rank in (("b1", 1), ("b2", 2), ("b3", 3))
    ... )
    >>> found = Evaluation(
    ...     lot="1",
    ...     rows=rows,
    ...     mean_price="",
    ...     base_price="",
    ...     draws={},
    ...     deviations=(),
    ...     mismatches=(),
    ...     blocked=False,
    ... )
    >>> [row.bidder for row in one_of_a_brand(found, [("b2", "b1")], 2).rows if row.candidate]
    ['b1', 'b3']
    """
    groups = tuple(brands)
    if not groups:
        return evaluation
    ranked = [row for row in evaluation.rows if row.status == "ranked"]
    kept = [row for row in ranked if row.bidder not in _worse(ranked, groups)]
    # Whoever has fewer than so many better ones of other brands before it.
    chosen = {row.bidder for row in kept if sum(one.rank < row.rank for one in kept) < candidates_max}
    rows = tuple(replace(row, candidate=row.bidder in chosen) for row in evaluation.rows)
    return replace(evaluation, rows=rows)


def torn(evaluation: Evaluation, brands: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return candidates of one brand that are equal: somebody has to say which of them it is."""
    found: list[str] = []
    for group in brands:
        equal = [row.bidder for row in evaluation.rows if row.candidate and row.bidder in group]
        found += equal if len(equal) > 1 else []
    return tuple(found)


def _worse(ranked: list[Row], groups: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    """Bidders of a brand that has a better one."""
    out = set()
    for group in groups:
        mine = [row for row in ranked if row.bidder in group]
        best = min((row.rank for row in mine), default=0)
        out |= {row.bidder for row in mine if row.rank > best}
    return frozenset(out)
