"""What must hold before a signed report is submitted."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.state import State, Track


def paper_signed(state: State, track: Track | None) -> Refusal | None:
    """Once it was prepared, every place is signed, or its member dissented or is deemed to agree."""
    turns, own = state.turns, state.signatures
    if own.report != state.report:
        return None
    excused = {*turns.dissents, *turns.deemed}
    waiting = ", ".join(
        one.seat
        for one in own.places
        if one.seat not in own.signed and not (one.role == "member" and one.seat in excused)
    )
    if not waiting:
        return None
    return refuse(
        "GuardUnmet", zh=f"{waiting} 尚未以数字证书签署报告", en=f"not signed by certificate yet: {waiting}"
    )


GUARDS: dict[str, Guard] = {paper_signed.__name__: paper_signed}
