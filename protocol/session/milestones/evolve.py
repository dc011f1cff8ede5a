"""Folding the group's events into the state."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from protocol.events import MilestonePending, MilestoneReached
from protocol.events_milestones import CosignatureSettled, PolicyDisclosed
from protocol.session.milestones import reading
from protocol.session.milestones.state import Late, Waiting
from protocol.session.state import State, milestone_key


def waits(state: State, event: MilestonePending) -> State:
    """A milestone that asks for a quorum was called for by the entry that is being folded."""
    if not reading.is_cosigned(state):
        return state
    key = milestone_key(event.milestone, event.lot, event.envelope)
    waiting = {**state.cosigning.waiting, key: Waiting(state.size + 1, state.at)}
    return replace(state, cosigning=replace(state.cosigning, waiting=waiting))


def is_reached(state: State, event: MilestoneReached) -> State:
    """Since when who owes at this milestone has owed."""
    if not event.owed:
        return state
    late = tuple(Late(name, state.at) for name in event.owed)
    return _late(state, milestone_key(event.milestone, event.lot, event.envelope), late)


def _late(state: State, key: str, late: tuple[Late, ...]) -> State:
    cosigning = replace(state.cosigning, late={**state.cosigning.late, key: late})
    return replace(state, cosigning=cosigning)


def _policy_disclosed(state: State, event: PolicyDisclosed) -> State:
    return replace(state, cosigning=replace(state.cosigning, policy=event.policy))


def _cosignature_settled(state: State, event: CosignatureSettled) -> State:
    key = milestone_key(event.milestone, event.lot, event.envelope)
    found = state.milestones[key]
    settled = replace(
        found,
        cosigned=tuple(sorted((*found.cosigned, *event.cosigned))),
        owed=tuple(one for one in found.owed if one not in event.cosigned),
    )
    late = tuple(
        replace(one, settled=state.at) if one.name in event.cosigned else one
        for one in state.cosigning.late[key]
    )
    return _late(replace(state, milestones={**state.milestones, key: settled}), key, late)


FOLDS: dict[type, Callable[[State, Any], State]] = {
    PolicyDisclosed: _policy_disclosed,
    CosignatureSettled: _cosignature_settled,
}
