"""A venue accepts another venue's witness record, or says why it does not (见证互认; SPEC 13.4).

What is accepted is fixed: a signed record does not grow, and the act names its count and chain, which anybody
works out from the observations. The head that the author has verified covers the signature.
Source: 发改法规〔2022〕355号 十, witnessing is mutually recognised.
"""

from protocol.commands_recognition import AcceptWitnessRecord
from protocol.events_recognition import WitnessRecordAnswered
from protocol.plan.recognition import OTHER, REASONS
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.phases import RULES
from protocol.session.state import State, WitnessRecord


def accept(asked: Asked, content: AcceptWitnessRecord) -> Decision:
    """The author's venue answers the record that a witness elsewhere has signed, once.

    Refused: no witness's seat, one of the same venue, a record that is not signed, or not in the head that
    the author has seen, or another one; a reason that does not go with the verdict; an answer to what is
    accepted already, or the same objection again.
    """
    state, who = asked.state, asked.who
    seat = state.seats.get(content.seat)
    if seat is None or seat.role != "witness":
        return refuse("UnknownSeat", seat=content.seat)
    if seat.venue == who.venue:
        return refuse("OwnRecord", seat=content.seat, venue=who.venue)
    signed = state.witness_records.get(content.seat, WitnessRecord())
    if not signed.signed:
        return refuse("RecordUnsigned", seat=content.seat)
    if asked.command.seen.size <= signed.seq:
        return refuse("RecordUnseen", seat=content.seat, entry=signed.seq)
    if (content.count, content.record) != (signed.count, signed.chain):
        return refuse("RecordMismatch", seat=content.seat)
    fault = _reason_fault(content) or _answered(state, who.venue, content)
    if fault is not None:
        return fault
    return (
        WitnessRecordAnswered(
            seat=content.seat, by=who.seat, venue=who.venue, count=content.count, record=content.record,
            verdict=content.verdict, reason=content.reason, remark=content.remark,
        ),
    )  # fmt: skip


def unanswered(state: State, venue: str) -> tuple[str, ...]:
    """The witnesses elsewhere whose signed records a venue has not answered, in the order of seats."""
    return tuple(
        seat
        for seat, record in sorted(state.witness_records.items())
        if record.signed
        and seat in state.seats
        and state.seats[seat].venue != venue
        and venue not in state.recognition.answers.get(seat, {})
    )


def awaited_of(state: State, seat: str) -> tuple[str, ...]:
    """The venues that have not answered a witness's signed record and have a witness to do so, in order.

    Of rules version 4; nobody before.
    """
    here = state.seats.get(seat)
    if here is None or "AcceptWitnessRecord" not in RULES[state.rules_version].acts:
        return ()
    if not state.witness_records.get(seat, WitnessRecord()).signed:
        return ()
    venues = {one.venue for one in state.seats.values() if one.role == "witness" and not one.reserve}
    return tuple(sorted(venues - {here.venue} - set(state.recognition.answers.get(seat, {}))))


def remarks(state: State) -> tuple[bytes, ...]:
    """The digests of all remarks that objections came with, of those that stand no more as well."""
    said = (one for of_seat in state.recognition.answers.values() for one in of_seat.values())
    return (*state.recognition.remarks, *(one.remark for one in said if one.remark))


def _reason_fault(content: AcceptWitnessRecord) -> Refusal | None:
    objects = content.verdict == "objection"
    if objects != bool(content.reason) or (objects and content.reason not in REASONS):
        return refuse("UnknownReason", reason=content.reason)
    if content.remark and (not objects or len(content.remark) != 32):
        return refuse("Malformed", why="remark")
    if content.reason == OTHER and not content.remark:
        return refuse("RemarkNeeded", reason=content.reason)
    return None


def _answered(state: State, venue: str, content: AcceptWitnessRecord) -> Refusal | None:
    before = state.recognition.answers.get(content.seat, {}).get(venue)
    if before is None or (before.verdict == "objection" and content.verdict == "accepted"):
        return None
    return refuse("AlreadyDone")
