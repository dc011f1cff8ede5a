"""The group's rows of the phase table (SPEC 27; DESIGN 8)."""

from protocol.session.rows import SESSION_ORDER, Act, Move

_ANY = (*SESSION_ORDER[1:], "SUSPENDED", "COMMITTEE_VOID", "FAILED")

ACTS: tuple[Act, ...] = (
    Act("DisclosePolicy", "session", _ANY, ("installation",)),
    Act("ReachMilestone", "any", _ANY, ("installation",)),
    Act("SettleCosignature", "any", _ANY, ("installation",)),
)

MOVES: tuple[Move, ...] = ()
