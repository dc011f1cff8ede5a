"""The group's rows of the phase table (SPEC 29.6)."""

from protocol.session.rows import DESK, Act, Move

ACTS: tuple[Act, ...] = (
    Act("PrepareReport", "session", ("SIGNING",), DESK),
    Act("SignPaper", "session", ("SIGNING",), ("expert", "tenderee", "witness")),
)

MOVES: tuple[Move, ...] = (
    Move("session", "SIGNING", "SUBMITTED", "SubmitReport", ("members_answered", "paper_signed")),
)
