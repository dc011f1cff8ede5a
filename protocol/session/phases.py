"""The process as data: phases, moves between them, and who may do what in which phase.

Two tracks run side by side. The *session* track is the committee's: booked, drawn, check-in,
ready, report, signing, submitted, archived. Each lot's envelope has a *stage* track of its
own: opening, release, preliminary and detailed review, sealing and opening of scores,
aggregation, ranking. A move names its source and target, the act that makes it, the guards
it must meet, the milestone it must wait for and the one that its target calls for.

The tables hold the whole process of the law (DOMAIN 1). Rows with ``available=False`` stand
for acts whose content a later rules version defines; they are refused with
`NotYetAvailable`. A published version never changes: filling a row in is a new version.
Version 3 is version 2 grown by three groups of rows, each with a folder of its own: `committee`
(draw of experts, check-in, replacement), `review` (preliminary review, clarification,
rejection), `turns` (recheck, suspension, dissent, two envelopes, drawn rates). Version 4 grows
version 3 by `milestones`, `identity`, `ceremony`, `escrow`, `signatures`, `live`, `recognition` and
`oversight`.
Sources: 招标投标法 34-45, 实施条例 44-57, 12号令, 20号令 28-35, 87号令 41-70.
"""

from protocol.session.ceremony import rows as ceremony
from protocol.session.committee import rows as committee
from protocol.session.escrow import rows as escrow
from protocol.session.identity import rows as identity
from protocol.session.live import rows as live
from protocol.session.milestones import rows as milestones
from protocol.session.oversight import rows as oversight
from protocol.session.recognition import rows as recognition
from protocol.session.review import rows as review
from protocol.session.rows import (
    ANY_SESSION,
    DESK,
    PERSONS,
    REVIEW,
    RUNNING,
    SESSION_ORDER,
    STAGE_ORDER,
    Act,
    Move,
    Rules,
    Scope,
    grown_from,
)
from protocol.session.signatures import rows as signatures
from protocol.session.turns import rows as turns

__all__ = [
    "CURRENT",
    "RULES",
    "SESSION_ORDER",
    "STAGE_ORDER",
    "Act",
    "Move",
    "Rules",
    "Scope",
    "moves_from",
    "reached",
]

