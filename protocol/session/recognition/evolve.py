"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol.events_recognition import WitnessRecordAnswered
from protocol.session.recognition.state import Answer, Recognition
from protocol.session.state import State


def _answered(state: State, event: WitnessRecordAnswered) -> State:
    own = state.recognition
    of_seat = own.answers.get(event.seat, {})
    before = of_seat.get(event.venue)
    kept = (*own.remarks, before.remark) if before is not None and before.remark else own.remarks
    answer = Answer(event.verdict, event.reason, event.remark, event.by, state.size, state.at)
    answers = {**own.answers, event.seat: {**of_seat, event.venue: answer}}
    return replace(state, recognition=Recognition(answers, kept))


FOLDS: dict[type, Callable[[State, Any], State]] = {WitnessRecordAnswered: _answered}
