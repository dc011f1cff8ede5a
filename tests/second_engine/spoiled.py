"""Inputs with one fault, which both engines must refuse by the same code (or take, where it is none)."""

import random
from typing import Any

import msgspec
from msgspec.structs import replace

from protocol.methods.evaluation import Inputs
from protocol.plan.plan import Plan


def spoiled(dice: random.Random, plan: Plan, inputs: Inputs) -> Inputs:
    """The inputs with one thing wrong."""
    found: dict[str, Any] = msgspec.to_builtins(inputs)
    bidder = dice.choice(inputs.valid)
    kind = dice.randrange(15)
    if kind == 0:
        return replace(inputs, valid=())
    if kind == 1:
        return replace(inputs, prices={one: text for one, text in inputs.prices.items() if one != bidder})
    if kind == 2:
        found["prices"][bidder] = dice.choice(("", "0", "0.00"))
    elif kind == 3:
        found["quantities"][bidder].pop(dice.choice(("days", "percent", "amount")))
    elif kind == 4:
        found["quantities"][bidder]["days"] = dice.choice(("0", "-5"))
    elif kind == 13 and "order" in inputs.draws:
        found["draws"]["order"] = dice.choice(("b1 b1", "b1 b99", "", "b2"))
    elif kind == 14:
        found["quantities"][bidder]["small"] = dice.choice(("-1", "100.01", "0", "100"))
    elif kind == 5 and inputs.draws:
        found["draws"].pop(dice.choice(sorted(inputs.draws)))
    elif kind == 6 and inputs.draws:
        found["draws"][dice.choice(sorted(inputs.draws))] = dice.choice(
            ("99", "b99", "97.0", "b1 b1", "b1 b99", "", "b2")
        )
    elif inputs.sheets:
        _sheet(dice, found["sheets"], bidder, kind)
    return msgspec.convert(found, Inputs)


def _sheet(dice: random.Random, sheets: dict[str, dict[str, dict[str, int]]], bidder: str, kind: int) -> None:
    seat = dice.choice(sorted(sheets))
    criterion = dice.choice(sorted(sheets[seat][bidder]))
    if kind == 7:
        del sheets[seat][bidder]
    elif kind == 8:
        del sheets[seat][bidder][criterion]
    elif kind == 9:
        sheets[seat][bidder][criterion] = dice.choice((-1, -100, 20_100, 1_000_000))
    elif kind == 10:
        sheets[seat][bidder]["unheard"] = 0
    elif kind == 11:
        # A rejected bid that was scored before: nothing is wrong with it.
        sheets[seat]["b99"] = dict(sheets[seat][bidder])
    elif dice.randrange(2):
        sheets[seat][bidder][criterion] += dice.choice((1, -1, 7))
    else:
        sheets.clear()
