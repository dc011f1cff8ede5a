"""Bids, sheets and draws out of dice, with a liking for edges.

Prices: equal ones, on the ceiling, on the bound of what counts, a whole or half percent off each other, with
cents. Points: equal across members or bidders, at nothing and at full marks, a step apart.
"""

import random
from fractions import Fraction

from protocol.methods.evaluation import Inputs
from protocol.plan.formulas import BasePriceDeviation
from protocol.plan.plan import Criterion, Plan
from tests.second_engine import plans, trees
from tests.second_engine.formulas import RATES

FEW, MANY = (3, 3, 3, 3, 4, 4, 5, 6, 7), (8, 10, 12)
SEATS = (5, 5, 5, 5, 5, 5, 7, 7, 6, 8, 9)
EXTREME = (
    "999999999999999999.999999999",
    "0.000000001",
    "123456789012345678",
    "1.000000001",
    "333333.333333333",
)
"""Prices at the bounds of the schema."""


def how_many(dice: random.Random) -> int:
    """How many bids: 3 to 12, few more often than many."""
    return dice.choice(MANY if dice.randrange(20) == 0 else FEW)


def inputs(dice: random.Random, plan: Plan, count: int) -> Inputs:
    """What came in for the plan's lot."""
    scheme = plan.schemes[0]
    bidders = tuple(f"b{place}" for place in range(1, count + 1))
    scored = [one for one in trees.everything(scheme.criteria) if one.kind in ("subjective", "objective")]
    seats = [f"s{place}" for place in range(1, dice.choice(SEATS) + 1)] if scored else []
    return Inputs(
        valid=bidders,
        prices=dict(zip(bidders, _prices(dice, count), strict=True)),
        quantities={bidder: _quantities(dice) for bidder in bidders},
        sheets=_sheets(dice, scored, seats, bidders),
        draws=_draws(dice, scheme.criteria, bidders),
    )


# --- prices and quantities ----------------------------------------------------------------------------------


def _prices(dice: random.Random, count: int) -> list[str]:
    limit = plans.LIMIT
    kind = dice.randrange(8)
    if dice.randrange(30) == 0:
        return [dice.choice(EXTREME) for _ in range(count)]
    if kind == 0:
        return [str(limit * dice.choice((9, 8, 10)) // 10)] * count
    if kind == 1:
        # Around one price by whole, half and odd parts of a percent.
        middle = limit * 9 // 10
        return [
            _text(middle * (20_000 + dice.choice((0, 100, -100, 200, 300, -400, 1, -1, 150))), 20_000)
            for _ in range(count)
        ]
    if kind == 2:
        return [
            dice.choice((str(limit), str(limit * 85 // 100), str(limit * 9 // 10), "950000.00"))
            for _ in range(count)
        ]
    if kind == 3:
        return [_text(dice.randrange(limit * 70, limit * 100 + 1), 100) for _ in range(count)]
    if kind == 4:
        return [str(dice.randrange(1, 12)) for _ in range(count)]
    low = limit * dice.choice((80, 90, 95)) // 100
    return [str(dice.randrange(low, limit + 1, 1_000)) for _ in range(count)]


def _text(above: int, below: int) -> str:
    """A quotient as decimal text; the denominators used here end within nine places."""
    units, rest = divmod(above * 10**6, below)
    assert rest == 0
    text = f"{units // 10**6}.{units % 10**6:06d}"
    return text.rstrip("0").rstrip(".")


def _quantities(dice: random.Random) -> dict[str, str]:
    return {
        "days": dice.choice(("100", "120", "120", "150", "99.5", "3", "365")),
        "percent": dice.choice(("0", "1.5", "-2", "0.25")),
        "more": dice.choice(("0", "3", "0.001")),
        "amount": dice.choice(("0", "-500", "12345.67", "1000000")),
    } | dice.choice(({}, {"small": "100"}, {"small": dice.choice(("0", "29.99", "30", "99.9"))}))


# --- sheets -------------------------------------------------------------------------------------------------


def _sheets(
    dice: random.Random, scored: list[Criterion], seats: list[str], bidders: tuple[str, ...]
) -> dict[str, dict[str, dict[str, int]]]:
    """Members agree on objective items most often; bidders are alike in one tender of three."""
    middles = {bidder: Fraction(dice.choice((0, 50, 60, 70, 80, 90, 100)), 100) for bidder in bidders}
    kind = dice.randrange(6)
    if kind < 2:
        middles = dict.fromkeys(bidders, Fraction(dice.choice((60, 80, 90)), 100))
    wide = dice.choice((0, 1, 2, 5, 30))
    agree = dice.randrange(6) > 0
    sheets: dict[str, dict[str, dict[str, int]]] = {seat: {} for seat in seats}
    for bidder in bidders:
        near = [(leaf, int(leaf.max_centi // leaf.step_centi * middles[bidder])) for leaf in scored]
        if kind == 5:
            near = [(leaf, dice.randrange(leaf.max_centi // leaf.step_centi + 1)) for leaf in scored]
        for seat in seats:
            sheets[seat][bidder] = {
                leaf.id: _mark(dice, leaf, steps, 0 if agree and leaf.kind == "objective" else wide)
                for leaf, steps in near
            }
    return sheets


def _mark(dice: random.Random, leaf: Criterion, steps: int, wide: int) -> int:
    if wide:
        steps += int((dice.random() * 2 - 1) * (wide + 0.999))
    return min(max(steps, 0), leaf.max_centi // leaf.step_centi) * leaf.step_centi


# --- draws --------------------------------------------------------------------------------------------------


def _draws(dice: random.Random, criteria: tuple[Criterion, ...], bidders: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in trees.everything(criteria):
        if isinstance(one.formula, BasePriceDeviation):
            for term in one.formula.terms:
                if term.draw:
                    found[term.draw] = dice.choice(bidders)
                for factor in term.factors:
                    if RATES[factor.rate].candidates:
                        found[factor.rate] = dice.choice(RATES[factor.rate].candidates)
    kind = dice.randrange(4)
    if kind < 2:
        order = dice.sample(bidders, len(bidders) if kind else dice.randrange(1, len(bidders) + 1))
        found["order"] = " ".join(order)
    return found
