"""What of the group falls due: `due` says when, `proposed` what, once the shell has found cosignatures.

A rule cannot know who has cosigned: the shell that asks the cosigners hands over what it found, and whoever
replays checks that the entry is what the rules allow with it.
"""

from msgspec import Struct
from msgspec.structs import replace

from protocol import canonical
from protocol.commands import Command, ReachMilestone
from protocol.commands_milestones import DisclosePolicy, SettleCosignature
from protocol.ledger.quorum import Policy
from protocol.session.installation import own, sooner, stage_of
from protocol.session.milestones import reading
from protocol.session.state import Reached, State, head
from protocol.words import SESSION_STAGE


class Found(Struct, frozen=True):
    """The newest head of which the shell holds cosignatures durably, and whose; empty where there is none.

    `policy` is the text of the session's trust policy, which the shell was told before the session.
    """

    policy: str
    size: int = 0
    root: bytes = b""
    cosigned: tuple[str, ...] = ()


def due(state: State, at: int) -> tuple[tuple[Command, ...], int | None]:
    """No command of itself; when a milestone that waits need wait for nobody but the quorum."""
    next_at: int | None = None
    if reading.is_cosigned(state):
        for _, one in reading.pending(state):
            over_at = reading.until(state, one)
            next_at = sooner(next_at, over_at if over_at > at else None)
    return (), next_at


def proposed(state: State, at: int, found: Found) -> Command | None:
    """The installation's next command about the policy or a milestone, with what was found; None for none.

    Args:
      state: as of all entries.
      at: the clock, ms.
      found: what the shell holds.
    """
    if not reading.is_cosigned(state):
        return None
    policy = reading.policy_of(state)
    if policy is None:
        if canonical.sha256(found.policy.encode()) != state.policy_digest:
            return None
        return own(state, SESSION_STAGE, DisclosePolicy(policy=found.policy), "policy", at)
    if not policy.cosigners:
        # A house that nobody cosigns: what the log alone has signed is all that its policy asks for.
        newest = head(state)
        found = replace(found, size=newest.size, root=newest.root)
    for key, one in reading.pending(state):
        if _may_reach(state, policy, one, found, at):
            return _reach(state, policy, key, one, found, at)
    for key, one in state.milestones.items():
        settled = tuple(name for name in one.owed if name in found.cosigned)
        if one.size and settled and found.size >= one.size:
            return _settle(state, key, one, found, settled, at)
    return None


def _may_reach(state: State, policy: Policy, one: Reached, found: Found, at: int) -> bool:
    if found.size < reading.waiting(state, one).size or not policy.is_met(found.cosigned):
        return False
    is_whole = set(reading.cosigners(policy)) <= set(found.cosigned)
    return is_whole or at >= reading.until(state, one)


def _reach(state: State, policy: Policy, key: str, one: Reached, found: Found, at: int) -> Command:
    names = reading.cosigners(policy)
    content = ReachMilestone(
        milestone=one.milestone,  # type: ignore[arg-type]
        size=found.size,
        root=found.root,
        cosigned=tuple(name for name in names if name in found.cosigned),
        owed=tuple(name for name in names if name not in found.cosigned),
    )
    since = reading.waiting(state, one).size
    return own(state, stage_of(state, one.lot, one.envelope), content, f"milestone {key} since {since}", at)


def _settle(state: State, key: str, one: Reached, found: Found, settled: tuple[str, ...], at: int) -> Command:
    content = SettleCosignature(
        milestone=one.milestone,  # type: ignore[arg-type]
        size=found.size,
        root=found.root,
        cosigned=settled,
    )
    cause = f"settle {key} since {reading.waiting(state, one).size} {' '.join(settled)}"
    return own(state, stage_of(state, one.lot, one.envelope), content, cause, at)
