"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Sources: 实施条例 48, 53; 12号令 43; 87号令 49, 61, 64.
"""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
