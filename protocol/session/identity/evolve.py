"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol import events_identity as ev
from protocol.session.identity.state import Delegated, Identity
from protocol.session.state import State


def _delegated(state: State, event: ev.SeatKeyDelegated) -> State:
    made = Delegated(event.seat, event.means, event.evidence, event.until, state.size, event.by)
    return replace(state, identity=Identity({**state.identity.delegated, event.key: made}))


def _revoked(state: State, event: ev.CertificateRevoked) -> State:
    known = state.identity.delegated
    made = replace(known[event.key], revoked_since=max(event.since, 1), revoked_seq=state.size)
    return replace(state, identity=Identity({**known, event.key: made}))


FOLDS: dict[type, Callable[[State, Any], State]] = {
    ev.SeatKeyDelegated: _delegated,
    ev.CertificateRevoked: _revoked,
}
