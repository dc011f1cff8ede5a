"""Who is awaited before a published tally can be confirmed (rules version 3, SPEC 17.1).

What a tally waits for tells of its points, so it is told only to those to whom the tally is shown.
"""

from collections.abc import Iterator

from protocol.hidden import Disclosed
from protocol.plan.plan import Plan
from protocol.session.phases import RULES
from protocol.session.state import AGENT_SEAT, State, Track
from protocol.session.turns import ranking
from protocol.words import Role

Pressing = tuple[str, Role, str]
"""Seat, role, act."""


def pressing(state: State, disclosed: Disclosed, track: Track, plan: Plan) -> tuple[Pressing, ...]:
    """Whose acts the ranking of a stage waits for, nobody twice for the same."""
    if track.phase != "SUMMARY" or "ExplainDeviation" not in RULES[state.rules_version].grown:
        return ()
    return tuple(dict.fromkeys(_pressing(state, disclosed, track, plan)))


def _pressing(state: State, disclosed: Disclosed, track: Track, plan: Plan) -> Iterator[Pressing]:
    result = ranking.tally_of(track, disclosed)
    if result is None:
        return
    if result.blocked:
        yield AGENT_SEAT, "agent", "BeginRecheck"
    for one in ranking.unexplained(track, plan, result):
        yield one.seat, "expert", "ExplainDeviation"
    if ranking.unasked(track, result):
        yield from ((seat, "expert", "AskClarification") for seat in state.roster)
    if ranking.undecided_among(state, track, plan, result):
        for seat_ in state.seats.values():
            if seat_.role == "tenderee" and not seat_.reserve:
                yield seat_.seat, "tenderee", "DecideTie"
