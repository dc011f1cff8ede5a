"""What a seated person is about to sign, worked out from the node's copy: acts that need nothing else.

Owns the contents of acts that follow from the record alone. Must not know sockets, nor decide anything.
"""

from protocol import canonical
from protocol import commands as cmd
from protocol.hidden import Disclosed
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.wire import Prepare, Prepared


def prepare(asked: Prepare, state: State, disclosed: Disclosed) -> Prepared | Refusal:
    """The content of a member's act.

    Refuses acts that a person has to fill in, and `DisclosureMissing` while this node may not know the plan.
    """
    if asked.type == "CheckIn":
        plan: Plan | None = disclosed.get_value(state.plan, Plan)
        if plan is None:
            return refuse("DisclosureMissing", field="plan")
        return _prepared(asked, cmd.CheckIn(canonical.sha256(plan.undertaking_zh.encode()), "none"))
    if asked.type == "SignReport":
        if not state.report:
            return refuse("WrongPhase", phase=state.phase, type=asked.type, wanted="SIGNING")
        return _prepared(asked, cmd.SignReport(state.report))
    return refuse("UnknownCommand", type=asked.type)


def _prepared(asked: Prepare, content: cmd.Content) -> Prepared:
    return Prepared(asked.type, asked.stage, canonical.encode(content).decode(), ())
