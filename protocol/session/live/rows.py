"""The group's rows of the phase table (SPEC 31).

A venue that was cut off tells afterwards what it kept, so segments are taken until the session is archived,
whatever else is sealed meanwhile.
"""

from typing import Final

from protocol.session.rows import ANY_SESSION, SESSION_ORDER, Act, Move

_SEEN = (
    *SESSION_ORDER[SESSION_ORDER.index("CHECKIN") : SESSION_ORDER.index("ARCHIVED")],
    "SUSPENDED", "COMMITTEE_VOID",
)  # fmt: skip
_ASIDE = ("SUSPENDED", "COMMITTEE_VOID", "FAILED")

ACTS: tuple[Act, ...] = (
    Act("RecordSegment", "session", (*ANY_SESSION, *_ASIDE), ("venue",)),
    Act("SetFaceMask", "session", (*ANY_SESSION, "SUSPENDED", "COMMITTEE_VOID"), ("witness",)),
    Act("RecordRollCall", "session", _SEEN, ("agent", "witness")),
)

MOVES: tuple[Move, ...] = ()

UNCOUNTED: Final = frozenset({"SetFaceMask", "RecordRollCall"})
"""Left out of the outcome: no result rests on whose face is seen, nor on a picture of who was there."""
