"""The group's rows of the phase table (SPEC 13.4).

Records are signed from the report on; so are they accepted. No move waits for it: a line between provinces
that is down must not stop a report.
"""

from typing import Final

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = (
    Act(
        "AcceptWitnessRecord", "session", ("REPORT_DRAFT", "SIGNING", "SUBMITTED", "FAILED"), ("witness",)
    ),
)  # fmt: skip

MOVES: tuple[Move, ...] = ()

UNCOUNTED: Final = frozenset({"AcceptWitnessRecord"})
"""Left out of the outcome: nothing waits for it, so how many come in time hangs on lines."""
