"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Before check-in opens nobody learns who or where was drawn: the rows of `DrawVenues` and
`DrawCommittee` say that it stands fast, `PublishDraw` in CHECKIN says what it is.
Sources: 355号 七; 招标投标法 37; 实施条例 46, 48; 12号令 9-12; 87号令 45, 47-49.
"""

from protocol.session.rows import DESK, Act, Move

_FROM_CHECK_IN = ("CHECKIN", "COMMITTEE_READY")

ACTS: tuple[Act, ...] = (
    Act("FreezePool", "session", ("BOOKED",), DESK),
    Act("CommitDrawSeed", "session", ("BOOKED",), ("supervisor", "venue")),
    Act("RevealDrawSeed", "session", ("BOOKED",), ("supervisor", "venue")),
    Act("DrawVenues", "session", ("BOOKED",), DESK),
    Act("DrawCommittee", "session", ("BOOKED",), DESK),
    Act("PublishDraw", "session", ("CHECKIN",), DESK),
    Act("CallReplacement", "session", ("DRAWN", *_FROM_CHECK_IN), DESK),
    Act("DeclareRecusal", "session", _FROM_CHECK_IN, ("expert",)),
    Act("ReplaceMember", "session", _FROM_CHECK_IN, DESK),
    Act("ConfirmIdentity", "session", _FROM_CHECK_IN, ("keeper", "witness")),
    Act("CheckIn", "session", _FROM_CHECK_IN, ("expert",)),
    Act("LockRoster", "session", ("CHECKIN",), DESK),
    Act("OpenChairBallot", "session", _FROM_CHECK_IN, DESK),
    Act("ElectChair", "session", _FROM_CHECK_IN, ("expert",)),
    Act("OpenChairVote", "session", _FROM_CHECK_IN, ("expert",)),
    Act("NameChair", "session", _FROM_CHECK_IN, ("tenderee",)),
    Act("RedrawCommittee", "session", ("COMMITTEE_VOID",), DESK),
    Act("BeginReport", "session", ("COMMITTEE_READY",), DESK),
)  # fmt: skip

MOVES: tuple[Move, ...] = (
    Move("session", "BOOKED", "DRAWN", "DrawCommittee", awaits="genesis"),
    Move(
        "session", "CHECKIN", "COMMITTEE_READY", "LockRoster",
        ("draw_published", "members_checked_in", "nobody_recused", "committee_lawful", "committee_of_law"),
        calls="roster_locked",
    ),
    Move("session", "COMMITTEE_VOID", "DRAWN", "RedrawCommittee"),
    Move(
        "session", "COMMITTEE_READY", "REPORT_DRAFT", "BeginReport",
        ("stages_ranked", "nobody_recused", "members_checked_in", "chair_known"), calls="ranking_final",
    ),
)  # fmt: skip
