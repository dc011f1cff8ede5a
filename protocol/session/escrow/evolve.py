"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_escrow as ev
from protocol.session.escrow.guards import name_of
from protocol.session.escrow.state import Held
from protocol.session.state import State
from protocol.words import track_name


def _name(state: State, event: Any) -> str:
    return name_of(state.tracks[track_name(event.lot, event.envelope)], event.seat)


def _put(state: State, name: str, one: Held) -> State:
    return replace(state, escrow=replace(state.escrow, held={**state.escrow.held, name: one}))


def _escrowed(state: State, event: ev.SheetEscrowed) -> State:
    return _put(state, _name(state, event), Held(event.commitment, event.escrow))


def _acknowledged(state: State, event: ev.EscrowAcknowledged) -> State:
    one = state.escrow.held[_name(state, event)]
    acknowledged = (*one.acknowledged, event.custodian)
    return _put(state, _name(state, event), replace(one, acknowledged=acknowledged))


def _released(state: State, event: ev.EscrowReleased) -> State:
    one = state.escrow.held[_name(state, event)]
    released = {**one.released, event.custodian: event.release}
    return _put(state, _name(state, event), replace(one, released=released))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.SheetEscrowed: _escrowed,
    ev.EscrowAcknowledged: _acknowledged,
    ev.EscrowReleased: _released,
}
