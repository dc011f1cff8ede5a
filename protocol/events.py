"""What happened: frozen structs, past tense, each with its version in its tag.

An event is what `decide` answers to a command and `evolve` folds into the state. A
published event never changes, not even by an optional field: a new form is a new class
with the next version (`SheetSealed.2`), and both stay readable for ever.
"""

from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits
from protocol.commands import (
    BidRef,
    LotRef,
    NodeKey,
    ProvinceSignature,
    RejectedBid,
    SeatRef,
    VenueRef,
)
from protocol.events_ceremony import CeremonyEvent
from protocol.events_draw import DrawEvent
from protocol.events_escrow import EscrowEvent
from protocol.events_identity import IdentityEvent
from protocol.events_live import LiveEvent
from protocol.events_milestones import MilestoneEvent
from protocol.events_oversight import OversightEvent
from protocol.events_recognition import RecognitionEvent
from protocol.events_review import ReviewEvent
from protocol.events_signatures import SignaturesEvent
from protocol.events_turns import TurnsEvent
from protocol.plan.observations import Finding
from protocol.words import (
    Count,
    DecimalText,
    Hash,
    HashOrEmpty,
    Id,
    IdOrEmpty,
    KeyText,
    Means,
    Milestone,
    Millis,
    Regime,
    SessionPhase,
    StagePhase,
    Text,
)


class SessionBooked(Struct, frozen=True, forbid_unknown_fields=True, tag="SessionBooked.1"):
    """Genesis: the facts of `BookSession`, and the agent's key that signed it."""

    session: Id
    agent_key: KeyText
    rules_version: Id
    regime: Regime
    demonstration: bool
    plan: Hash
    lots: tuple[LotRef, ...]
    committee_size_min: Count
    committee_odd: bool
    experts_num: Count
    experts_den: Count
    bids_min: Count
    scoring_ms: Millis
    names_hidden: bool
    milestone_wait_ms: Millis
    installation_key: KeyText
    policy_digest: bytes
    province_signatures: tuple[ProvinceSignature, ...]
    node_keys: tuple[NodeKey, ...]


class PhaseEntered(Struct, frozen=True, forbid_unknown_fields=True, tag="PhaseEntered.1"):
    """The session has entered a phase."""

    phase: SessionPhase


class StageEntered(Struct, frozen=True, forbid_unknown_fields=True, tag="StageEntered.1"):
    """One lot's envelope has entered a phase."""

    lot: Id
    envelope: Id
    round: Count
    phase: StagePhase


class MilestonePending(Struct, frozen=True, forbid_unknown_fields=True, tag="MilestonePending.1"):
    """A milestone is now awaited; what its row guards waits for it."""

    milestone: Milestone
    lot: IdOrEmpty
    envelope: IdOrEmpty


class MilestoneReached(Struct, frozen=True, forbid_unknown_fields=True, tag="MilestoneReached.1"):
    """The head at the milestone, who cosigned it, who owes a cosignature (待补签)."""

    milestone: Milestone
    lot: IdOrEmpty
    envelope: IdOrEmpty
    size: Count
    root: Hash
    cosigned: tuple[Id, ...]
    owed: tuple[Id, ...]


class CommitteeImported(Struct, frozen=True, forbid_unknown_fields=True, tag="CommitteeImported.1"):
    """Venues and seats of the session, from a draw outside it."""

    source: Text
    digest: Hash
    signer: Text
    venues: tuple[VenueRef, ...]
    seats: tuple[SeatRef, ...]


class SeatBound(Struct, frozen=True, forbid_unknown_fields=True, tag="SeatBound.1"):
    """A key now speaks for a seat; a key bound before speaks no more."""

    seat: Id
    key: KeyText
    means: Means


