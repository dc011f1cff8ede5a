"""The tally: the plan's method over what a stage has disclosed (87号令 55-57; 12号令 34-35).

Gathers prices, quantities, sheets and drawn rates out of state and disclosures and hands
them to `methods.evaluate`. Knows no formula.
"""

from collections.abc import Iterable

from msgspec import UNSET
from msgspec.structs import replace

from protocol.commands import BidRef
from protocol.hidden import Deduction, Disclosed
from protocol.methods.arithmetic_check import Correction
from protocol.methods.envelopes import up_to
from protocol.methods.evaluate import evaluate, explain
from protocol.methods.evaluation import Evaluation, Inputs, StepText
from protocol.methods.same_brand import one_of_a_brand
from protocol.plan.case import PriceOrEmpty as PriceText
from protocol.plan.numbers import number
from protocol.plan.plan import Plan, TieRule
from protocol.plan.stages import scheme_of
from protocol.refusals import Refusal, refuse
from protocol.session.phases import RULES
from protocol.session.state import State, Track, earlier, is_last
from protocol.session.turns.sheets import Scores, counting
from protocol.session.turns.ties import UNPLANNED

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
    share = _share_name(state, here, disclosed)
    try:
        for bid in here.bids:
            prices[bid.bidder] = _price(here, bid, disclosed)
            quantities[bid.bidder] = disclosed.value(bid.quantities, dict[str, str])
            if bid.bidder in here.review.deductions:
                found: Deduction = disclosed.value(here.review.deductions[bid.bidder], Deduction)
                quantities[bid.bidder] = {**quantities[bid.bidder], share: found.share}
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
        draws={name: k for track in tracks for name, k in track.draws.items()} | here.turns.decided,
    )


def _share_name(state: State, here: Track, disclosed: Disclosed) -> str:
    """The quantity that says what share small businesses carry, empty where the plan deducts nothing."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    rule = scheme_of(plan, here.lot).small_business if plan is not None else UNSET
    return rule.quantity if rule else ""


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
    return one_of_a_brand(result, brands(state, here), plan.candidates_max)


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


def unconfirmed(state: State, here: Track, disclosed: Disclosed) -> tuple[Refusal, ...]:
    """No tally while a bid declares a share of small businesses that nobody has confirmed (SPEC 16.5)."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None or "ConfirmDeduction" not in RULES[state.rules_version].acts or not is_last(state, here):
        return ()
    rule = scheme_of(plan, here.lot).small_business
    waiting = [
        bid.code
        for bid in here.bids
        if rule and bid.bidder in here.valid and bid.bidder not in here.review.deductions
        and number((disclosed.get_value(bid.quantities, dict[str, str]) or {}).get(rule.quantity, "0"))
    ]  # fmt: skip
    if not waiting:
        return ()
    names = ", ".join(waiting)
    return (
        refuse(
            "GuardUnmet",
            zh=f"{names} 声明的小微企业份额尚未确认",
            en=f"the share of small businesses that these bids declare is not confirmed: {names}",
        ),
    )


def brands(state: State, here: Track) -> tuple[tuple[str, ...], ...]:
    """Groups of bidders of one brand, found in any of the lot's envelopes so far."""
    return tuple(group for track in (*earlier(state, here), here) for group in track.review.brands)


def _plan_here(state: State, here: Track, plan: Plan) -> Plan:
    """The whole plan in a lot's last envelope; before it the plan of the envelopes so far.

    An order of equal bids that no rule of the plan asks for is a last rule of its own.
    """
    if not is_last(state, here):
        return up_to(plan, here.lot, here.envelope)
    if UNPLANNED not in here.turns.decided:
        return plan
    rule = TieRule(by="decided", of=UNPLANNED)
    whole = scheme_of(plan, here.lot)
    scheme = replace(whole, ties=(*(one for one in whole.ties if one != rule), rule))
    return replace(plan, schemes=tuple(scheme if one.id == whole.id else one for one in plan.schemes))
