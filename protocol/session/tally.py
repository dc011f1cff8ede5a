"""The tally: the plan's method over what a stage has disclosed (87号令 55-57; 12号令 34-35).

Gathers prices, quantities, sheets and drawn rates out of state and disclosures and hands
them to `methods.evaluate`. Knows no formula.
"""

from protocol.commands import BidRef
from protocol.hidden import Disclosed, Opening
from protocol.methods.arithmetic_check import Correction
from protocol.methods.evaluate import evaluate, explain
from protocol.methods.evaluation import Evaluation, Inputs, StepText
from protocol.plan.case import PriceOrEmpty as PriceText
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session.state import State, Track

__all__ = ["PriceText", "evaluate_stage", "explain_stage", "inputs"]


def inputs(state: State, here: Track, disclosed: Disclosed) -> Inputs | tuple[Refusal, ...]:
    """What a stage's evaluation works from, or which disclosure is missing."""
    prices: dict[str, str] = {}
    quantities: dict[str, dict[str, str]] = {}
    sheets: dict[str, dict[str, dict[str, int]]] = {}
    try:
        for bid in here.bids:
            prices[bid.bidder] = _price(here, bid, disclosed)
            quantities[bid.bidder] = disclosed.value(bid.quantities, dict[str, str])
    except KeyError:
        return (refuse("DisclosureMissing", field="price"),)
    try:
        for seat in state.roster:
            opening: Opening = disclosed.value(here.sheets[seat].commitment, Opening)
            sheets[seat] = {bidder: opening.scores[bidder] for bidder in here.valid}
    except KeyError:
        return (refuse("DisclosureMissing", field="sheet"),)
    return Inputs(
        valid=here.valid,
        prices={bidder: price for bidder, price in prices.items() if price},
        quantities=quantities,
        sheets=sheets,
        draws=here.draws,
    )


def _price(here: Track, bid: BidRef, disclosed: Disclosed) -> str:
    """The price that counts: the bid's, or the corrected one that its bidder confirmed (SPEC 16.3)."""
    found: str
    if bid.bidder in here.review.corrected:
        found = disclosed.value(here.review.corrected[bid.bidder], Correction).corrected
    else:
        found = disclosed.value(bid.price, PriceText)
    return found


def evaluate_stage(state: State, here: Track, disclosed: Disclosed) -> Evaluation | tuple[Refusal, ...]:
    """The evaluation of a stage's lot by the plan, or why there can be none.

    A missing disclosure or a finding of the method (members who differ on an objective
    item, a missing sheet) comes back as refusals.
    """
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None:
        return (refuse("DisclosureMissing", field="plan"),)
    gathered = inputs(state, here, disclosed)
    if isinstance(gathered, tuple):
        return gathered
    result = evaluate(plan, here.lot, gathered)
    if isinstance(result, tuple):
        return tuple(refuse("TallyImpossible", zh=one.zh, en=one.en) for one in result)
    return result


def explain_stage(state: State, here: Track, disclosed: Disclosed) -> tuple[StepText, ...]:
    """The working of a stage's evaluation in words; nothing where a disclosure is missing."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    gathered = inputs(state, here, disclosed)
    if plan is None or isinstance(gathered, tuple):
        return ()
    return explain(plan, here.lot, gathered)
