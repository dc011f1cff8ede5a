"""More time for the evaluation (SPEC 17.2): asked for by members, given once over a third asks.

Source: 实施条例 48 (超过三分之一的评标委员会成员认为评标时间不够的,招标人应当适当延长).
"""

from protocol.commands_turns import AskMoreTime, ExtendTime
from protocol.events_turns import MoreTimeAsked, TimeExtended
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision
from protocol.session.state import State, Track
from protocol.session.turns.recheck import not_a_member


def ask(asked: Asked, content: AskMoreTime) -> Decision:  # noqa: ARG001 - an act without particulars
    """One member holds the time too short; once until it is answered."""
    fault = not_a_member(asked)
    if fault is not None:
        return fault
    here = asked.here
    if asked.who.seat in here.turns.asked_time:
        return refuse("AlreadyDone")
    return (MoreTimeAsked(lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat),)


def extend(asked: Asked, content: ExtendTime) -> Decision:
    """The agent or tenderee adds time, once more than a third of the members has asked."""
    here = asked.here
    if not enough_ask(asked.state, here):
        count, size = len(here.turns.asked_time), len(asked.state.roster)
        return refuse(
            "GuardUnmet",
            zh=f"{size} 名成员中有 {count} 名提出时间不够,未超过三分之一",
            en=f"{count} of {size} members ask for more time, not over a third",
        )
    return (
        TimeExtended(
            lot=here.lot, envelope=here.envelope, round=here.round, seat=asked.who.seat,
            seats=here.turns.asked_time, added_ms=content.added_ms,
        ),
    )  # fmt: skip


def enough_ask(state: State, here: Track) -> bool:
    """Whether more than a third of the members have asked for more time and wait for an answer."""
    return 3 * len(here.turns.asked_time) > len(state.roster) > 0
