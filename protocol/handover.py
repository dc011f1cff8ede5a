"""A witness's record handed over by itself, to be checked without the rest of the session (SPEC 13.3).

One list for one witness: the observations, the remarks that may go with them, and three entries of the
session with their places in its tree: genesis (the installation's key), the binding of the witness's seat
(its key, attested by the installation) and the signature over the whole record. So the other province's
venue needs no account, no case file and no network, and trusts nobody but the head that it compares.
Where venues have accepted the record or objected to it (rules version 4), those acts go along likewise.

Sources: 发改法规〔2022〕355号 十 (见证互认); RFC 6962 2.1.1.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from protocol import canonical, entry, hidden, limits
from protocol.commands import BindSeat, SignWitnessRecord, UnknownContent
from protocol.commands_recognition import AcceptWitnessRecord
from protocol.entry import Entry
from protocol.events import ObservationNoted, SeatBound, SessionBooked, WitnessRecordSigned
from protocol.events_recognition import WitnessRecordAnswered
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import tree
from protocol.plan.observations import Finding
from protocol.record import Record
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session import witnessing
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty, KeyText, Millis


class HandoverStage(Struct, frozen=True, forbid_unknown_fields=True):
    """What an observation belongs to: a stage, or empty for the session."""

    envelope: IdOrEmpty
    lot: IdOrEmpty
    round: Count


class Observation(Struct, frozen=True, forbid_unknown_fields=True):
    """One observation as the chain is over it (SPEC 13.1)."""

    entry: Count
    finding: Finding
    item: Id
    media_offset_ms: Millis
    noted_at: Millis
    number: Count
    remark: HashOrEmpty
    seat: Id
    session: Id
    stage: HandoverStage
    subject: IdOrEmpty
    venue: Id


class Placed(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry's canonical bytes and its inclusion proof under the list's head."""

    proof: Annotated[tuple[Hash, ...], Meta(max_length=limits.PROOF_HASHES_MAX)]
    raw: Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES_MAX)]


class Answered(Struct, frozen=True, forbid_unknown_fields=True):
    """A venue's answer to the record, and the binding of the key that signed it."""

    answered: Placed
    bound: Placed


class Handover(Struct, frozen=True, forbid_unknown_fields=True):
    """The list, an object of the fields below in canonical form.

    `size` and `root` are the session's head that the entries' proofs lead to. `answers` stands in a list of
    form 2 alone, which has one at least.
    """

    bound: Placed
    genesis: Placed
    handover: Literal[1, 2]
    observations: Annotated[tuple[Observation, ...], Meta(max_length=limits.OBSERVATIONS_PER_SEAT_MAX)]
    remarks: Annotated[tuple[Disclosure, ...], Meta(max_length=limits.OBSERVATIONS_PER_SEAT_MAX)]
    root: Hash
    seat: Id
    session: Id
    signed: Placed
    size: Count
    venue: Id
    answers: (
        Annotated[tuple[Answered, ...], Meta(min_length=1, max_length=limits.WITNESS_ANSWERS_MAX)] | UnsetType
    ) = UNSET


class Said(Struct, frozen=True):
    """A venue's answer that holds, by which seat, when (ms), at which entry."""

    said: WitnessRecordAnswered
    seq: int
    at: Millis


class Checked(Struct, frozen=True):
    """What a list that holds says: whose key signed it, when, what the remarks are, who has answered."""

    handover: Handover
    key: KeyText
    bound_at: Millis
    signed_at: Millis
    record: Hash
    remarks: Disclosed
    answers: tuple[Said, ...] = ()


