"""Back to a report that is written or signed (重新评审): the same committee, on a lawful ground (SPEC 17.10).

Before the report a recheck is enough. Afterwards the report and what was signed under it count no more,
and stay in the record; the stages stand RANKED and may be rechecked. The finance department is told
where the result changes, which is for people. Source: 87号令 64.
"""

from protocol.commands_turns import BeginReevaluation
from protocol.events_turns import ReevaluationBegun
from protocol.plan.conduct import LAWFUL_GROUNDS
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.asked import Asked, Decision


def begin(asked: Asked, content: BeginReevaluation) -> Decision:
    """The report is set aside and the committee is ready again."""
    state = asked.state
    if state.regime == "GOV_PROC" and content.ground not in LAWFUL_GROUNDS:
        return refuse("GroundUnknown", ground=content.ground, grounds=", ".join(LAWFUL_GROUNDS))
    moved = moves.move(state, None, "BeginReevaluation")
    if isinstance(moved, Refusal):
        return moved
    begun = ReevaluationBegun(
        number=len(state.turns.reevaluations) + 1,
        phase=state.phase,  # type: ignore[arg-type]
        ground=content.ground,
        seat=asked.who.seat,
        statement=content.statement,
        report=state.report,
    )
    return (begun, *moved)
