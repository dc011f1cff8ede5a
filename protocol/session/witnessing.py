"""The opening read out and signed, and what witnesses note and sign (rules version 2; SPEC 13).

Nothing in the evaluation waits for any of it in this version. Each witness's observations form
a chain of their own, so that one venue's record can be handed to another and checked without
the rest of the session (见证互认). Sources: 招标投标法 36; 20号令 29; 发改法规〔2022〕355号 八, 十.
"""

from typing import Any

from protocol import canonical, limits
from protocol.commands import (
    Command,
    NoteObservation,
    ReadOut,
    SignOpeningRecord,
    SignWitnessRecord,
)
from protocol.events import BidReadOut, Event, ObservationNoted, OpeningRecordSigned, WitnessRecordSigned
from protocol.plan.observations import TABLES
from protocol.refusals import Refusal, refuse
from protocol.session.state import Speaker, State, Track, WitnessRecord


def read_out(track: Track, who: Speaker, content: ReadOut) -> tuple[Event, ...] | Refusal:
    """A bid is read out, each once, in the order that the tenderee chooses."""
    if content.bidder not in (bid.bidder for bid in track.bids):
        return refuse("UnknownBidder", bidder=content.bidder)
    if content.bidder in track.read_out:
        return refuse("AlreadyReadOut", bidder=content.bidder)
    return (
        BidReadOut(
            lot=track.lot, envelope=track.envelope, round=track.round, seat=who.seat,
            bidder=content.bidder,
        ),
    )  # fmt: skip


def sign_opening(
    state: State, track: Track, who: Speaker, content: SignOpeningRecord
) -> tuple[Event, ...] | Refusal:
    """The opening record of a stage, once all its bids are read out; each seat signs once."""
    if who.seat in track.opening_signed:
        return refuse("AlreadySigned", seat=who.seat)
    unmet = unread(track)
    if unmet is not None:
        return unmet
    if content.record != opening_record(state, track):
        return refuse("RecordMismatch", seat=who.seat)
    return (
        OpeningRecordSigned(
            lot=track.lot, envelope=track.envelope, round=track.round, seat=who.seat,
            record=content.record,
        ),
    )  # fmt: skip


def unread(track: Track) -> Refusal | None:
    """The refusal to sign while bids are still to be read out; None when all are."""
    waiting = [bid.code for bid in track.bids if bid.bidder not in track.read_out]
    if not waiting:
        return None
    names = ", ".join(waiting)
    return refuse("GuardUnmet", zh=f"{names} 尚未唱标", en=f"not read out yet: {names}")


def note(
    state: State, track: Track | None, command: Command, who: Speaker, content: NoteObservation
) -> tuple[Event, ...] | Refusal:
    """One observation, next in the chain of its seat."""
    fault = _note_fault(state, command, content)
    if fault is not None:
        return fault
    before = state.witness_records.get(who.seat, WitnessRecord())
    if before.signed:
        return refuse("RecordSigned", seat=who.seat)
    if before.count >= limits.OBSERVATIONS_PER_SEAT_MAX:
        return refuse("ObservationsFull", limit=limits.OBSERVATIONS_PER_SEAT_MAX)
    return (
        ObservationNoted(
            lot="" if track is None else track.lot,
            envelope="" if track is None else track.envelope,
            round=0 if track is None else track.round,
            seat=who.seat,
            venue=who.venue,
            number=before.count + 1,
            item=content.item,
            finding=content.finding,
            subject=content.subject,
            entry=content.entry,
            noted_at=content.noted_at,
            media_offset_ms=content.media_offset_ms,
            remark=content.remark,
        ),
    )


def sign_record(state: State, who: Speaker, content: SignWitnessRecord) -> tuple[Event, ...] | Refusal:
    """A witness signs all that they noted, once; a record without observations may be signed too."""
    mine = state.witness_records.get(who.seat, WitnessRecord())
    if mine.signed:
        return refuse("AlreadySigned", seat=who.seat)
    if (content.count, content.record) != (mine.count, mine.chain):
        return refuse("RecordMismatch", seat=who.seat)
    return (WitnessRecordSigned(seat=who.seat, venue=who.venue, count=mine.count, record=mine.chain),)


def opening_record(state: State, track: Track) -> bytes:
    """The digest that `SignOpeningRecord` signs, 32 bytes (SPEC 13.2)."""
    value = {
        "bids": track.bids,
        "read_out": track.read_out,
        "session": state.session,
        "source": state.sources.get(f"opening:{track.name}", b""),
        "stage": {"envelope": track.envelope, "lot": track.lot, "round": track.round},
    }
    return canonical.tagged_digest("opening-record/v1", value)


def chained(before: bytes, session: str, event: ObservationNoted) -> bytes:
    """The chain of a witness's observations with one more, 32 bytes (SPEC 13.1)."""
    return chained_on(before, observation(session, event))


def chained_on(before: bytes, value: Any) -> bytes:
    """The same for an observation's value, wherever it comes from."""
    one = canonical.tagged_digest("observation/v1", value)
    return canonical.sha256(canonical.tag("witness-record/v1") + before + one)


def observation(session: str, event: ObservationNoted) -> dict[str, Any]:
    """The value of one observation that a chain is over: it says by itself who, where, when and what."""
    return {
        "entry": event.entry,
        "finding": event.finding,
        "item": event.item,
        "media_offset_ms": event.media_offset_ms,
        "noted_at": event.noted_at,
        "number": event.number,
        "remark": event.remark,
        "seat": event.seat,
        "session": session,
        "stage": {"envelope": event.envelope, "lot": event.lot, "round": event.round},
        "subject": event.subject,
        "venue": event.venue,
    }


def _note_fault(state: State, command: Command, content: NoteObservation) -> Refusal | None:
    """An item of the table, about somebody here, seen before it was signed."""
    if content.item not in TABLES.get(state.rules_version, {}):
        return refuse("UnknownItem", item=content.item)
    if content.subject and content.subject not in state.seats and content.subject not in state.venues:
        return refuse("UnknownSubject", subject=content.subject)
    if content.entry >= state.size:
        return refuse("UnknownEntry", entry=content.entry)
    if content.noted_at > command.author_at:
        return refuse("Malformed", why="noted_at")
    if len(content.remark) not in (0, 32):
        return refuse("Malformed", why="remark")
    return None
