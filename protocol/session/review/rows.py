"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Sources: 实施条例 51, 52; 12号令 19-27; 87号令 44, 50, 51, 59.
"""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
