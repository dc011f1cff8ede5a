"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_live as ev
from protocol.session.live.state import Recorded, RollCall
from protocol.session.state import State


def _segment_recorded(state: State, event: ev.SegmentRecorded) -> State:
    before = state.live.recorded.get(event.source, Recorded(event.venue, 0, 0, 0, 0, event.began_at))
    grown = Recorded(
        venue=event.venue,
        segments=event.number,
        ended_at=event.began_at + event.duration_ms,
        recorded_ms=before.recorded_ms + event.duration_ms,
        began_at=before.began_at,
        missing_ms=before.missing_ms + event.missing_ms + sum(gap.duration_ms for gap in event.gaps),
    )
    return replace(state, live=replace(state.live, recorded={**state.live.recorded, event.source: grown}))


def _face_mask_set(state: State, event: ev.FaceMaskSet) -> State:
    return replace(state, live=replace(state.live, masks={**state.live.masks, event.seat: event.masked}))


def _roll_call_recorded(state: State, event: ev.RollCallRecorded) -> State:
    one = RollCall(
        seq=state.size, at=state.at, by=event.by, picture=event.picture, digest=event.digest,
        octets=event.octets, width=event.width, height=event.height, taken_at=event.taken_at,
        shown=event.shown, missing=event.missing, rooms=event.rooms,
    )  # fmt: skip
    return replace(state, live=replace(state.live, roll_calls=(*state.live.roll_calls, one)))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.SegmentRecorded: _segment_recorded,
    ev.FaceMaskSet: _face_mask_set,
    ev.RollCallRecorded: _roll_call_recorded,
}
