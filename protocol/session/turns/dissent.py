"""Who does not simply sign (SPEC 17.5): dissent in writing, refusal, and deemed agreement.

Sources: 实施条例 53, 12号令 43 (a dissent with reasons in writing stands in the report; who refuses to sign
and gives none is deemed to agree, and the committee records that); 87号令 61.
"""

from protocol.commands_turns import DeemAgreement, RecordDissent, RefuseToSign
from protocol.events_turns import AgreementDeemed, DissentRecorded, SignatureRefused
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.turns.recheck import not_a_member


def record(asked: Asked, content: RecordDissent) -> Decision:
    """A member's dissent with its reasons, beside a signature or in its place; once."""
    fault = not_a_member(asked) or _other_report(asked, content.report)
    if fault is not None:
        return fault
    if asked.who.seat in asked.state.turns.dissents:
        return refuse("AlreadyDone")
    return (DissentRecorded(seat=asked.who.seat, report=content.report, dissent=content.dissent),)


def refuse_to_sign(asked: Asked, content: RefuseToSign) -> Decision:
    """A member says that they will not sign, and no more."""
    fault = not_a_member(asked) or _other_report(asked, content.report)
    if fault is not None:
        return fault
    seat, turns = asked.who.seat, asked.state.turns
    if asked.state.seats[seat].signed:
        return refuse("AlreadySigned", seat=seat)
    if seat in turns.dissents or seat in turns.refused:
        return refuse("AlreadyDone")
    return (SignatureRefused(seat=seat, report=content.report),)


def deem(asked: Asked, content: DeemAgreement) -> Decision:
    """Who neither signs nor dissents agrees: at once after a refusal, else after the plan's time."""
    state, turns = asked.state, asked.state.turns
    if content.seat not in state.roster:
        return refuse("UnknownSeat", seat=content.seat)
    if state.seats[content.seat].signed:
        return refuse("AlreadySigned", seat=content.seat)
    if content.seat in turns.dissents or content.seat in turns.deemed:
        return refuse("AlreadyDone")
    refused = content.seat in turns.refused
    left_ms = state.entered_at + content.waited_ms - asked.at
    if not refused and left_ms > 0:
        return refuse("TooEarly", minutes=-(-left_ms // 60_000))
    return (AgreementDeemed(seat=content.seat, refused=refused, statement=content.statement),)


def _other_report(asked: Asked, report: bytes) -> Refusal | None:
    return None if report == asked.state.report else refuse("DisclosureMismatch", field="report")
