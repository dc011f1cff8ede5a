"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_oversight as ev
from protocol.session.oversight import reading
from protocol.session.oversight.state import Answer, Intervention, Oversight
from protocol.session.state import State


def _intervened(state: State, event: ev.Intervened) -> State:
    one = Intervention(
        number=event.number, seq=state.size, at=state.at, seat=event.seat, venue=event.venue,
        kind=event.kind, scope=event.scope, subject=event.subject, reason=event.reason, text=event.text,
        due_at=event.due_at, suspensions=reading.suspensions(state),
    )  # fmt: skip
    return replace(state, oversight=Oversight((*state.oversight.interventions, one)))


def _answered(state: State, event: ev.InterventionAnswered) -> State:
    answer = Answer(event.seat, event.outcome, event.answer, state.at, state.size)
    return _changed(state, event.number, answer=answer)


def _overdue(state: State, event: ev.AnswerOverdue) -> State:
    return _changed(state, event.number, overdue=True)


def _changed(state: State, number: int, **changes: Any) -> State:
    found = list(state.oversight.interventions)
    found[number - 1] = replace(found[number - 1], **changes)
    return replace(state, oversight=Oversight(tuple(found)))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.Intervened: _intervened,
    ev.InterventionAnswered: _answered,
    ev.AnswerOverdue: _overdue,
}
