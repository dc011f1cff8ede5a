"""双信封: the pass mark of the first envelope, which decides whose price envelope is opened at all.

Owns: one bidder's points over the criteria of an envelope, and the comparison with its mark. Must not know:
who opens what, or prices.

Source: 公路工程标准施工招标文件 (2018), 双信封形式, from memory: the first envelope (商务及技术文件) is
opened and reviewed, the second (报价文件) only of those who pass.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from protocol.plan.formulas import RoundingPlan
from protocol.plan.numbers import number, points, settled, total
from protocol.plan.plan import Criterion, Envelope


def reaches_marks(
    envelopes: Iterable[Envelope],
    tops: Iterable[tuple[Criterion, str]],
    points_of: Callable[[Criterion], Fraction],
    rounding: RoundingPlan,
) -> bool:
    """Tell whether a bidder has the points that every envelope asks for; one just at the mark has.

    Args:
        envelopes: the scheme's envelopes.
        tops: the top criteria with the id of the envelope that each belongs to.
        points_of: the bidder's points for a top criterion, before its weight.
        rounding: where the plan rounds; only `weighted` and `order` matter here.

    Commercial 8 and technical 30.5 of 50 stay under a mark of 40, however low the price is:

    >>> from protocol.plan.formulas import Rounding
    >>> first = Envelope(id="1", zh="第一信封", kind="technical", order=1, pass_centi=4000)
    >>> business = Criterion(id="A", zh="商务", kind="subjective", max_centi=1000)
    >>> technical = Criterion(id="B", zh="技术", kind="subjective", max_centi=4000)
    >>> given = {"A": Fraction(8), "B": Fraction("30.5")}
    >>> exact = RoundingPlan(total=Rounding(mode="half_up", places=2))
    >>> tops = [(business, "1"), (technical, "1")]
    >>> reaches_marks([first], tops, lambda top: given[top.id], exact)
    False
    """
    every = tuple(tops)
    return all(
        total(
            settled(points_of(top) * number(top.weight), rounding.weighted, rounding)
            for top, inside in every
            if inside == envelope.id
        )
        >= points(envelope.pass_centi)
        for envelope in envelopes
        if envelope.pass_centi
    )
