"""The group's rules, by the form of the act's content.

A milestone is reached by the head that a quorum of the policy has cosigned. The quorum is hard: no time ends
the waiting for it. A missing place beyond it is awaited for `milestone_wait_ms`, then recorded as owed
(待补签). A province that waits hard is a member that the policy's quorum cannot be met without.
"""

from protocol import canonical, limits
from protocol import commands as cmd
from protocol.commands import Head
from protocol.commands_milestones import DisclosePolicy, SettleCosignature
from protocol.events import MilestoneReached
from protocol.events_milestones import CosignatureSettled, PolicyDisclosed
from protocol.ledger import quorum
from protocol.ledger.quorum import Policy, PolicyError
from protocol.refusals import refuse
from protocol.session import deadlines
from protocol.session.asked import Asked, Deciding, Decision
from protocol.session.milestones import reading
from protocol.session.state import State, head, milestone_key


def disclose(asked: Asked, content: DisclosePolicy) -> Decision:
    """The policy that genesis names, once."""
    state = asked.state
    if state.cosigning.policy:
        return refuse("AlreadyDone")
    if canonical.sha256(content.policy.encode()) != state.policy_digest:
        return refuse("PolicyForeign", why="digest")
    try:
        read = quorum.read(content.policy)
    except PolicyError as error:
        return refuse("PolicyForeign", why=str(error)[:200])
    why = _policy_fault(state, read)
    return refuse("PolicyForeign", why=why) if why else (PolicyDisclosed(content.policy),)


def reach(asked: Asked, content: cmd.ReachMilestone) -> Decision:
    """A pending milestone by a head that a quorum has cosigned; without a policy as under version 1."""
    state, stage = asked.state, asked.command.stage
    if not reading.is_cosigned(state):
        return deadlines.reach(state, stage, head(state), content)
    policy = reading.policy_of(state)
    if policy is None:
        return refuse("MilestoneAwaited", milestone=content.milestone)
    found = state.milestones.get(milestone_key(content.milestone, stage.lot, stage.envelope))
    if found is None or found.size > 0:
        return refuse("AlreadyDone")
    if content.size < reading.waiting(state, found).size or not _is_ours(state, content.size, content.root):
        return refuse("SeenUnknown", size=content.size)
    named = reading.cosigners(policy)
    if content.cosigned != tuple(one for one in named if one in content.cosigned):
        return refuse("CosignerUnknown", milestone=content.milestone)
    owed = tuple(one for one in named if one not in content.cosigned)
    if content.owed != owed:
        return refuse("CosignerUnknown", milestone=content.milestone)
    if not policy.is_met(content.cosigned):
        return refuse("QuorumUnmet", milestone=content.milestone, missing=", ".join(owed))
    if owed and asked.at < reading.until(state, found):
        return refuse("MilestoneAwaited", milestone=content.milestone)
    return (
        MilestoneReached(
            milestone=content.milestone, lot=stage.lot, envelope=stage.envelope, size=content.size,
            root=content.root, cosigned=content.cosigned, owed=owed,
        ),
    )  # fmt: skip


def settle(asked: Asked, content: SettleCosignature) -> Decision:
    """Who owed has cosigned a head that covers the milestone: the same one, or one above it."""
    state, stage = asked.state, asked.command.stage
    found = state.milestones.get(milestone_key(content.milestone, stage.lot, stage.envelope))
    if found is None or found.size == 0:
        return refuse("MilestoneAwaited", milestone=content.milestone)
    if content.size < found.size or not _is_ours(state, content.size, content.root):
        return refuse("SeenUnknown", size=content.size)
    if content.cosigned != tuple(one for one in found.owed if one in content.cosigned):
        return refuse("CosignerUnknown", milestone=content.milestone)
    return (
        CosignatureSettled(
            milestone=content.milestone, lot=stage.lot, envelope=stage.envelope, size=content.size,
            root=content.root, cosigned=content.cosigned,
        ),
    )  # fmt: skip


def _is_ours(state: State, size: int, root: bytes) -> bool:
    """Whether a head is one of the newest of this record: who cosigned an older one cosigns newer ones."""
    return Head(size, root) in state.heads


def _policy_fault(state: State, policy: Policy) -> str:
    names = reading.cosigners(policy)
    if any(one.name.rpartition("/")[2] != state.session for one in policy.logs):
        return "another session's log"
    if len(names) > limits.VENUES_MAX or any(not _is_id(one) for one in names):
        return "a cosigner's name"
    return "" if policy.is_met(names) else "its quorum can never be met"


def _is_id(name: str) -> bool:
    return len(name) <= limits.ID_CHARS_MAX and name[:1].isalnum() and name.isascii()


RULED: dict[type, Deciding] = {
    cmd.ReachMilestone: reach,
    DisclosePolicy: disclose,
    SettleCosignature: settle,
}
