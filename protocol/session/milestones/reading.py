"""What a milestone waits for, read off the state."""

import functools

from protocol.ledger import quorum
from protocol.ledger.quorum import Policy
from protocol.session.milestones.state import Waiting
from protocol.session.state import Reached, State, milestone_key

_EMPTY_QUORUM = frozenset({"1", "2", "3"})
"""Rules versions that were published with milestones of an empty quorum."""


def is_cosigned(state: State) -> bool:
    """Whether milestones of this session ask for a quorum: genesis names a policy, by rules that know it."""
    return bool(state.policy_digest) and state.rules_version not in _EMPTY_QUORUM


def policy_of(state: State) -> Policy | None:
    """The policy that was disclosed; None before."""
    return _read(state.cosigning.policy) if state.cosigning.policy else None


def cosigners(policy: Policy) -> tuple[str, ...]:
    """The names of the cosigners, in order of their names."""
    return tuple(sorted(one.name for one in policy.cosigners))


def pending(state: State) -> tuple[tuple[str, Reached], ...]:
    """The milestones that are not reached yet, in the order in which they were called for."""
    return tuple((key, one) for key, one in state.milestones.items() if one.size == 0)


def waiting(state: State, reached: Reached) -> Waiting:
    """Since when a milestone waits, and the least head that covers it."""
    return state.cosigning.waiting[milestone_key(reached.milestone, reached.lot, reached.envelope)]


def awaited(state: State) -> int:
    """The least head that covers every milestone which waits for one; 0 where none does."""
    if not is_cosigned(state):
        return 0
    return max((waiting(state, one).size for _, one in pending(state)), default=0)


def until(state: State, reached: Reached) -> int:
    """When who is missing is recorded as owed, where the rest is a quorum (ms)."""
    return waiting(state, reached).since + state.milestone_wait_ms


@functools.lru_cache(maxsize=256)
def _read(text: str) -> Policy:
    return quorum.read(text)
