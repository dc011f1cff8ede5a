"""Going from phase to phase by the table: one function for every act that moves a track."""

import functools

from protocol.events import Event, MilestonePending, PhaseEntered, StageEntered
from protocol.refusals import Refusal, refuse
from protocol.session.guards import GUARDS
from protocol.session.phases import RULES, Move, Scope, moves_from
from protocol.session.state import State, Track, is_reached, milestone_key


def move(state: State, track: Track | None, by: str, back_to: str = "") -> tuple[Event, ...] | Refusal:
    """The events by which an act takes the session (or a stage's track) to its next phase.

    Args:
      state: as of before the act.
      track: the stage's track, or None for the session's own.
      by: the act's type, a key of the rules' acts.
      back_to: the phase that a row with target `*` goes back to, out of a side state.

    Returns:
      The phase entered and the milestone it calls for; or what is still awaited.
    """
    row = find(state, track, by)
    if row is None:
        phase = state.phase if track is None else track.phase
        return refuse("WrongPhase", phase=phase, type=by, wanted="-")
    awaited = await_milestone(state, track, row)
    if awaited is not None:
        return awaited
    for name in row.guards:
        unmet = GUARDS[name](state, track)
        if unmet is not None:
            return unmet
    return entered(track, row, back_to)


def find(state: State, track: Track | None, by: str) -> Move | None:
    """The table's row for this act from the present phase, or None."""
    scope, source = ("session", state.phase) if track is None else ("stage", track.phase)
    return _row(state.rules_version, scope, source, by)


@functools.cache
def _row(rules_version: str, scope: Scope, source: str, by: str) -> Move | None:
    rows = moves_from(RULES[rules_version], scope, source, by)
    return rows[0] if rows else None


def await_milestone(state: State, track: Track | None, row: Move) -> Refusal | None:
    """The refusal when a row waits for a milestone that is not reached."""
    if row.awaits is None:
        return None
    lot, envelope = ("", "") if track is None else (track.lot, track.envelope)
    if is_reached(state, row.awaits, lot, envelope):
        return None
    return refuse("MilestoneAwaited", milestone=row.awaits)


def entered(track: Track | None, row: Move, back_to: str = "") -> tuple[Event, ...]:
    """The events of a row, guards not asked."""
    events: list[Event] = []
    target = back_to if row.target == "*" else row.target
    lot, envelope = "", ""
    if track is None:
        events.append(PhaseEntered(phase=target))  # type: ignore[arg-type]
    else:
        lot, envelope = track.lot, track.envelope
        events.append(
            StageEntered(
                lot=lot,
                envelope=envelope,
                round=track.round,
                phase=target,  # type: ignore[arg-type]
            )
        )
    if row.calls is not None:
        events.append(MilestonePending(milestone=row.calls, lot=lot, envelope=envelope))
    return tuple(events)


def pending_key(event: MilestonePending) -> str:
    """The state's key of a pending milestone."""
    return milestone_key(event.milestone, event.lot, event.envelope)