_ACTS_1: tuple[Act, ...] = (
    # Booking and the committee
    Act("BookSession", "session", ("DRAFT",), DESK),
    Act("ImportCommittee", "session", ("BOOKED",), DESK),
    Act("BindSeat", "session", ANY_SESSION, PERSONS),
    Act("FreezePool", "session", ("BOOKED",), DESK, False),
    Act("CommitDrawSeed", "session", ("BOOKED",), ("supervisor", "venue"), False),
    Act("RevealDrawSeed", "session", ("BOOKED",), ("supervisor", "venue"), False),
    Act("DrawCommittee", "session", ("BOOKED",), DESK, False),
    Act("DrawVenues", "session", ("BOOKED",), DESK, False),
    Act("CallReplacement", "session", RUNNING, DESK, False),
    Act("DeclareRecusal", "session", RUNNING, ("expert",), False),
    Act("ReplaceMember", "session", RUNNING, DESK, False),
    # Opening
    Act("ImportOpening", "stage", ("AWAITED",), DESK),
    Act("BeginOpening", "stage", ("AWAITED",), ("tenderee",), False),
    Act("AnswerRollCall", "stage", ("OPENING",), ("venue",), False),
    Act("ReceiveBids", "stage", ("OPENING",), ("installation",), False),
    Act("ReleaseBid", "stage", ("BIDDERS_RELEASE",), ("bidder",), False),
    Act("CloseRelease", "stage", ("BIDDERS_RELEASE",), ("tenderee", "installation"), False),
    Act("ReleaseCustody", "stage", ("CUSTODIANS_RELEASE",), ("venue",), False),
    Act("ReportDecryption", "stage", ("CUSTODIANS_RELEASE",), ("venue",), False),
    Act("ReadOut", "stage", ("OPENED",), ("tenderee",), False),
    Act("RaiseObjection", "stage", ("OPENING", "BIDDERS_RELEASE", "OPENED"), ("bidder",), False),
    Act("AnswerObjection", "stage", ("OPENING", "BIDDERS_RELEASE", "OPENED"), ("tenderee",), False),
    Act("SignOpeningRecord", "stage", ("OPENED",), ("tenderee", "bidder", "witness"), False),
    Act("DrawK", "stage", ("OPENED", "PRELIM"), DESK),
    Act("CommitK", "stage", ("OPENED", "PRELIM"), ("tenderee", "witness", "supervisor"), False),
    Act("RevealK", "stage", ("OPENED", "PRELIM"), ("tenderee", "witness", "supervisor"), False),
    # Check-in
    Act("OpenCheckIn", "session", ("DRAWN",), DESK),
    Act("CheckIn", "session", ("CHECKIN",), ("expert",)),
    Act("ConfirmIdentity", "session", ("CHECKIN",), ("keeper", "witness"), False),
    Act("LockRoster", "session", ("CHECKIN",), DESK),
    Act("ElectChair", "session", ("CHECKIN", "COMMITTEE_READY"), ("expert",), False),
    # Preliminary review
    Act("BeginPreliminary", "stage", ("OPENED",), DESK),
    Act("ImportPreliminary", "stage", ("PRELIM",), DESK),
    Act("MarkItem", "stage", ("PRELIM",), ("expert", "tenderee"), False),
    Act("AskClarification", "stage", REVIEW, ("expert",), False),
    Act("AnswerClarification", "stage", ("CLARIFYING",), ("bidder",), False),
    Act("CloseClarification", "stage", ("CLARIFYING",), ("expert", "installation"), False),
    Act("ProposeRejection", "stage", REVIEW, ("expert",), False),
    Act("CastVote", "stage", ("REJECT_VOTE",), ("expert",), False),
    Act("CloseVote", "stage", ("REJECT_VOTE",), ("expert", "installation"), False),
    Act("ConcludePreliminary", "stage", ("PRELIM",), ("expert", "agent"), False),
    # Detailed review: scoring by commit and reveal
    Act("SealSheet", "stage", ("DETAILED",), ("expert",)),
    Act("AcknowledgeEscrow", "stage", ("DETAILED",), ("venue",), False),
    Act("CloseScoring", "stage", ("DETAILED",), DESK),
    Act("TryOpening", "stage", ("SCORES_SEALED",), ("venue",)),
    Act("OpenSheet", "stage", ("SCORES_OPENING",), ("venue",)),
    Act("AskMoreTime", "stage", REVIEW, ("expert",), False),
    # Aggregation
    Act("PublishTally", "stage", ("SUMMARY",), DESK),
    Act("ExplainDeviation", "stage", ("SUMMARY", "RECHECK"), ("expert",), False),
    Act("BeginRecheck", "stage", ("SUMMARY",), ("agent", "expert"), False),
    Act("CorrectItem", "stage", ("RECHECK",), ("expert",), False),
    Act("EndRecheck", "stage", ("RECHECK",), ("agent", "expert"), False),
    Act("ConfirmRanking", "stage", ("SUMMARY",), DESK),
    # Report
    Act("BeginReport", "session", ("COMMITTEE_READY",), DESK),
    Act("ImportReport", "session", ("REPORT_DRAFT",), DESK),
    Act("SignReport", "session", ("SIGNING",), ("expert",)),
    Act("RecordDissent", "session", ("SIGNING",), ("expert",), False),
    Act("DeemAgreement", "session", ("SIGNING",), ("agent", "installation"), False),
    Act("SubmitReport", "session", ("SIGNING",), DESK),
    Act("ArchiveSession", "session", ("SUBMITTED",), DESK),
    # When things go wrong, and who watches
    Act("Suspend", "session", RUNNING[1:], ("agent", "supervisor", "installation"), False),
    Act("Resume", "session", ("SUSPENDED",), DESK, False),
    Act("VoidCommittee", "session", (*RUNNING, "SUSPENDED"), ("agent", "tenderee"), False),
    Act("RebuildCommittee", "session", ("COMMITTEE_VOID",), DESK, False),
    Act("FailSession", "session", (*ANY_SESSION, "SUSPENDED"), ("agent", "tenderee"), False),
    Act("FailStage", "stage", STAGE_ORDER[:-1], ("agent", "tenderee"), False),
    Act("NoteObservation", "session", ANY_SESSION, ("witness",), False),
    Act("Intervene", "session", ANY_SESSION, ("supervisor",), False),
    Act("AnswerIntervention", "session", ANY_SESSION, ("agent", "witness"), False),
    Act("RecordSegment", "session", ANY_SESSION, ("venue",), False),
    # The installation's own
    Act("ReachMilestone", "any", SESSION_ORDER[1:], ("installation",)),
    Act("RaiseOverrun", "stage", ("DETAILED",), ("installation",)),
    Act("NoteRefusal", "session", SESSION_ORDER[1:], ("installation",)),
)

