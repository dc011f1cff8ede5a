"""Pauses between tries: doubled each time, never above a longest, spread by dice that are handed in.

Pure: the tries so far and the dice come in as data. Half of a pause is fixed and half is spread, so that
many nodes that lost one line at one moment do not all knock again at one moment ("equal jitter").
"""

from msgspec import Struct

DICE_MAX = 1_000
"""Dice are an integer from 0 up to and with this."""

_DOUBLINGS_MAX = 32


class Pauses(Struct, frozen=True):
    """How long to wait between tries, in ms: the first pause and the longest."""

    first_ms: int
    longest_ms: int

    def after(self, tries: int, dice: int) -> int:
        """The pause after so many tries in vain, at least one: between half and all of the doubled one.

        >>> [Pauses(100, 3_000).after(tries, DICE_MAX) for tries in (1, 2, 3, 9)]
        [100, 200, 400, 3000]
        >>> Pauses(100, 3_000).after(1, 0)
        50
        """
        assert tries > 0
        assert 0 <= dice <= DICE_MAX
        grown = min(self.longest_ms, self.first_ms << min(tries - 1, _DOUBLINGS_MAX))
        return grown - grown * (DICE_MAX - dice) // (2 * DICE_MAX)
