"""The clock: how far this node's is from the coordinator's, from when it asked and was answered. Sans I/O.

Theory of operation (RFC 5905 8, Cristian 1989): the answer was made somewhere within the round trip, so the
coordinator's clock then was ours at the middle of it, give or take half of it. Of the last few readings the
one with the shortest round trip bounds the truth best. Nothing is set by it. Source: SPEC 12.5.
"""

from collections import deque
from itertools import pairwise

from msgspec import Struct

READINGS_KEPT = 8
"""So many readings are remembered: an old one says little of a clock that runs fast."""
BEATS_KEPT = 20
"""Of so many pulses it is remembered whether they were answered."""


class Reading(Struct, frozen=True):
    """The coordinator's clock less ours (`offset_ms`), right to within `within_ms`; `at` is our clock."""

    offset_ms: int
    within_ms: int
    round_trip_ms: int
    at: int


class Clock:
    """The readings of one node."""

    def __init__(self) -> None:
        """Begin with none."""
        self._readings: deque[Reading] = deque(maxlen=READINGS_KEPT)
        self._answered: deque[bool] = deque(maxlen=BEATS_KEPT)

    @property
    def last(self) -> Reading | None:
        """The latest reading, for its round trip."""
        return self._readings[-1] if self._readings else None

    @property
    def best(self) -> Reading | None:
        """Of those remembered, the one with the shortest round trip, the latest of equals."""
        return min(reversed(self._readings), key=lambda one: one.round_trip_ms, default=None)

    def lost(self) -> None:
        """A pulse was not answered."""
        self._answered.append(False)

    @property
    def lost_percent(self) -> int:
        """Of a hundred pulses so many were not answered, as the last of them tell."""
        return 100 * self._answered.count(False) // max(1, len(self._answered))

    @property
    def round_trip_ms(self) -> int:
        """The median of those remembered, the longer of two in the middle; -1 before the first."""
        found = sorted(one.round_trip_ms for one in self._readings)
        return found[len(found) // 2] if found else -1

    @property
    def jitter_ms(self) -> int:
        """How far two ways there and back in a row lie apart, on average; -1 before the first.

        >>> clock = Clock()
        >>> for took in (10, 30, 20):
        ...     _ = clock.read(0, took, 0)
        >>> clock.jitter_ms
        15
        """
        found = [one.round_trip_ms for one in self._readings]
        apart = [abs(one - before) for before, one in pairwise(found)]
        return (sum(apart) // len(apart) if apart else 0) if found else -1

    def read(self, asked_at: int, round_trip_ms: int, told: int) -> Reading:
        """Take a reading.

        Args:
          asked_at: our clock when we asked, ms.
          round_trip_ms: until the answer came, on a clock that never goes back.
          told: the coordinator's clock in the answer, ms.

        >>> Clock().read(1_000, 40, 1_520)
        Reading(offset_ms=500, within_ms=20, round_trip_ms=40, at=1040)
        """
        within = (round_trip_ms + 1) // 2
        reading = Reading(
            told - asked_at - round_trip_ms // 2, within, round_trip_ms, asked_at + round_trip_ms
        )
        self._readings.append(reading)
        self._answered.append(True)
        return reading
