"""The group's rows of the phase table (SPEC 31).

A venue that was cut off tells afterwards what it kept, so segments are taken until the session is archived,
whatever else is sealed meanwhile.
"""

from typing import Final

from protocol.session.rows import ANY_SESSION, Act, Move

_ASIDE = ("SUSPENDED", "COMMITTEE_VOID", "FAILED")

ACTS: tuple[Act, ...] = (
    Act("RecordSegment", "session", (*ANY_SESSION, *_ASIDE), ("venue",)),
    Act("SetFaceMask", "session", (*ANY_SESSION, "SUSPENDED", "COMMITTEE_VOID"), ("witness",)),
)

MOVES: tuple[Move, ...] = ()

UNCOUNTED: Final = frozenset({"SetFaceMask"})
"""Left out of the outcome: no result rests on whose face is seen."""
