"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_signatures as ev
from protocol.session.signatures.state import Paper, Signatures
from protocol.session.state import State


def _prepared(state: State, event: ev.ReportPrepared) -> State:
    return replace(state, signatures=Signatures(event.report, event.prepared, event.places, event.prepared))


def _signed(state: State, event: ev.PaperSigned) -> State:
    own = state.signatures
    signed = {**own.signed, event.seat: Paper(event.beside, event.after, event.certificate)}
    document = own.document if event.beside else event.after
    return replace(state, signatures=replace(own, signed=signed, document=document))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.ReportPrepared: _prepared,
    ev.PaperSigned: _signed,
}
