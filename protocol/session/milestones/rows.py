"""The group's rows of the phase table (SPEC 27; DESIGN 8)."""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
