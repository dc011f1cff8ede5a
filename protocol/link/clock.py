"""The clock: how far this node's is from the coordinator's, from when it asked and was answered. Sans I/O.

Theory of operation (RFC 5905 8, Cristian 1989): the answer was made somewhere within the round trip, so the
coordinator's clock then was ours at the middle of it, give or take half of it. Of the last few readings the
one with the shortest round trip bounds the truth best. Nothing is set by it. Source: SPEC 12.5.
"""

from collections import deque

from msgspec import Struct

READINGS_KEPT = 8
"""So many readings are remembered: an old one says little of a clock that runs fast."""


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

    @property
    def last(self) -> Reading | None:
        """The latest reading, for its round trip."""
        return self._readings[-1] if self._readings else None

    @property
    def best(self) -> Reading | None:
        """Of those remembered, the one with the shortest round trip, the latest of equals."""
        return min(reversed(self._readings), key=lambda one: one.round_trip_ms, default=None)

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
        return reading
