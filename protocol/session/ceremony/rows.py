"""The group's rows of the phase table (SPEC 28; DESIGN 6), in place of those named unavailable before.

A suspension may also come while bids are being opened, before anybody has checked in, and the tenderee, who
presides, may declare it. Sources: 招标投标法 34-36; 条例 44; 20号令 28-31.
"""

from protocol.session.rows import RUNNING, Act, Move

_OPENING = ("OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED")

ACTS: tuple[Act, ...] = (
    Act("AppointCustodians", "stage", ("AWAITED",), ("agent",)),
    Act("OfferOpeningKey", "session", RUNNING, ("venue",)),
    Act("BeginOpening", "stage", ("AWAITED",), ("tenderee",)),
    Act("AnswerRollCall", "stage", ("OPENING",), ("custodian",)),
    Act("ReceiveBids", "stage", ("OPENING",), ("installation",)),
    Act("ReleaseBid", "stage", ("BIDDERS_RELEASE",), ("bidder",)),
    Act("CloseRelease", "stage", ("BIDDERS_RELEASE",), ("tenderee", "installation")),
    Act("ReleaseCustody", "stage", ("CUSTODIANS_RELEASE",), ("custodian",)),
    Act("ReportDecryption", "stage", ("CUSTODIANS_RELEASE",), ("venue",)),
    Act("OpenBids", "stage", ("CUSTODIANS_RELEASE",), ("agent",)),
    Act("RecordBidFailure", "stage", ("CUSTODIANS_RELEASE",), ("tenderee",)),
    Act("SignOpeningRecord", "stage", ("OPENED",), ("tenderee", "witness", "bidder")),
    Act("RaiseObjection", "stage", _OPENING, ("tenderee", "bidder")),
    Act("AnswerObjection", "stage", _OPENING, ("tenderee",)),
    Act("Suspend", "session", RUNNING, ("agent", "supervisor", "tenderee")),
    Act("DestroyOpeningKey", "session", ("SUBMITTED", "ARCHIVED", "FAILED"), ("venue",)),
)

MOVES: tuple[Move, ...] = (
    Move(
        "stage", "AWAITED", "OPENING", "BeginOpening",
        ("committee_drawn", "earlier_envelope", "custodians_appointed", "opening_keys_offered"),
    ),
    Move(
        "stage", "OPENING", "BIDDERS_RELEASE", "ReceiveBids", ("custodians_answered",), calls="bids_received",
    ),
    Move(
        "stage", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "CloseRelease", awaits="bids_received",
        calls="release_closed",
    ),
    Move(
        "stage", "CUSTODIANS_RELEASE", "OPENED", "OpenBids", ("decrypted_alike", "failures_recorded"),
        awaits="release_closed", calls="bids_opened",
    ),
)  # fmt: skip
