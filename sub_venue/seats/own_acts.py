"""What a seated person is about to sign, worked out from the node's copy: acts that need nothing else.

Owns the contents of acts that follow from the record alone. Must not know sockets, nor decide anything.
"""

import msgspec

from protocol import canonical
from protocol import commands as cmd
from protocol.hidden import Disclosed
from protocol.methods.arithmetic_check import Schedule, correction
from protocol.methods.capital_amounts import NotAnAmount
from protocol.plan.plan import Plan
from protocol.refusals import Refusal, refuse
from protocol.session import witnessing
from protocol.session.ceremony import reading
from protocol.session.state import State, WitnessRecord, track
from protocol.wire import Prepare, Prepared
from protocol.words import Role

ROLES: dict[str, Role] = {
    "CheckIn": "expert", "SignReport": "expert", "ProposeCorrection": "expert",
    "SignOpeningRecord": "witness", "SignWitnessRecord": "witness",
}  # fmt: skip
"""Which role has which act prepared here; the tenderee's are the main venue's (tenderee_desk)."""


def prepare(asked: Prepare, state: State, disclosed: Disclosed, role: Role, seat: str) -> Prepared | Refusal:
    """The content of a member's or a witness's act, for the one at `seat`.

    Refuses somebody else's acts, acts that a person has to fill in, what cannot be signed yet, and
    `DisclosureMissing` while this node may not know the plan.
    """
    mine = ROLES.get(asked.type)
    if role not in ROLES.values() or (mine is not None and mine != role):
        return refuse("NotAllowed", role=role, type=asked.type, allowed=mine or "expert, witness")
    if asked.type == "SignWitnessRecord":
        record = state.witness_records.get(seat, WitnessRecord())
        return _prepared(asked, cmd.SignWitnessRecord(record.count, record.chain))
    if asked.type == "SignOpeningRecord":
        return opening_record(asked, state)
    if asked.type == "ProposeCorrection":
        return _correction(asked, state)
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


def opening_record(asked: Prepare, state: State) -> Prepared | Refusal:
    """The opening record's digest as the node's copy has it; refused while bids are to be read out."""
    here = track(state, asked.stage)
    if here is None:
        return refuse("UnknownStage", stage=f"{asked.stage.lot}/{asked.stage.envelope}")
    unmet = witnessing.unread(here)
    if unmet is not None:
        return unmet
    sealed = bool(reading.of(state, here).received)
    record = reading.opening_record(state, here) if sealed else witnessing.opening_record(state, here)
    return _prepared(asked, cmd.SignOpeningRecord(record))


def _correction(asked: Prepare, state: State) -> Prepared | Refusal:
    """What a price schedule (the source, JSON) comes to, for a member to look at and to put to the bidder.

    Refuses `Malformed` for what is no schedule, or whose amount in words is none.
    """
    try:
        schedule = msgspec.json.decode(asked.source, type=Schedule)
        worked = correction(schedule, state.regime)
    except (msgspec.MsgspecError, NotAnAmount) as error:
        return refuse("Malformed", why=str(error))
    return Prepared(asked.type, asked.stage, canonical.encode(worked).decode(), ())


def _prepared(asked: Prepare, content: cmd.Content) -> Prepared:
    return Prepared(asked.type, asked.stage, canonical.encode(content).decode(), ())
