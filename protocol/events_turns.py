"""What happened under rules version 3, group `turns` (SPEC 17); listed in `events.Event`."""

from msgspec import Struct

from protocol.commands_turns import (
    IdentityMeans,
    Item,
    SessionFailure,
    StageFailure,
    SuspensionReason,
    VoidReason,
)
from protocol.content import SeatRef, VenueRef
from protocol.plan.conduct import Ground
from protocol.words import (
    Count,
    DecimalText,
    Hash,
    HashOrEmpty,
    Id,
    IdOrEmpty,
    Millis,
    Salt,
    SessionPhase,
    Text,
)


class RecheckBegun(Struct, frozen=True, forbid_unknown_fields=True, tag="RecheckBegun.1"):
    """A recheck began; `number` counts those of a stage's round from 1."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    number: Count
    ground: Ground


class AbnormalFound(Struct, frozen=True, forbid_unknown_fields=True, tag="AbnormalFound.1"):
    """A member holds a seat's points for an item abnormal; `found` once more than half do."""

    lot: Id
    envelope: Id
    round: Count
    by: Id
    seat: Id
    bidder: Id
    criterion: Id
    found: bool


class ItemCorrected(Struct, frozen=True, forbid_unknown_fields=True, tag="ItemCorrected.1"):
    """A member corrected items of their own sheet; `number` counts the stage's corrections from 1."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    number: Count
    ground: Ground
    items: tuple[Item, ...]
    correction: Hash


class TallySetAside(Struct, frozen=True, forbid_unknown_fields=True, tag="TallySetAside.1"):
    """A published tally counts no more: something that it rests on has changed."""

    lot: Id
    envelope: Id
    round: Count
    tally: Hash


class DeviationExplained(Struct, frozen=True, forbid_unknown_fields=True, tag="DeviationExplained.1"):
    """A member explained in writing why their points lie far from the others'."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    bidder: Id
    criterion: IdOrEmpty
    explanation: Hash


class MoreTimeAsked(Struct, frozen=True, forbid_unknown_fields=True, tag="MoreTimeAsked.1"):
    """A member holds the time for the evaluation too short."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id


class TimeExtended(Struct, frozen=True, forbid_unknown_fields=True, tag="TimeExtended.1"):
    """The scoring time of a stage grew; `seats` had asked for it."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    seats: tuple[Id, ...]
    added_ms: Millis


class SessionSuspended(Struct, frozen=True, forbid_unknown_fields=True, tag="SessionSuspended.1"):
    """The session stands still since the author's `author_at`; `size` and `root` are the head before."""

    phase: SessionPhase
    reason: SuspensionReason
    seat: Id
    venue: IdOrEmpty
    author_at: Millis
    limit_ms: Millis
    statement: Hash
    size: Count
    root: Hash


class SeatReconfirmed(Struct, frozen=True, forbid_unknown_fields=True, tag="SeatReconfirmed.1"):
    """A member's face and seat were looked at again, by `by` of the same venue."""

    seat: Id
    by: Id
    means: IdentityMeans


class SessionResumed(Struct, frozen=True, forbid_unknown_fields=True, tag="SessionResumed.1"):
    """The session goes on after so long, by the coordinator's clock."""

    phase: SessionPhase
    seat: Id
    suspended_ms: Millis


class CommitteeVoided(Struct, frozen=True, forbid_unknown_fields=True, tag="CommitteeVoided.1"):
    """The committee's conclusions are void and kept; `number` counts void committees from 1."""

    number: Count
    reason: VoidReason
    seat: Id
    statement: Hash
    members: tuple[Id, ...]


class CommitteeRebuilt(Struct, frozen=True, forbid_unknown_fields=True, tag="CommitteeRebuilt.1"):
    """Venues and seats with a new committee."""

    source: Text
    digest: Hash
    signer: Text
    venues: tuple[VenueRef, ...]
    seats: tuple[SeatRef, ...]


class SessionFailed(Struct, frozen=True, forbid_unknown_fields=True, tag="SessionFailed.1"):
    """The evaluation came to nothing."""

    reason: SessionFailure
    seat: Id
    statement: Hash


