"""What a bidder's page may be shown: the opening record, the questions put to it, and the result once public.

Forms only, like `views`, whose rules hold here as well; nothing of who scored what has a field.
"""

from typing import Literal

from msgspec import Struct

from protocol.views import AsOf, MilestoneView, RateView
from protocol.views_ceremony import CeremonyView
from protocol.views_identity import VoiceView
from protocol.views_review import ObjectionView
from protocol.words import BidderStep, MomentKind, Regime


class MomentView(Struct, frozen=True, forbid_unknown_fields=True):
    """A public moment of the tender: `at` is ms since 1970 UTC."""

    kind: MomentKind
    at: int
    lot: str


class ReadOutView(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the opening record (开标记录): one bid; `own` marks the reader's."""

    code: str
    own: bool
    read_out: bool
    name: str | None
    price: str | None
    quantities: dict[str, str] | None


class CandidateView(Struct, frozen=True, forbid_unknown_fields=True):
    """An award candidate as it is published: its place, who it is, its price and its figure."""

    rank: int
    code: str
    own: bool
    name: str | None
    price: str | None
    total: str


class OwnResultView(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one's own bid: `rejected` with its legal ground, else as the evaluation has it.

    `rank` is 0 and `total` empty where the bid was not ranked. Source: 87号令 69 (each supplier learns its
    own points and place, or why it was not qualified).
    """

    status: Literal["ranked", "below_pass", "not_qualified", "rejected"]
    rank: int
    total: str
    ground: str


class AskedView(Struct, frozen=True, forbid_unknown_fields=True):
    """A question of the committee to the bidder who reads, masked: nobody's seat. `due_at` is in ms.

    `question` and `reply` are texts; for the purpose `correction` the canonical JSON of what the price
    schedule comes to stands as the question. `result` is empty while it is open.
    """

    number: int
    purpose: str
    due_at: int
    answered: bool
    refused: bool
    result: str
    question: str | None = None
    reply: str | None = None


class BidderStageView(Struct, frozen=True, forbid_unknown_fields=True):
    """One lot's envelope as a bidder is shown it: opening record, what was drawn, the result if public."""

    lot: str
    envelope: str
    step: BidderStep
    title: str | None
    unit: str | None
    bids: tuple[ReadOutView, ...]
    draws: dict[str, str]
    rates: tuple[RateView, ...] | None
    timetable: tuple[MomentView, ...]
    candidates: tuple[CandidateView, ...] | None = None
    result: OwnResultView | None = None
    title_en: str | None = None
    asked: tuple[AskedView, ...] = ()
    objections: tuple[ObjectionView, ...] = ()
    round: int = 0
    phase: str = ""
    """The stage's phase while its bids are being opened; empty before and after (SPEC 28)."""
    ceremony: CeremonyView | None = None
    opening_signed: bool = False
    """Whether the reader has signed the opening record."""


class BidderView(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a bidder is shown of a session as of one entry; `step` is that of its lot furthest behind.

    Version 3: `speaks` is whether a bidder may act by itself, `keyed` whether a key of its own is bound.
    `milestones` are those alone at which a cosigner owed (待补签).
    Version 4: `voice` is how that key stands, its `key` empty while none is bound.
    """

    bidder: str
    code: str
    name: str | None
    session: str
    as_of: AsOf
    regime: Regime
    demonstration: bool
    step: BidderStep
    title: str | None
    title_en: str | None = None
    stages: tuple[BidderStageView, ...]
    keyed: bool = False
    speaks: bool = False
    milestones: tuple[MilestoneView, ...] = ()
    voice: VoiceView | None = None
