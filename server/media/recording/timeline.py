"""Where a stream's frames lie on the recorder's clock.

Owns timestamps that wrap and rates. A stream is anchored at the arrival of its first frame; picture and
sound of one publisher are laid together by the sender reports that both have (RFC 3550 6.4.1), at the
beginning of a segment, so that nothing jumps within one.
"""

from typing import Final

DRIFT_MS_MAX: Final = 500
"""How far a stream may run from its arrival before the next segment anchors it anew."""

_WRAP: Final = 1 << 32
_HALF: Final = 1 << 31


class Timeline:
    """One stream's ticks as milliseconds of the recorder's clock."""

    def __init__(self, clock_rate: int) -> None:
        """`clock_rate` is in ticks a second."""
        self._rate = clock_rate
        self._ticks: int | None = None
        self._anchor = (0, 0)
        self._report: tuple[int, int] | None = None

    def wall_ms(self, timestamp: int, arrival_ms: int) -> int:
        """When a frame was taken; the first one when it came."""
        ticks = self._unwrapped(timestamp)
        if self._ticks is None:
            self._anchor = (ticks, arrival_ms)
        self._ticks = ticks
        return self._at(ticks)

    def reported(self, ntp_ms: int, timestamp: int) -> None:
        """A sender report: the publisher's clock (ms) at a timestamp."""
        if self._ticks is not None:
            self._report = (self._unwrapped(timestamp), ntp_ms)

    def settle(self, timestamp: int, arrival_ms: int) -> None:
        """Anchor anew at a frame, where the stream has run away from its arrival."""
        ticks = self._unwrapped(timestamp)
        if abs(self._at(ticks) - arrival_ms) > DRIFT_MS_MAX:
            self._anchor = (ticks, arrival_ms)

    def follow(self, other: "Timeline") -> None:
        """Lie as the other stream of the same publisher does, where both have sender reports."""
        theirs = other.said
        if self._report is None or theirs is None:
            return
        ticks, ntp_ms = self._report
        their_wall_ms, their_ntp_ms = theirs
        self._anchor = (ticks, their_wall_ms + ntp_ms - their_ntp_ms)

    @property
    def said(self) -> tuple[int, int] | None:
        """The last sender report: when it was on the recorder's clock and on the publisher's, ms."""
        return None if self._report is None else (self._at(self._report[0]), self._report[1])

    def _unwrapped(self, timestamp: int) -> int:
        if self._ticks is None:
            return timestamp
        step = (timestamp - self._ticks) % _WRAP
        return self._ticks + (step - _WRAP if step >= _HALF else step)

    def _at(self, ticks: int) -> int:
        begun, wall_ms = self._anchor
        return wall_ms + (ticks - begun) * 1000 // self._rate