class StageFailed(Struct, frozen=True, forbid_unknown_fields=True, tag="StageFailed.1"):
    """A lot's envelope, and the later ones, came to nothing."""

    lot: Id
    envelope: Id
    round: Count
    reason: StageFailure
    seat: Id
    statement: Hash


class DissentRecorded(Struct, frozen=True, forbid_unknown_fields=True, tag="DissentRecorded.1"):
    """A member gave a dissent with reasons in writing."""

    seat: Id
    report: Hash
    dissent: Hash


class SignatureRefused(Struct, frozen=True, forbid_unknown_fields=True, tag="SignatureRefused.1"):
    """A member refused to sign and gave no reasons."""

    seat: Id
    report: Hash


class AgreementDeemed(Struct, frozen=True, forbid_unknown_fields=True, tag="AgreementDeemed.1"):
    """A member who neither signed nor dissented is deemed to agree."""

    seat: Id
    refused: bool
    statement: Hash


class PassingConfirmed(Struct, frozen=True, forbid_unknown_fields=True, tag="PassingConfirmed.1"):
    """The bidders whose next envelope is opened."""

    lot: Id
    envelope: Id
    round: Count
    passing: tuple[Id, ...]


class KDrawBegun(Struct, frozen=True, forbid_unknown_fields=True, tag="KDrawBegun.1"):
    """A rate is to be drawn among these; `attempt` counts from 1."""

    lot: Id
    envelope: Id
    round: Count
    rate: Id
    candidates: tuple[DecimalText, ...]
    attempt: Count


class KCommitted(Struct, frozen=True, forbid_unknown_fields=True, tag="KCommitted.1"):
    """A seat committed to its secret for a rate."""

    lot: Id
    envelope: Id
    rate: Id
    seat: Id
    commitment: Hash


class KRevealed(Struct, frozen=True, forbid_unknown_fields=True, tag="KRevealed.1"):
    """A seat revealed its secret for a rate."""

    lot: Id
    envelope: Id
    rate: Id
    seat: Id
    random: Salt
    salt: Salt


class KDrawRestarted(Struct, frozen=True, forbid_unknown_fields=True, tag="KDrawRestarted.1"):
    """A draw was given up because of these seats and begins again as `attempt`."""

    lot: Id
    envelope: Id
    rate: Id
    by: Id
    attempt: Count
    withheld: tuple[Id, ...]
    statement: Hash


class ObjectionRaised(Struct, frozen=True, forbid_unknown_fields=True, tag="ObjectionRaised.1"):
    """A bidder objected at the opening; `number` counts the stage's objections from 1."""

    lot: Id
    envelope: Id
    number: Count
    seat: Id
    bidder: Id
    objection: Hash


class ObjectionAnswered(Struct, frozen=True, forbid_unknown_fields=True, tag="ObjectionAnswered.1"):
    """The tenderee answered an objection on the spot."""

    lot: Id
    envelope: Id
    number: Count
    seat: Id
    answer: Hash


class TieDecided(Struct, frozen=True, forbid_unknown_fields=True, tag="TieDecided.1"):
    """In which order equal bids stand, best first; `of` names the plan's rule, empty where it has none."""

    lot: Id
    envelope: Id
    round: Count
    seat: Id
    of: IdOrEmpty
    order: tuple[Id, ...]
    statement: Hash


class ReevaluationBegun(Struct, frozen=True, forbid_unknown_fields=True, tag="ReevaluationBegun.1"):
    """The committee goes back to its report; `report` and what was signed under it count no more."""

    number: Count
    phase: SessionPhase
    ground: Ground
    seat: Id
    statement: Hash
    report: HashOrEmpty


TurnsEvent = (
    RecheckBegun
    | AbnormalFound
    | ItemCorrected
    | TallySetAside
    | DeviationExplained
    | MoreTimeAsked
    | TimeExtended
    | SessionSuspended
    | SeatReconfirmed
    | SessionResumed
    | CommitteeVoided
    | CommitteeRebuilt
    | SessionFailed
    | StageFailed
    | DissentRecorded
    | SignatureRefused
    | AgreementDeemed
    | PassingConfirmed
    | KDrawBegun
    | KCommitted
    | KRevealed
    | KDrawRestarted
    | ObjectionRaised
    | ObjectionAnswered
    | TieDecided
    | ReevaluationBegun
)
