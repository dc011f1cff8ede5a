"""The tally: the plan's method over what a stage has disclosed (87号令 55-57; 12号令 34-35).

Gathers prices, quantities, sheets and drawn rates out of state and disclosures and hands
them to `methods.evaluate`. Knows no formula.
"""

from collections.abc import Iterable

from protocol.commands import BidRef
from protocol.hidden import Disclosed
from protocol.methods.arithmetic_check import Correction
from protocol.methods.envelopes import up_to
from protocol.methods.evaluate import evaluate, explain
from protocol.methods.evaluation import Evaluation, Inputs, StepText
from protocol.plan.case import PriceOrEmpty as PriceText
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session.state import State, Track, earlier, is_last
from protocol.session.turns.sheets import Scores, counting

__all__ = ["PriceText", "blocked", "evaluate_stage", "explain_stage", "inputs"]


def inputs(state: State, here: Track, disclosed: Disclosed) -> Inputs | tuple[Refusal, ...]:
    """What a stage's evaluation works from, or which disclosure is missing.

    Prices and quantities are those of the stage's own opening; scores and drawn rates those of all the
    lot's envelopes up to it.
    """
    prices: dict[str, str] = {}
    quantities: dict[str, dict[str, str]] = {}
    sheets: dict[str, dict[str, dict[str, int]]] = {}
    tracks = (*earlier(state, here), here)
    try:
        for bid in here.bids:
            prices[bid.bidder] = _price(here, bid, disclosed)
            quantities[bid.bidder] = disclosed.value(bid.quantities, dict[str, str])
    except KeyError:
        return (refuse("DisclosureMissing", field="price"),)
    try:
        for seat in state.roster:
            whole = _together(counting(track, seat, disclosed) for track in tracks)
            sheets[seat] = {bidder: whole[bidder] for bidder in here.valid}
    except KeyError:
        return (refuse("DisclosureMissing", field="sheet"),)
    return Inputs(
        valid=here.valid,
        prices={bidder: price for bidder, price in prices.items() if price},
        quantities=quantities,
        sheets=sheets,
        draws={name: k for track in tracks for name, k in track.draws.items()},
    )


def _price(here: Track, bid: BidRef, disclosed: Disclosed) -> str:
    """The price that counts: the bid's, or the corrected one that its bidder confirmed (SPEC 16.3)."""
    found: str
    if bid.bidder in here.review.corrected:
        found = disclosed.value(here.review.corrected[bid.bidder], Correction).corrected
    else:
        found = disclosed.value(bid.price, PriceText)
    return found


def _together(sheets: Iterable[Scores]) -> Scores:
    """One member's sheets of several envelopes as one."""
    whole: Scores = {}
    for sheet in sheets:
        for bidder, row in sheet.items():
            whole[bidder] = {**whole.get(bidder, {}), **row}
    return whole


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
    result = evaluate(_plan_here(state, here, plan), here.lot, gathered)
    if isinstance(result, tuple):
        return tuple(refuse("TallyImpossible", zh=one.zh, en=one.en) for one in result)
    return result


def explain_stage(state: State, here: Track, disclosed: Disclosed) -> tuple[StepText, ...]:
    """The working of a stage's evaluation in words; nothing where a disclosure is missing."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    gathered = inputs(state, here, disclosed)
    if plan is None or isinstance(gathered, tuple):
        return ()
    return explain(_plan_here(state, here, plan), here.lot, gathered)


def blocked(here: Track, disclosed: Disclosed) -> tuple[Refusal, ...]:
    """No ranking while members differ on an objective item and the plan has that block (87号令 64)."""
    result: Evaluation | None = disclosed.get_value(here.tally, Evaluation)
    if result is None or not result.blocked:
        return ()
    codes = {bid.bidder: bid.code for bid in here.bids}
    where = ", ".join(f"{codes[one.bidder]} {one.criterion}" for one in result.mismatches)
    return (
        refuse(
            "GuardUnmet",
            zh=f"成员对客观分评分不一致({where}),须复核更正后方可排序",
            en=f"members differ on objective items ({where}); they must be rechecked first",
        ),
    )


def _plan_here(state: State, here: Track, plan: Plan) -> Plan:
    """The whole plan in a lot's last envelope; before it the plan of the envelopes so far."""
    return plan if is_last(state, here) else up_to(plan, here.lot, here.envelope)
