"""Plans out of dice: every formula, award rule, rounding, trim, drop table, tie rule and pass mark.

A plan made here is one that `validate_plan` finds no error in (a test sees to it). Full marks are chosen
first and shared out below, so that they add up whatever the weights.
"""

import random
from typing import Literal

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from protocol.plan.formulas import (
    Aggregate,
    Award,
    Formula,
    LowestEvaluatedPrice,
    LowPriceFirst,
    PriceLessCredit,
    PriceOverTechnical,
    QuantityValue,
    Rounding,
    RoundingPlan,
    SumOfPoints,
    TechnicalOverPrice,
    TechnicalThenPrice,
    Trim,
)
from protocol.plan.plan import Criterion, Deviation, Envelope, Lot, Plan, Scheme, TieRule
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from protocol.plan.stages import full_marks
from tests.second_engine import formulas, trees

LIMIT = 1_000_000
"""The ceiling; prices are drawn around it."""

WHOLE = (Envelope(id="e1", zh="投标文件", kind="whole", order=1),)
TWO = (
    Envelope(id="e1", zh="第一信封", kind="technical", order=1),
    Envelope(id="e2", zh="第二信封", kind="price", order=2),
)


def plan(dice: random.Random, count: int) -> Plan:
    """A plan with one lot, for about so many bids."""
    award = _award(dice, count)
    tree = trees.criteria(dice, alone=isinstance(award, SumOfPoints))
    how = Aggregate(of=dice.choice(("totals", "totals", "items")), trim=trim(dice))
    tops = tuple(trees.fitting(one, how) for one in tree.criteria)
    envelopes: tuple[Envelope, ...] = WHOLE
    if dice.randrange(3) == 0:
        envelopes = _two(dice, tops)
        tops = tuple(replace(one, envelope="e2") if one.kind == "price" else one for one in tops)
    priced = [one.formula for one in trees.everything(tops) if one.kind == "price"]
    by_points = isinstance(award, SumOfPoints)
    uses_prices = bool(priced) or not by_points
    scheme = Scheme(
        id="s",
        envelopes=envelopes,
        criteria=tops,
        max_centi=tree.max_centi,
        award=award,
        wins=_wins(dice, award),
        aggregate=how,
        rounding=_rounding(dice),
        rates=formulas.rates(tops),
        ties=_ties(dice, tops),
        pass_centi=tree.max_centi * dice.choice((40, 50, 60, 70)) // 100 if dice.randrange(12) == 0 else 0,
        deviation=_deviation(dice, tops),
        objective_mismatch=dice.choice(("block", "note")),
        small_business=_small_business(dice, priced if by_points else []) if uses_prices else UNSET,
        low_prices=_low_prices(dice) if uses_prices else UNSET,
    )
    lot = Lot(
        id="1", zh="标段", scheme="s", currency="CNY", unit="元",
        price_ceiling=str(LIMIT), reference_price=str(LIMIT * 9 // 10),
    )  # fmt: skip
    return Plan(
        v=1, tender="t", title="例", regime=dice.choice(("TENDER", "GOV_PROC")), category="goods",
        lots=(lot,), schemes=(scheme,), candidates_max=dice.choice((1, 2, 3, 3, 3)),
    )  # fmt: skip


def trim(dice: random.Random) -> Trim | None:
    """Mostly none; one up and one down from five on; now and then something else."""
    kind = dice.randrange(8)
    if kind < 4:
        return None
    if kind < 6:
        return Trim(high=1, low=1)
    high, low = dice.randrange(3), dice.randrange(3)
    return Trim(high=high, low=low, members_min=high + low + dice.randrange(1, 5))


def _award(dice: random.Random, count: int) -> Award:
    kind = dice.randrange(20)
    if kind < 13:
        return SumOfPoints()
    if kind < 15:
        names = ("percent", "more")[: dice.randrange(3)]
        return LowestEvaluatedPrice(percents=names, amounts=("amount",) if dice.randrange(2) else ())
    if kind < 17:
        return TechnicalThenPrice(qualify=dice.randrange(1, count + 1))
    if kind == 17:
        return PriceOverTechnical(
            values=(QuantityValue(quantity="days", value=dice.choice(("0", "1000", "250.5", "-3"))),)
        )
    if kind == 18:
        return PriceLessCredit(credit_per_point=dice.choice(("0", "1000", "2500.25")))
    return TechnicalOverPrice(offset=dice.choice(("0", "50")), factor=dice.choice(("10000", "1", "0.5")))


def _wins(dice: random.Random, award: Award) -> Literal["highest", "lowest"]:
    if isinstance(award, SumOfPoints):
        return "lowest" if dice.randrange(15) == 0 else "highest"
    return "highest" if isinstance(award, TechnicalOverPrice) else "lowest"


def _rounding(dice: random.Random) -> RoundingPlan:
    def one(often: int) -> Rounding | None:
        if dice.randrange(often):
            return None
        return Rounding(
            mode="truncate" if dice.randrange(4) == 0 else "half_up",
            places=dice.choice((2, 2, 2, 2, 1, 0, 3, 4, 9)),
        )

    return RoundingPlan(
        total=one(1) or Rounding(mode="half_up", places=2),
        rank_on=dice.choice(("rounded", "rounded", "exact")),
        order=dice.choice(("round_then_sum", "round_then_sum", "sum_then_round")),
        item=one(3), part=one(3), weighted=one(4), mean_price=one(4), base_price=one(4), rate=one(3),
    )  # fmt: skip


def _ties(dice: random.Random, criteria: tuple[Criterion, ...]) -> tuple[TieRule, ...]:
    names = [one.id for one in trees.everything(criteria)]
    found = []
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        kind = dice.randrange(7)
        if kind < 3:
            found.append(TieRule(by="lower_price"))
        elif kind < 5 and names:
            found.append(TieRule(by="higher_points", of=dice.choice(names)))
        elif kind == 5:
            found.append(TieRule(by=dice.choice(("higher_quantity", "lower_quantity")), of="days"))
        else:
            found.append(TieRule(by="decided", of="order"))
    return tuple(found)


def _two(dice: random.Random, tops: tuple[Criterion, ...]) -> tuple[Envelope, ...]:
    """Two envelopes; now and then the first has a pass mark of its own, where members decide all of it."""
    if dice.randrange(2) or any(
        one.kind != "price" and (one.normalise_centi or not trees.of_members(one)) for one in tops
    ):
        return TWO
    share = sum(full_marks(one) for one in tops if one.kind != "price")
    return (replace(TWO[0], pass_centi=int(share * dice.choice((50, 60, 80, 90)))), TWO[1])


def _small_business(dice: random.Random, priced: list[Formula | None]) -> SmallBusiness | UnsetType:
    """On the price; now and then as points, which 财库〔2020〕46号 has only where 低价优先法 gives none."""
    if dice.randrange(6):
        return UNSET
    added = priced and not any(isinstance(formula, LowPriceFirst) for formula in priced)
    on: Literal["price", "points"] = "points" if added and dice.randrange(2) else "price"
    return SmallBusiness(
        quantity="small",
        percent=dice.choice(("10", "20", "3", "6")),
        consortium_percent=dice.choice(("", "4", "2.5")),
        on=on,
        capped=on == "points" and dice.randrange(2) == 0,
        rounding=None
        if on == "points"
        else dice.choice(
            (None, None, Rounding(mode="half_up", places=2), Rounding(mode="truncate", places=0))
        ),
    )


def _low_prices(dice: random.Random) -> tuple[LowPriceCheck, ...] | UnsetType:
    if dice.randrange(8):
        return UNSET
    thans: tuple[Literal["mean", "mean_of_others", "lowest_of_others", "ceiling", "reference"], ...] = (
        "mean",
        "mean_of_others",
        "lowest_of_others",
        "ceiling",
        "reference",
    )
    return tuple(
        LowPriceCheck(than=than, percent=dice.choice(("45", "50", "90", "100")))
        for than in dice.sample(thans, dice.randrange(1, 4))
    )


def _deviation(dice: random.Random, criteria: tuple[Criterion, ...]) -> Deviation | None:
    if dice.randrange(8):
        return None
    names = [one.id for one in trees.everything(criteria) if trees.has_scored(one)]
    if not names:
        return None
    return Deviation(
        threshold_percent=dice.choice(("0", "10", "20", "25", "30")),
        against=dice.choice(("others", "all")),
        of=tuple(dice.sample(names, dice.randrange(1, min(2, len(names)) + 1))),
        total=dice.choice((UNSET, UNSET, True)),
    )
