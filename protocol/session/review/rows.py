"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Sources: 实施条例 51, 52; 12号令 19-27; 87号令 44, 50, 51, 59.
"""

from protocol.session.rows import DESK, REVIEW, Act, Move

ASIDE = ("CLARIFYING", "REJECT_VOTE")
"""Where a stage stands while the committee asks or votes."""
HOMES = (*REVIEW, "SUMMARY")
"""Where it may do either: in the reviews, and once prices and scores are seen (12号令 21, 87号令 60)."""

_AT_WORK = (*HOMES, *ASIDE)

ACTS: tuple[Act, ...] = (
    Act("BeginPreliminary", "stage", ("OPENED",), DESK),
    Act("ImportPreliminary", "stage", ("PRELIM",), DESK, available=False),
    Act("PublishItems", "stage", ("AWAITED", "OPENED", "PRELIM"), DESK),
    Act("CheckBlindPart", "stage", ("OPENED", "PRELIM", *ASIDE), ("agent", "witness", "venue")),
    Act("MarkItem", "stage", ("OPENED", "PRELIM", *ASIDE), ("expert", "tenderee", "agent")),
    Act("AskClarification", "stage", _AT_WORK, ("expert",)),
    Act("ProposeCorrection", "stage", _AT_WORK, ("expert",)),
    Act("AnswerClarification", "stage", ASIDE, ("bidder", "agent")),
    Act("CloseClarification", "stage", ASIDE, ("expert", "installation")),
    Act("ProposeRejection", "stage", _AT_WORK, ("expert",)),
    Act("VoteCompetition", "stage", _AT_WORK, ("expert",)),
    Act("CastVote", "stage", ("REJECT_VOTE",), ("expert",)),
    Act("CloseVote", "stage", ("REJECT_VOTE",), ("expert", "installation")),
    Act("CastSecretVote", "stage", ("REJECT_VOTE",), ("expert",)),
    Act("OpenVote", "stage", ("REJECT_VOTE",), ("expert",)),
    Act("NoteSameBrand", "stage", ("OPENED", "PRELIM", *ASIDE), ("agent", "tenderee")),
    Act("ConfirmDeduction", "stage", ("OPENED", *_AT_WORK), ("agent", "tenderee")),
    Act("ConcludePreliminary", "stage", ("PRELIM",), ("expert", "agent")),
    Act("SealSheet", "stage", ("DETAILED", *ASIDE), ("expert",)),
    Act("CloseScoring", "stage", ("DETAILED",), DESK),
)
"""An expert may be kept from no act of its own because another member asked or proposed something."""

MOVES: tuple[Move, ...] = (
    Move(
        "stage", "OPENED", "PRELIM", "BeginPreliminary",
        ("committee_ready", "chair_known", "items_published", "blind_parts_checked", "objections_answered"),
        awaits="bids_opened",
    ),
    Move("stage", "PRELIM", "DETAILED", "ImportPreliminary", available=False),
    Move(
        "stage", "PRELIM", "DETAILED", "ConcludePreliminary",
        (
            "committee_ready", "members_checked_in", "nobody_recused", "items_marked", "deviations_voted",
            "enough_left",
        ),
    ),
    *(
        Move("stage", source, "CLARIFYING", by)
        for by in ("AskClarification", "ProposeCorrection")
        for source in HOMES
    ),
    Move("stage", "CLARIFYING", "*", "CloseClarification"),
    *(
        Move("stage", source, "REJECT_VOTE", by)
        for by in ("ProposeRejection", "VoteCompetition")
        for source in (*HOMES, "CLARIFYING")
    ),
    Move("stage", "REJECT_VOTE", "*", "CloseVote"),
    Move(
        "stage", "DETAILED", "SCORES_SEALED", "CloseScoring",
        ("members_checked_in", "nobody_recused", "members_sealed", "enough_left"), calls="scores_closed",
    ),
    Move(
        "stage", "SUMMARY", "RANKED", "ConfirmRanking", ("tally_published", "nobody_recused", "enough_left"),
        awaits="scores_opened",
    ),
)  # fmt: skip
