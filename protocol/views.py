"""What a page may be shown: plain structs that projections fill through the allow-table.

Every field that can hide something is None by default. A view says `as_of`: the size of the
record it was folded from, and the clock of that entry. Numbers that a page computes with are
integers; the tally is the canonical JSON of the disclosed evaluation, as text.
"""

from typing import Literal

from msgspec import Struct

from protocol.views_ceremony import CeremonyView, EscrowView, PaperView
from protocol.views_identity import VoiceView
from protocol.views_oversight import InterventionView
from protocol.views_review import (
    CommitteeView,
    DrawingView,
    DrawView,
    LimitsView,
    ObjectionView,
    ReviewView,
    SigningView,
    StageTurnsView,
    SuspensionView,
    VoidView,
)
from protocol.words import Milestone, Regime, Role

AlertGroup = Literal["flow", "opening", "evaluation", "movement"]
"""业务流程, 开标, 评标, 人员动态: the four groups in which a supervisor looks for what is unusual."""

AlertKind = Literal[
    "MilestoneOwed", "ActRefused", "CopyStopped",
    "BidsFew", "BidsRejected",
    "ScoringOverrun", "OpeningFault", "Deviation", "ObjectiveMismatch",
    "SeatRebound", "SeatLeft", "LineSilent", "Observation",
    "Suspended", "CommitteeVoid", "Objection", "RateWithheld", "RejectionVote", "RejectedByVote",
    "ScoreCorrected", "ScoreAbnormal", "Dissent", "SigningRefused", "Recusal",
    "Intervention", "AnswerOverdue",
    "SessionFailed", "StageFailed", "BidFailed", "AgreementDeemed", "FaceShown",
]  # fmt: skip
Severity = Literal["notice", "warning", "alarm"]


