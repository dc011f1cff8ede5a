"""What a ranking still waits for, read off the published tally (SPEC 17.1): hidden inputs, so `check`'s.

Sources: 87号令 64 (objective items that differ, abnormal points).
"""

from collections.abc import Iterator

from protocol.hidden import Disclosed
from protocol.methods.evaluation import Deviation, Evaluation
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Plan
from protocol.plan.stages import leaves
from protocol.refusals import Refusal, refuse
from protocol.session.disclosing import the_plan
from protocol.session.state import State, Track
from protocol.session.tally import blocked
from protocol.session.turns.recheck import explained


def unmet(state: State, here: Track, disclosed: Disclosed) -> tuple[Refusal, ...]:
    """Why the tally of a stage may not be confirmed yet; nothing where it may."""
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    result = tally_of(here, disclosed)
    if result is None:
        return ()
    return blocked(here, disclosed) or tuple(_unexplained(here, plan, result))


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


def _unexplained(here: Track, plan: Plan, result: Evaluation) -> Iterator[Refusal]:
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
