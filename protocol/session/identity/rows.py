"""The group's rows of the phase table (SPEC 19; DESIGN 6)."""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