class AsOf(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which entry a view tells: number of entries, coordinator's clock (ms), root."""

    size: int
    at: int
    root: bytes


class SeatCounts(Struct, frozen=True, forbid_unknown_fields=True):
    """How far the seats of one role at a venue are, reserves left out.

    `sealed` counts those that have sealed every stage that has come to scoring.
    """

    role: Role
    seats: int
    bound: int
    checked_in: int
    sealed: int
    signed: int


class VenueView(Struct, frozen=True, forbid_unknown_fields=True):
    """A venue, its province, and the key with which its node signs *kept* receipts.

    `line` is whether its node is connected to the coordinator, as far as the page's own node knows, and
    `line_since` when that node noticed (ms).
    """

    venue: str
    province: str
    role: str
    node_key: str
    zh: str | None = None
    en: str | None = None
    counts: tuple[SeatCounts, ...] = ()
    line: Literal["unknown", "up", "down"] = "unknown"
    line_since: int = 0


class SeatView(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat and how far its person is; the person's name only where the table allows."""

    seat: str
    role: Role
    venue: str
    kind: str
    reserve: bool
    bound: bool
    checked_in: bool
    signed: bool
    person: str | None = None


class BidView(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid under its neutral code; name, price and quantities where the table allows."""

    bidder: str
    code: str
    valid: bool
    ground: str
    name: str | None = None
    price: str | None = None
    quantities: dict[str, str] | None = None
    read_out: bool = False


class CriterionView(Struct, frozen=True, forbid_unknown_fields=True):
    """A scored item: `max_centi` and `step_centi` in hundredths of a point."""

    criterion: str
    group: str
    zh: str
    en: str
    group_zh: str
    group_en: str
    rule_zh: str
    rule_en: str
    kind: str
    blind: bool
    max_centi: int
    step_centi: int


class SheetView(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a seat's sheet is; its scores (`bidder → criterion → points_centi`) if allowed."""

    seat: str
    sealed: bool
    tried: str
    opened: bool
    scores: dict[str, dict[str, int]] | None = None


class RateView(Struct, frozen=True, forbid_unknown_fields=True):
    """A rate that is drawn in public (K 值): its candidates, per cent."""

    rate: str
    zh: str
    en: str
    candidates: tuple[str, ...]


class StageView(Struct, frozen=True, forbid_unknown_fields=True):
    """One lot's envelope: its phase and what may be shown of it; `unit` is that of its prices."""

    lot: str
    envelope: str
    round: int
    phase: str
    entered_at: int
    title: str | None
    sealed_count: int
    sealed_expected: int
    bids: tuple[BidView, ...] | None
    criteria: tuple[CriterionView, ...] | None
    draws: dict[str, str]
    rates: tuple[RateView, ...] | None
    sheets: tuple[SheetView, ...] | None
    tally: str | None
    overrun: tuple[str, ...]
    opening_signed: tuple[str, ...] = ()
    unit: str | None = None
    title_en: str | None = None
    review: ReviewView | None = None
    turns: StageTurnsView | None = None
    drawings: tuple[DrawingView, ...] = ()
    equal: tuple[str, ...] = ()
    """Bids that the tenderee has to put in order before anything is ranked (SPEC 17.9)."""
    objections: tuple[ObjectionView, ...] = ()
    ceremony: CeremonyView | None = None
    escrow: EscrowView | None = None


class ObservationView(Struct, frozen=True, forbid_unknown_fields=True):
    """One observation of a witness: entry `seq` and its clock `at`, then what was noted.

    `remark` is the text's digest, empty where there is none; `text` where the table allows.
    """

    seq: int
    at: int
    lot: str
    envelope: str
    round: int
    seat: str
    venue: str
    number: int
    item: str
    finding: str
    subject: str
    entry: int
    noted_at: int
    media_offset_ms: int
    remark: bytes
    text: str | None = None


class RecordAnswerView(Struct, frozen=True, forbid_unknown_fields=True):
    """What a venue says of a witness's record (见证互认): by which witness, when, `text` where shown."""

    venue: str
    verdict: str
    reason: str
    by: str
    seq: int
    at: int
    text: str | None = None


class WitnessRecordView(Struct, frozen=True, forbid_unknown_fields=True):
    """How many observations a witness has noted, the chain over them, whether it is signed.

    `seq` is the entry that signed it, 0 before. `answers` and `awaited` (venues, SPEC 13.4) are of rules
    version 4: who has said whether it is accepted, and which other venues with a witness have not.
    """

    seat: str
    count: int
    record: bytes
    signed: bool
    venue: str = ""
    seq: int = 0
    answers: tuple[RecordAnswerView, ...] = ()
    awaited: tuple[str, ...] = ()


class Awaited(Struct, frozen=True, forbid_unknown_fields=True):
    """Who has to do what before the next step: a seat or a venue, and the act's type."""

    who: str
    role: Role
    act: str
    lot: str = ""
    envelope: str = ""


class ActView(Struct, frozen=True, forbid_unknown_fields=True):
    """An act the speaker could do in this phase; with the refusal it would meet, if any."""

    type: str
    lot: str
    envelope: str
    round: int
    target: str
    code: str
    zh: str
    en: str


class LateView(Struct, frozen=True, forbid_unknown_fields=True):
    """A cosigner that owed at a milestone (待补签), since when, and when that was settled (0: not yet)."""

    cosigner: str
    since: int
    settled: int


class MilestoneView(Struct, frozen=True, forbid_unknown_fields=True):
    """A milestone, pending (size 0) or reached; `late` are those that owe there, or once did."""

    milestone: Milestone
    lot: str
    envelope: str
    size: int
    cosigned: tuple[str, ...]
    owed: tuple[str, ...]
    late: tuple[LateView, ...] = ()


class RecordingView(Struct, frozen=True, forbid_unknown_fields=True):
    """A source that a venue has recorded: when its first segment began, and its last ended (ms)."""

    source: str
    venue: str
    began_at: int
    ended_at: int
    segments: int


class RollCallView(Struct, frozen=True, forbid_unknown_fields=True):
    """A roll-call picture (SPEC 31.6): by whom and when, its digest, which seats it shows and which not."""

    number: int
    seq: int
    at: int
    taken_at: int
    by: str
    digest: bytes
    octets: int
    width: int
    height: int
    shown: tuple[str, ...]
    missing: tuple[str, ...]
    rooms: tuple[str, ...]


class AlertView(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that whoever watches should look at; it stops nothing and judges nobody.

    `id` says what it is of. `seq` is the entry that raised it, at `since` (ms); -1 for what the page's own
    node has noticed. `until` is 0 while it goes on. `detail` are particulars by name, for the page's words.
    """

    id: str
    group: AlertGroup
    kind: AlertKind
    severity: Severity
    since: int
    seq: int
    until: int = 0
    lot: str = ""
    envelope: str = ""
    seats: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    detail: dict[str, str] = {}


class View(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one role at one seat may be shown of a session as of one entry.

    `awaited` is whose act is needed before something can go on; `outstanding` what is still to
    be done although nothing waits for it. `observations` are the newest of all witnesses.
    `seats` are those within the role's reach; `province` is the viewer's own (SPEC 10.5). From
    `committee` on: rules version 3 alone; `bidders` are the names a member thinks of for the recusal (回避);
    `paper`, `interventions`, `masked` (experts' seats whose faces are masked), `called` (whom a roll-call
    calls) and `roll_calls` rules version 4.
    """

    role: Role
    seat: str
    province: str = ""
    session: str
    as_of: AsOf
    regime: Regime
    rules_version: str
    demonstration: bool
    phase: str
    path: tuple[str, ...]
    title: str | None = None
    title_en: str | None = None
    undertaking: str | None = None
    venues: tuple[VenueView, ...] = ()
    seats: tuple[SeatView, ...] = ()
    stages: tuple[StageView, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    outstanding: tuple[Awaited, ...] = ()
    acts: tuple[ActView, ...] = ()
    milestones: tuple[MilestoneView, ...] = ()
    alerts: tuple[AlertView, ...] = ()
    report: str | None = None
    observations: tuple[ObservationView, ...] = ()
    witness_records: tuple[WitnessRecordView, ...] = ()
    recordings: tuple[RecordingView, ...] = ()
    committee: CommitteeView | None = None
    suspension: SuspensionView | None = None
    void: tuple[VoidView, ...] = ()
    signing: SigningView | None = None
    bidders: tuple[str, ...] = ()
    draw: DrawView | None = None
    limits: LimitsView | None = None
    voice: VoiceView | None = None
    paper: PaperView | None = None
    interventions: tuple[InterventionView, ...] = ()
    masked: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    roll_calls: tuple[RollCallView, ...] = ()


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry as a subscriber sees it: every `seq` comes, hidden ones as their hash alone.

    `leaf` is the RFC 6962 leaf hash of the entry. `who` is a seat, a venue's node or `installation`, `role`
    as what it speaks, `venue` where it stands; `about` are public particulars of the act by name. All are
    empty when the allow-table hides the act's kind from the role.
    """

    seq: int
    at: int
    leaf: bytes
    type: str
    who: str
    lot: str
    envelope: str
    events: tuple[str, ...]
    venue: str = ""
    role: str = ""
    about: dict[str, str] = {}
