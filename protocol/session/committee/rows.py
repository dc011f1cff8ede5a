"""The group's rows of the phase table, in place of those that version 1 named as unavailable.

Sources: 355号 七; 招标投标法 37; 实施条例 46, 48; 12号令 9-12; 87号令 47-49.
"""

from protocol.session.rows import Act, Move

ACTS: tuple[Act, ...] = ()

MOVES: tuple[Move, ...] = ()