_MOVES_1: tuple[Move, ...] = (
    Move("session", "DRAFT", "BOOKED", "BookSession", calls="genesis"),
    Move("session", "BOOKED", "DRAWN", "ImportCommittee", awaits="genesis"),
    Move("session", "BOOKED", "DRAWN", "DrawCommittee", awaits="genesis", available=False),
    Move("session", "DRAWN", "CHECKIN", "OpenCheckIn", ("first_envelopes_opened",)),
    Move(
        "session", "CHECKIN", "COMMITTEE_READY", "LockRoster",
        ("members_checked_in", "committee_lawful"), calls="roster_locked",
    ),
    Move(
        "session", "COMMITTEE_READY", "REPORT_DRAFT", "BeginReport", ("stages_ranked",),
        calls="ranking_final",
    ),
    Move("session", "REPORT_DRAFT", "SIGNING", "ImportReport", awaits="ranking_final"),
    Move("session", "SIGNING", "SUBMITTED", "SubmitReport", ("members_signed",)),
    Move("session", "SUBMITTED", "ARCHIVED", "ArchiveSession"),
    Move("session", "*", "SUSPENDED", "Suspend", available=False),
    Move("session", "SUSPENDED", "*", "Resume", available=False),
    Move("session", "*", "COMMITTEE_VOID", "VoidCommittee", available=False),
    Move("session", "COMMITTEE_VOID", "DRAWN", "RebuildCommittee", available=False),
    Move("session", "*", "FAILED", "FailSession", available=False),
    Move(
        "stage", "AWAITED", "OPENED", "ImportOpening", ("committee_drawn", "earlier_envelope"),
        calls="bids_opened",
    ),
    Move("stage", "AWAITED", "OPENING", "BeginOpening", ("earlier_envelope",), available=False),
    Move(
        "stage", "OPENING", "BIDDERS_RELEASE", "ReceiveBids", calls="bids_received",
        available=False,
    ),
    Move(
        "stage", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "CloseRelease",
        awaits="bids_received", calls="release_closed", available=False,
    ),
    Move(
        "stage", "CUSTODIANS_RELEASE", "OPENED", "ReportDecryption", awaits="release_closed",
        calls="bids_opened", available=False,
    ),
    Move(
        "stage", "OPENED", "PRELIM", "BeginPreliminary", ("committee_ready",),
        awaits="bids_opened",
    ),
    Move("stage", "PRELIM", "DETAILED", "ImportPreliminary", ("committee_ready",)),
    Move("stage", "PRELIM", "DETAILED", "ConcludePreliminary", available=False),
    Move("stage", "PRELIM", "CLARIFYING", "AskClarification", available=False),
    Move("stage", "DETAILED", "CLARIFYING", "AskClarification", available=False),
    Move("stage", "CLARIFYING", "*", "CloseClarification", available=False),
    Move("stage", "PRELIM", "REJECT_VOTE", "ProposeRejection", available=False),
    Move("stage", "DETAILED", "REJECT_VOTE", "ProposeRejection", available=False),
    Move("stage", "REJECT_VOTE", "*", "CloseVote", available=False),
    Move(
        "stage", "DETAILED", "SCORES_SEALED", "CloseScoring", ("members_sealed",),
        calls="scores_closed",
    ),
    Move("stage", "SCORES_SEALED", "SCORES_OPENING", "TryOpening", awaits="scores_closed"),
    Move("stage", "SCORES_OPENING", "SUMMARY", "OpenSheet", calls="scores_opened"),
    Move("stage", "SUMMARY", "RECHECK", "BeginRecheck", available=False),
    Move("stage", "RECHECK", "SUMMARY", "EndRecheck", available=False),
    Move(
        "stage", "SUMMARY", "RANKED", "ConfirmRanking", ("tally_published",),
        awaits="scores_opened",
    ),
    Move("stage", "*", "FAILED", "FailStage", available=False),
)  # fmt: skip

