"""The group's rows of the phase table, and which acts ask for more than a one-time code (SPEC 19.6).

A seat bound by code alone may look, and do what moves the process on; whatever counts as a score, a vote or
a signature needs a key that was delegated to it (DESIGN 6; 电子签名法 13; 电子招标投标办法 40).
"""

from typing import Final

from protocol.session.rows import ANY_SESSION, PERSONS, Act, Move

_ASIDE = ("SUSPENDED", "COMMITTEE_VOID")
_ALWAYS = (*ANY_SESSION, *_ASIDE)

ACTS: tuple[Act, ...] = (
    Act("DelegateSeatKey", "session", _ALWAYS, PERSONS),
    Act("ConfirmSeatKey", "session", _ALWAYS, ("witness", "keeper")),
    Act("RevokeCertificate", "session", (*_ALWAYS, "FAILED"), ("installation",)),
)

MOVES: tuple[Move, ...] = ()

UNCOUNTED: Final = frozenset({"DelegateSeatKey", "ConfirmSeatKey"})
"""Left out of the outcome like bindings: how often a key is delegated hangs on devices and lines."""

SIGNED: Final = frozenset({
    # Scores
    "SealSheet", "CorrectItem", "ExplainDeviation", "FindAbnormal", "MarkItem",
    # Votes
    "ProposeRejection", "CastVote", "CastSecretVote", "OpenVote", "VoteCompetition",
    # Signatures
    "SignReport", "SignPaper", "RecordDissent", "RefuseToSign", "SignOpeningRecord", "SignWitnessRecord",
    "AcceptWitnessRecord",
    # Who vouches for others
    "ConfirmSeatKey", "ConfirmIdentity", "ReconfirmSeat",
    # What somebody has to answer
    "Intervene",
})  # fmt: skip
"""Acts for which a one-time code never suffices."""
