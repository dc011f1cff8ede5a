"""What must hold before a session ends: every intervention is answered (SPEC 32.9; ops/decisions/0044)."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.oversight import reading
from protocol.session.state import State, Track


def interventions_answered(state: State, track: Track | None) -> Refusal | None:
    """Whoever supervises has been answered (条例 62)."""
    waiting = ", ".join(str(one.number) for one in reading.unanswered(state))
    if not waiting:
        return None
    return refuse(
        "GuardUnmet",
        zh=f"监督介入 {waiting} 尚未答复。请先答复",
        en=f"interventions {waiting} are not answered yet; answer them first",
    )


GUARDS: dict[str, Guard] = {interventions_answered.__name__: interventions_answered}