def handover(record: Record, seat: str) -> Handover | Refusal:
    """A witness's list out of a session's record; `HandoverRefused` where that seat has signed none.

    Args:
      record: the session's, whole; already replayed by whoever asks.
      seat: the witness's.
    """
    entries = [entry.decode(raw) for raw in record.entries]
    observations: list[Observation] = []
    bound, signed, venue = None, None, ""
    keys: dict[str, int] = {}
    answers: list[tuple[int, int, bytes]] = []
    for one in entries:
        for event in one.events:
            if isinstance(event, SeatBound):
                keys[event.key] = one.seq
            if isinstance(event, WitnessRecordAnswered) and event.seat == seat:
                answers.append((one.seq, keys[one.command.author_key], event.remark))
            if isinstance(event, ObservationNoted) and event.seat == seat:
                observations.append(_observation(record.session, event))
            elif isinstance(event, SeatBound) and event.seat == seat and signed is None:
                bound = one.seq
            elif isinstance(event, WitnessRecordSigned) and event.seat == seat:
                signed, venue = one.seq, event.venue
    if bound is None or signed is None:
        return refuse("HandoverRefused", part="signature", why=f"{seat}")
    leaves = [tree.leaf_hash(raw) for raw in record.entries]

    def placed(seq: int) -> Placed:
        return Placed(tree.inclusion_proof(leaves, seq, len(leaves)), record.entries[seq])

    noted = {one.remark for one in observations} | {remark for _, _, remark in answers}
    told = [record.disclosed[one] for one in noted if one in record.disclosed]
    return Handover(
        placed(bound), placed(0), 2 if answers else 1, tuple(observations),
        tuple(sorted(told, key=lambda one: one.digest)),
        tree.root(leaves), seat, record.session, placed(signed), len(leaves), venue,
        tuple(Answered(placed(seq), placed(by)) for seq, by, _ in answers) or UNSET,
    )  # fmt: skip


def write(of: Handover) -> bytes:
    """The list's bytes: canonical, and a line feed."""
    return canonical.encode(of) + b"\n"


def read(raw: bytes) -> Handover | Refusal:
    """A list from its bytes; `HandoverRefused` for anything that is none."""
    try:
        found = canonical.decode(raw.removesuffix(b"\n"), Handover, limits.HANDOVER_BYTES_MAX)
    except canonical.NotCanonical as error:
        return refuse("HandoverRefused", part="file", why=str(error))
    if (found.handover == 2) != isinstance(found.answers, tuple):
        return refuse("HandoverRefused", part="file", why="answers belong to form 2")
    return found


def check(of: Handover, head: tuple[int, bytes] | None = None) -> Checked | Refusal:
    """Whether a list holds, and what it then says; `HandoverRefused` names the part that does not.

    Args:
      of: the list.
      head: size and root of the session's head as they are known from elsewhere; None to take the list's
        own, which whoever accepts it still has to compare.
    """
    if head is not None and head != (of.size, of.root):
        return _refused("head", "not the session's head as known here")
    found: dict[str, Entry] = {}
    for name, placed in (("genesis", of.genesis), ("bound", of.bound), ("signed", of.signed)):
        one = _placed(of, placed)
        if isinstance(one, str):
            return _refused(name, one)
        found[name] = one
    genesis, bound, signed = found["genesis"], found["bound"], found["signed"]
    key = _seats_key(of.session, of.seat, genesis, bound)
    if isinstance(key, Refusal):
        return key
    fault = _signature_fault(of, signed, key, bound.seq)
    if fault:
        return _refused("signed", fault)
    chain = _chain(of)
    if isinstance(chain, Refusal):
        return chain
    content = signed.command.content
    assert isinstance(content, SignWitnessRecord)
    if (content.count, content.record) != (len(of.observations), chain):
        return _refused("observations", "not those that were signed")
    answers = _answers(of, genesis, signed)
    if isinstance(answers, str):
        return _refused("answers", answers)
    remarks = _remarks(of, answers)
    if isinstance(remarks, Refusal):
        return remarks
    return Checked(of, key, bound.at, signed.at, chain, remarks, answers)


# --- part by part -------------------------------------------------------------------------------------------


def _placed(of: Handover, placed: Placed) -> Entry | str:
    """An entry of this session, at its place under the head; else why not."""
    try:
        one = entry.decode(placed.raw)
        tree.verify_inclusion(one.seq, of.size, tree.leaf_hash(placed.raw), placed.proof, of.root)
    except (canonical.NotCanonical, UnknownContent) as error:
        return str(error)
    except tree.ProofError as error:
        return f"not in the session's tree: {error}"
    if one.session != of.session or one.command.session != of.session:
        return "of another session"
    if not signing.verify_command(one.command, one.sig):
        return "its author's signature is false"
    return one


