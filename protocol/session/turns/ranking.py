"""What a ranking still waits for, read off the published tally (SPEC 17.1, 17.9): hidden, so for `check`.

Sources: 87号令 64 (objective items that differ, abnormal points), 31, 60 (a price far below the others is
explained before anything comes of it); 12号令 21; 实施条例 53 (one to three candidates, in order).
"""

from collections.abc import Iterator

from protocol.hidden import Disclosed
from protocol.methods.candidates import undecided
from protocol.methods.evaluation import Deviation, Evaluation
from protocol.methods.same_brand import torn
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Plan
from protocol.plan.stages import leaves
from protocol.refusals import Refusal, refuse
from protocol.session.disclosing import the_plan
from protocol.session.state import State, Track, is_last
from protocol.session.tally import blocked, brands
from protocol.session.turns.recheck import explained


def unmet(state: State, here: Track, disclosed: Disclosed) -> tuple[Refusal, ...]:
    """Why the tally of a stage may not be confirmed yet; nothing where it may."""
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    result = tally_of(here, disclosed)
    if result is None:
        return ()
    return blocked(here, disclosed) or tuple(_unmet(state, here, plan, result))


def tally_of(here: Track, disclosed: Disclosed) -> Evaluation | None:
    """A stage's published tally, or None where there is none or it is not disclosed."""
    found: Evaluation | None = disclosed.get_value(here.tally, Evaluation) if here.tally else None
    return found


def unexplained(here: Track, plan: Plan, result: Evaluation) -> tuple[Deviation, ...]:
    """Points too far from the others' that their member has not explained, where the plan awaits it."""
    if conduct_of(plan.conduct).explanations == "noted" or not leaves(plan, here.lot, here.envelope):
        return ()
    return tuple(
        one
        for one in result.deviations
        if one.over and not explained(here, one.seat, one.bidder, one.criterion)
    )


def unasked(here: Track, result: Evaluation) -> tuple[str, ...]:
    """Bidders whose price is far below the others' and who have not had the chance to say why."""
    heard = {one.bidder for one in here.review.clarifications if one.purpose == "low_price" and one.result}
    low = result.low_prices or ()
    return tuple(dict.fromkeys(one.bidder for one in low if one.bidder not in heard))


def undecided_among(state: State, here: Track, plan: Plan, result: Evaluation) -> tuple[str, ...]:
    """Equal bids that would make too many candidates, or two of one brand; in the lot's last envelope."""
    if not is_last(state, here):
        return ()
    return undecided(result, plan.candidates_max) or torn(result, brands(state, here))


def _unmet(state: State, here: Track, plan: Plan, result: Evaluation) -> Iterator[Refusal]:
    codes = {bid.bidder: bid.code for bid in here.bids}
    waiting = ", ".join(
        f"{one.seat} {codes[one.bidder]} {one.criterion}".rstrip() for one in unexplained(here, plan, result)
    )
    if waiting:
        yield refuse(
            "GuardUnmet",
            zh=f"评分畸高畸低尚待评委书面说明:{waiting}",
            en=f"abnormal scores still to be explained in writing: {waiting}",
        )
    low = ", ".join(codes[bidder] for bidder in unasked(here, result))
    if low:
        yield refuse(
            "GuardUnmet",
            zh=f"{low} 报价异常低,须先要求其书面说明",
            en=f"abnormally low prices still to be explained by their bidders: {low}",
        )
    equal = ", ".join(codes[bidder] for bidder in undecided_among(state, here, plan, result))
    if equal:
        yield refuse(
            "GuardUnmet",
            zh=f"{equal} 并列,须先由招标人确定次序",
            en=f"these bids are equal, and the tenderee has to say in which order they stand: {equal}",
        )