_WITNESSING_2: tuple[Act, ...] = (
    Act("ReadOut", "stage", ("OPENED",), ("tenderee",)),
    Act("SignOpeningRecord", "stage", ("OPENED",), ("tenderee", "witness")),
    Act("NoteObservation", "any", ANY_SESSION, ("witness",)),
    Act("SignWitnessRecord", "session", ("REPORT_DRAFT", "SIGNING", "SUBMITTED"), ("witness",)),
)
"""What version 2 adds: the opening is read out and its record signed, witnesses note and sign.

No row of its moves has a guard that asks for them: an evaluation goes on without. Bidders sign
the opening record once they have keys of their own.
"""

_SWITCHES_1 = frozenset({"imports", "k_by_agent", "one_envelope"})

_RULES_1 = Rules(
    version="1",
    acts={act.type: act for act in _ACTS_1},
    moves=_MOVES_1,
    switches=_SWITCHES_1,
)
_RULES_2 = Rules(
    version="2",
    acts={act.type: act for act in (*_ACTS_1, *_WITNESSING_2)},
    moves=_MOVES_1,
    switches=_SWITCHES_1,
    uncounted=frozenset(act.type for act in _WITNESSING_2),
)
_RULES_3 = grown_from(
    _RULES_2,
    "3",
    acts=(*committee.ACTS, *review.ACTS, *turns.ACTS),
    moves=(*committee.MOVES, *review.MOVES, *turns.MOVES),
    switches=frozenset({"imports"}),
)
_PARTS_4 = (milestones, identity, ceremony, escrow, signatures, live, recognition, oversight)
_RULES_4 = grown_from(
    _RULES_3,
    "4",
    acts=tuple(act for part in _PARTS_4 for act in part.ACTS),
    moves=tuple(move for part in _PARTS_4 for move in part.MOVES),
    switches=frozenset({"imports"}),
    uncounted=identity.UNCOUNTED | recognition.UNCOUNTED | oversight.UNCOUNTED | live.UNCOUNTED,
)

RULES: dict[str, Rules] = {rules.version: rules for rules in (_RULES_1, _RULES_2, _RULES_3, _RULES_4)}
"""Every version of the rules, by the name that genesis pins; version 4 is in the making.

Switches: `imports` (committee, opening, preliminary review and report may be imported),
`k_by_agent` (the agent enters the drawn K), `one_envelope` (a lot has one).
"""

CURRENT = "3"
"""The version that a new session is booked under where its case names none."""


def reached(order: tuple[str, ...], phase: str, wanted: str) -> bool:
    """Whether `phase` is `wanted` or after it on a track's main line; side states are not.

    >>> reached(STAGE_ORDER, "SUMMARY", "DETAILED"), reached(STAGE_ORDER, "FAILED", "OPENED")
    (True, False)
    """
    return phase in order and order.index(phase) >= order.index(wanted)


def moves_from(rules: Rules, scope: Scope, source: str, by: str) -> tuple[Move, ...]:
    """The rows by which an act moves a track out of a phase, available ones only.

    A row whose source is `*` holds for every phase of its act that has no row of its own.
    """
    rows = [move for move in rules.moves if (move.scope, move.by) == (scope, by) and move.available]
    exact = tuple(move for move in rows if move.source == source)
    return exact or tuple(move for move in rows if move.source == "*" and source in rules.acts[by].phases)
