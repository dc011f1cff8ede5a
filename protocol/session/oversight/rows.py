"""The group's rows of the phase table (SPEC 32.9).

An intervention stops nothing in the middle: only the end of a session waits until all are answered
(ops/decisions/0044).
"""

from typing import Final

from protocol.session.rows import ANY_SESSION, Act, Move

_ASIDE = ("SUSPENDED", "COMMITTEE_VOID")
_ALWAYS = (*ANY_SESSION, *_ASIDE)

ACTS: tuple[Act, ...] = (
    Act("Intervene", "session", _ALWAYS, ("supervisor",)),
    Act(
        "AnswerIntervention", "session", (*_ALWAYS, "FAILED"),
        ("agent", "witness", "keeper", "expert", "tenderee"),
    ),
    Act("NoteAnswerOverdue", "session", ANY_SESSION, ("installation",)),
)  # fmt: skip

MOVES: tuple[Move, ...] = (
    Move(
        "session", "SIGNING", "SUBMITTED", "SubmitReport",
        ("members_answered", "paper_signed", "interventions_answered"),
    ),
    Move("session", "SUBMITTED", "ARCHIVED", "ArchiveSession", ("interventions_answered",)),
)  # fmt: skip
"""In place of the namesakes of `signatures` and of version 1."""

UNCOUNTED: Final = frozenset({"Intervene", "AnswerIntervention"})
"""Left out of the outcome: when a supervisor asks hangs on what is watched, and no result rests on it."""
