"""A tender out of a seed: any plan that the schema takes, and inputs that look for edges.

The same number gives the same tender on every machine. One in some twenty has a fault that must be refused.
Owns how often anything comes; the plan's parts are in `plans`, bids and sheets in `bids`.
"""

import random
from typing import NamedTuple

from protocol.methods.evaluation import Inputs
from protocol.plan.plan import Plan
from tests.second_engine import bids, plans, spoiled

LOT = "1"
FAULTY_ONE_IN = 20


class Generated(NamedTuple):
    """A plan and the inputs of its lot."""

    plan: Plan
    inputs: Inputs


def generated(seed: int) -> Generated:
    """The tender of a seed."""
    dice = random.Random(seed)
    count = bids.how_many(dice)
    plan = plans.plan(dice, count)
    inputs = bids.inputs(dice, plan, count)
    if dice.randrange(FAULTY_ONE_IN) == 0:
        inputs = spoiled.spoiled(dice, plan, inputs)
    return Generated(plan, inputs)
