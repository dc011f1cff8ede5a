"""中标候选人: one to three in order, and who shares a rank across the border.

Owns: which bidders are candidates, and which of them make more than the plan allows. Must not know: how
people decide between them.

Sources: 实施条例 53, 12号令 45 (不超过三个,并标明排序), from memory; 财政部令第87号 68
(并列的,按招标文件规定的方式确定; 未规定的,随机抽取), from memory.
"""

from protocol.methods.evaluation import Evaluation


def undecided(evaluation: Evaluation, candidates_max: int) -> tuple[str, ...]:
    """Return the candidates that share the last rank, where all candidates together are too many.

    Somebody has to choose among these before there are candidates; the others are sure.

    Args:
        evaluation: a lot's evaluation.
        candidates_max: the plan's greatest number of candidates.

    >>> from protocol.methods.evaluation import Row
    >>> rows = tuple(
    ...     Row(
    ...         bidder=bidder,
    ...         status="ranked",
    ...         rank=rank,
    ...         tied=rank == 2,
    ...         candidate=True,
    ...         total="90",
    ...         price="",
    ...         parts=(),
    ...     )
    ...     for bidder, rank in (("b1", 1), ("b2", 2), ("b3", 2), ("b4", 2))
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
    >>> undecided(found, 3), undecided(found, 4)
    (('b2', 'b3', 'b4'), ())
    """
    chosen = [row for row in evaluation.rows if row.candidate]
    if len(chosen) <= candidates_max:
        return ()
    last = max(row.rank for row in chosen)
    return tuple(row.bidder for row in chosen if row.rank == last)
