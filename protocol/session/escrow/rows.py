"""The group's rows of the phase table (SPEC 28.8; DESIGN 7).

Nothing is asked for where a stage has no custodians: a tender that was opened elsewhere is scored as before.
"""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = (
    Act("EscrowSheet", "stage", ("DETAILED",), ("venue",)),
    Act("AcknowledgeEscrow", "stage", ("DETAILED",), ("custodian",)),
    Act("ReleaseEscrow", "stage", ("SCORES_SEALED", "SCORES_OPENING"), ("custodian",)),
    Act("TryOpening", "stage", ("SCORES_SEALED",), ("venue",)),
    Act("OpenSheet", "stage", ("SCORES_OPENING",), ("venue",)),
)

MOVES: tuple[Move, ...] = (
    Move(
        "stage", "DETAILED", "SCORES_SEALED", "CloseScoring",
        ("members_checked_in", "nobody_recused", "members_sealed", "enough_left", "escrow_acknowledged"),
        calls="scores_closed",
    ),
)  # fmt: skip