def _seats_key(session: str, seat: str, genesis: Entry, bound: Entry) -> KeyText | Refusal:
    booked = next((one for one in genesis.events if isinstance(one, SessionBooked)), None)
    if genesis.seq != 0 or booked is None:
        return _refused("genesis", "no genesis")
    content = bound.command.content
    if not isinstance(content, BindSeat) or content.seat != seat:
        return _refused("bound", "not the seat's")
    key = bound.command.author_key
    attested = signing.attested_bytes(session, seat, key, content.means)
    if not signing.verify(booked.installation_key, attested, content.attestation):
        return _refused("bound", "the installation did not attest it")
    return key


def _signature_fault(of: Handover, signed: Entry, key: KeyText, bound_at: int) -> str:
    event = next((one for one in signed.events if isinstance(one, WitnessRecordSigned)), None)
    if not isinstance(signed.command.content, SignWitnessRecord) or event is None:
        return "signs no witness record"
    if (event.seat, event.venue) != (of.seat, of.venue):
        return "another witness's"
    if signed.command.author_key != key or signed.seq < bound_at:
        return "not by the seat's key"
    return ""


def _chain(of: Handover) -> bytes | Refusal:
    chain = bytes(32)
    for number, one in enumerate(of.observations, 1):
        if (one.number, one.seat, one.session, one.venue) != (number, of.seat, of.session, of.venue):
            return _refused("observations", f"number {number}")
        chain = witnessing.chained_on(chain, one)
    return chain


def _answers(of: Handover, genesis: Entry, signed: Entry) -> tuple[Said, ...] | str:
    """What other venues say of this record, in order; else why one of them does not hold."""
    found: list[Said] = []
    for one in of.answers or ():
        said = _said(of, one, genesis, signed)
        if isinstance(said, str):
            return said
        if found and said.seq <= found[-1].seq:
            return "not in the record's order"
        found.append(said)
    return tuple(found)


def _said(of: Handover, one: Answered, genesis: Entry, signed: Entry) -> Said | str:
    answered, bound = _placed(of, one.answered), _placed(of, one.bound)
    if isinstance(answered, str) or isinstance(bound, str):
        return answered if isinstance(answered, str) else str(bound)
    event = next((each for each in answered.events if isinstance(each, WitnessRecordAnswered)), None)
    if not isinstance(answered.command.content, AcceptWitnessRecord) or event is None:
        return "answers no witness record"
    key = _seats_key(of.session, event.by, genesis, bound)
    if isinstance(key, Refusal):
        return str(key.detail["why"])
    if answered.command.author_key != key or answered.seq < bound.seq:
        return "not by the seat's key"
    content = signed.command.content
    assert isinstance(content, SignWitnessRecord)
    if (event.seat, event.count, event.record) != (of.seat, content.count, content.record):
        return "of another record"
    if event.venue == of.venue or answered.seq < signed.seq:
        return "of the same venue, or before the record was signed"
    return Said(event, answered.seq, answered.at)


def _remarks(of: Handover, answers: tuple[Said, ...]) -> Disclosed | Refusal:
    noted = {one.remark for one in of.observations} | {one.said.remark for one in answers}
    for one in of.remarks:
        if one.field != "remark" or one.digest not in noted or not hidden.holds(one):
            return _refused("remarks", "not what was noted")
    return Disclosed(of.remarks)


def _observation(session: str, event: ObservationNoted) -> Observation:
    return msgspec.convert(witnessing.observation(session, event), Observation)


def _refused(part: str, why: str) -> Refusal:
    return refuse("HandoverRefused", part=part, why=why)


def seats(record: Record) -> Sequence[str]:
    """The seats that signed a witness record, in the record's order."""
    found: list[Any] = [event for raw in record.entries for event in entry.decode(raw).events]
    return [one.seat for one in found if isinstance(one, WitnessRecordSigned)]
