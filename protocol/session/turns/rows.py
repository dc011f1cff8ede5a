"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Rows of a move whose source or target is `*`: the act's phases are its sources, a recorded phase its target.
Sources: 实施条例 44, 48, 53; 12号令 27, 43; 87号令 49, 61, 64.
"""

from typing import Final

from protocol.session.rows import ANY_SESSION, DESK, REVIEW, RUNNING, SESSION_ORDER, STAGE_ORDER, Act, Move
from protocol.words import Role

SEALED: Final = frozenset({"SUSPENDED", "COMMITTEE_VOID", "FAILED"})
"""Phases of the session in which no act of any stage is taken, the installation's milestones apart."""

_ASIDE = ("SUSPENDED", "COMMITTEE_VOID")
_DECIDING: tuple[Role, ...] = ("agent", "tenderee")
_REPORTED = ("REPORT_DRAFT", "SIGNING", "SUBMITTED")
_DRAWING: tuple[Role, ...] = ("tenderee", "witness", "supervisor")

ACTS: tuple[Act, ...] = (
    # Recheck
    Act("BeginRecheck", "stage", ("SUMMARY", "RANKED"), ("agent", "expert")),
    Act("FindAbnormal", "stage", ("RECHECK",), ("expert",)),
    Act("CorrectItem", "stage", ("RECHECK",), ("expert",)),
    Act("EndRecheck", "stage", ("RECHECK",), ("agent", "expert")),
    Act("ExplainDeviation", "stage", ("SUMMARY", "RECHECK", "CLARIFYING", "REJECT_VOTE"), ("expert",)),
    Act("DecideTie", "stage", ("SUMMARY",), ("tenderee",)),
    Act("BeginReevaluation", "session", _REPORTED, _DECIDING),
    # More time
    Act("AskMoreTime", "stage", REVIEW, ("expert",)),
    Act("ExtendTime", "stage", REVIEW, _DECIDING),
    # Suspension, a void committee, failure
    Act("Suspend", "session", RUNNING[1:], ("agent", "supervisor")),
    Act("ReconfirmSeat", "session", ("SUSPENDED",), ("witness", "keeper")),
    Act("Resume", "session", ("SUSPENDED",), _DECIDING),
    Act("VoidCommittee", "session", (*RUNNING, "SUSPENDED"), _DECIDING),
    Act("RebuildCommittee", "session", ("COMMITTEE_VOID",), DESK),
    Act("FailSession", "session", (*SESSION_ORDER[1:7], *_ASIDE), _DECIDING),
    Act("FailStage", "stage", (*STAGE_ORDER[:-1], "CLARIFYING", "REJECT_VOTE", "RECHECK"), _DECIDING),
    # Signing
    Act("RecordDissent", "session", ("SIGNING",), ("expert",)),
    Act("RefuseToSign", "session", ("SIGNING",), ("expert",)),
    Act("DeemAgreement", "session", ("SIGNING",), DESK),
    # Envelopes, rates, objections
    Act("ImportOpening", "stage", ("AWAITED",), DESK),
    Act("ConfirmPassing", "stage", ("SUMMARY",), DESK),
    Act("ConfirmRanking", "stage", ("SUMMARY",), DESK),
    Act("DrawK", "stage", ("OPENED", "PRELIM"), DESK, False),
    Act("BeginDrawK", "stage", ("OPENED", "PRELIM"), DESK),
    Act("CommitK", "stage", ("OPENED", "PRELIM"), _DRAWING),
    Act("RevealK", "stage", ("OPENED", "PRELIM"), _DRAWING),
    Act("RestartDrawK", "stage", ("OPENED", "PRELIM"), ("supervisor",)),
    Act("RaiseObjection", "stage", ("OPENED",), ("tenderee", "bidder")),
    Act("AnswerObjection", "stage", ("OPENED",), ("tenderee",)),
    # Report
    Act("ImportReport", "session", ("REPORT_DRAFT",), DESK),
    # What goes on while everything else is sealed
    Act("BindSeat", "session", (*ANY_SESSION, *_ASIDE), (
        "agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper",
    )),
    Act("NoteObservation", "any", (*ANY_SESSION, *_ASIDE, "FAILED"), ("witness",)),
    Act("SignWitnessRecord", "session", ("REPORT_DRAFT", "SIGNING", "SUBMITTED", "FAILED"), ("witness",)),
    Act("ReachMilestone", "any", (*SESSION_ORDER[1:], *_ASIDE, "FAILED"), ("installation",)),
    Act("NoteRefusal", "session", (*SESSION_ORDER[1:], *_ASIDE, "FAILED"), ("installation",)),
)  # fmt: skip

MOVES: tuple[Move, ...] = (
    Move("stage", "SUMMARY", "RECHECK", "BeginRecheck", ("committee_ready", "next_envelope_closed")),
    Move("stage", "RANKED", "RECHECK", "BeginRecheck", ("committee_ready", "next_envelope_closed")),
    Move("stage", "RECHECK", "SUMMARY", "EndRecheck"),
    Move(
        "stage", "SUMMARY", "RANKED", "ConfirmPassing", ("tally_published", "nobody_recused", "enough_left"),
        awaits="scores_opened",
    ),
    *(Move("session", source, "COMMITTEE_READY", "BeginReevaluation") for source in _REPORTED),
    Move("session", "*", "SUSPENDED", "Suspend"),
    Move("session", "SUSPENDED", "*", "Resume", ("seats_reconfirmed",)),
    Move("session", "*", "COMMITTEE_VOID", "VoidCommittee"),
    Move("session", "COMMITTEE_VOID", "DRAWN", "RebuildCommittee"),
    Move("session", "*", "FAILED", "FailSession"),
    Move("stage", "*", "FAILED", "FailStage"),
    Move("session", "SIGNING", "SUBMITTED", "SubmitReport", ("members_answered",)),
)  # fmt: skip
