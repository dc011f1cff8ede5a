"""The group's rows of the phase table (SPEC 31)."""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