class OpeningImported(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningImported.1"):
    """The opened bids of one lot and envelope."""

    lot: Id
    envelope: Id
    source: Text
    digest: Hash
    signer: Text
    bids: tuple[BidRef, ...]


class KDrawn(Struct, frozen=True, forbid_unknown_fields=True, tag="KDrawn.1"):
    """A drawn rate of a lot's price formula, per cent as the plan writes it."""

    lot: Id
    envelope: Id
    rate: Id
    k: DecimalText


class SeatCheckedIn(Struct, frozen=True, forbid_unknown_fields=True, tag="SeatCheckedIn.1"):
    """A member signed the undertaking and declared no ground for recusal."""

    seat: Id
    undertaking: Hash


class RosterLocked(Struct, frozen=True, forbid_unknown_fields=True, tag="RosterLocked.1"):
    """The committee, in seat order."""

    members: Annotated[tuple[Id, ...], Meta(max_length=limits.SEATS_MAX)]


class PreliminaryImported(Struct, frozen=True, forbid_unknown_fields=True, tag="PreliminaryImported.1"):
    """Which bids go on to detailed review, and which were rejected on which ground."""

    lot: Id
    envelope: Id
    source: Text
    digest: Hash
    signer: Text
    valid: tuple[Id, ...]
    rejected: tuple[RejectedBid, ...]


class SheetSealed(Struct, frozen=True, forbid_unknown_fields=True, tag="SheetSealed.1"):
    """One expert's scores for one stage are committed."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    commitment: Hash


class OpeningTried(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningTried.1"):
    """A venue could (`ok`) or could not open a seat's commitment."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    ok: bool
    cause: IdOrEmpty


class SheetOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="SheetOpened.1"):
    """A seat's opening lies with the coordinator; nobody is shown it before all are in."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    commitment: Hash


class ScoresOpened(Struct, frozen=True, forbid_unknown_fields=True, tag="ScoresOpened.1"):
    """All openings are in: the allow-table now shows them, all together."""

    lot: Id
    envelope: Id
    round: Count


class TallyPublished(Struct, frozen=True, forbid_unknown_fields=True, tag="TallyPublished.1"):
    """The digest of the evaluation, recomputed by `check`."""

    lot: Id
    envelope: Id
    round: Count
    tally: Hash


class ReportImported(Struct, frozen=True, forbid_unknown_fields=True, tag="ReportImported.1"):
    """The evaluation report's digest."""

    source: Text
    digest: Hash
    signer: Text
    report: Hash


class ReportSigned(Struct, frozen=True, forbid_unknown_fields=True, tag="ReportSigned.1"):
    """A member signed the report."""

    seat: Id
    report: Hash


class OverrunRaised(Struct, frozen=True, forbid_unknown_fields=True, tag="OverrunRaised.1"):
    """The scoring time is over and these seats have not sealed; they may still."""

    lot: Id
    envelope: Id
    round: Count
    seats: tuple[Id, ...]


class RefusalNoted(Struct, frozen=True, forbid_unknown_fields=True, tag="RefusalNoted.1"):
    """An act was refused that supervisors must know of."""

    seat: IdOrEmpty
    command_type: Id
    code: Id
    command_digest: Hash


class BidReadOut(Struct, frozen=True, forbid_unknown_fields=True, tag="BidReadOut.1"):
    """A bid was read out at the opening; `seat` read it."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: Id


class OpeningRecordSigned(Struct, frozen=True, forbid_unknown_fields=True, tag="OpeningRecordSigned.1"):
    """A seat signed the opening record of a stage."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    record: Hash


class ObservationNoted(Struct, frozen=True, forbid_unknown_fields=True, tag="ObservationNoted.1"):
    """A witness noted something; `number` counts that seat's observations from 1."""

    lot: IdOrEmpty
    envelope: IdOrEmpty
    round: Count
    seat: Id
    venue: Id
    number: Count
    item: Id
    finding: Finding
    subject: IdOrEmpty
    entry: Count
    noted_at: Millis
    media_offset_ms: Millis
    remark: HashOrEmpty


class WitnessRecordSigned(Struct, frozen=True, forbid_unknown_fields=True, tag="WitnessRecordSigned.1"):
    """A witness signed the whole of their observations; none is taken from that seat afterwards."""

    seat: Id
    venue: Id
    count: Count
    record: Hash


Event = (
    SessionBooked
    | PhaseEntered
    | StageEntered
    | MilestonePending
    | MilestoneReached
    | CommitteeImported
    | SeatBound
    | OpeningImported
    | KDrawn
    | SeatCheckedIn
    | RosterLocked
    | PreliminaryImported
    | SheetSealed
    | OpeningTried
    | SheetOpened
    | ScoresOpened
    | TallyPublished
    | ReportImported
    | ReportSigned
    | OverrunRaised
    | RefusalNoted
    | BidReadOut
    | OpeningRecordSigned
    | ObservationNoted
    | WitnessRecordSigned
    | DrawEvent
    | ReviewEvent
    | TurnsEvent
    | CeremonyEvent
    | EscrowEvent
    | IdentityEvent
    | SignaturesEvent
    | LiveEvent
    | RecognitionEvent
    | OversightEvent
    | MilestoneEvent
)
"""Every event, tagged by `type` with its version; those of rules versions 3 and 4 stand with their groups."""
