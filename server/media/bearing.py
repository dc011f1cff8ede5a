"""What a line bears, by what its receiver says: which picture goes on it, and how fast its source may be.

Owns the steps (full picture, small one, none; sound goes on whatever happens), when one is taken, and that a
line which was tried too early waits longer. Pure; time is an argument. Why so: decision 49.
"""

from typing import Final

FULL: Final = 2
THUMB: Final = 1
NONE: Final = 0
NAMES: Final = ("none", "thumb", "full")
"""What the steps are called on the wire (SPEC 30.12)."""
FLOOR_BITS_PER_S: Final = 600_000
"""No viewer brings a source below this: it is recorded, and others watch it."""
BAD: Final = (1.0, 0.3, 0.15)
"""By step: the mean share of packets lost above which the next lower one is taken."""
TERRIBLE: Final = 0.4
"""And the share at which it is taken at once."""
WELL: Final = 0.04
"""The mean share lost up to which the next higher step is tried."""
BAD_MS: Final = 3_000
TERRIBLE_MS: Final = 2_000
"""How long a step is held at least before a lower one is taken; the source has become slower by then."""
WELL_MS: Final = 6_000
WELL_MS_MAX: Final = 60_000
"""How long a line has to be well before a higher step; doubled each time that one did not last."""
COUNT_MS: Final = 800
"""Losses are counted over so long at least."""
_MANY: Final = 1 << 16
LASTED_MS: Final = 15_000
_SLOWER_FROM: Final = 0.1
_FASTER_UP_TO: Final = 0.02
_FASTER_A_SECOND: Final = 1.08
_MEAN_MS: Final = 2_000
_UNKNOWN: Final = 0.08
"""The mean after a step: neither bad nor well until something is said."""
_OUTLIER_MS: Final = 30_000
"""Who has stood below the full picture for so long holds its source no more."""


class Counts:
    """How much a receiver lost of one stream, from what it counts.

    A browser says it with every question for a lost packet; the share since its last word (the fraction of
    RFC 3550) is therefore often of a packet or two, and mostly nought.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._since: tuple[int, int, int] | None = None

    def share(self, highest: int, lost: int, now_ms: int) -> float | None:
        """The share of packets lost since the last time that this said one; None until enough has passed.

        Args:
          highest: the highest sequence number that was received, its rounds above 16 bits.
          lost: how many were lost since the beginning.
          now_ms: of a clock that only goes on.

        >>> counts = Counts()
        >>> [counts.share(*one) for one in ((100, 0, 0), (110, 5, 500), (140, 10, 1_000), (150, 9, 2_000))]
        [None, None, 0.25, 0.0]
        """
        if self._since is None:
            self._since = highest, lost, now_ms
            return None
        since_highest, since_lost, since_ms = self._since
        if now_ms - since_ms < COUNT_MS:
            return None
        self._since = highest, lost, now_ms
        sent = (highest - since_highest) & 0xFFFFFFFF
        if not 0 < sent < _MANY:
            return None
        return min(1.0, max(0, lost - since_lost) / sent)


class Bearing:
    """One line."""

    def __init__(self, ceiling_bits_per_s: int) -> None:
        """All of it until something else is said."""
        self.step = FULL
        self._ceiling = self._bits_per_s = ceiling_bits_per_s
        self._told = ceiling_bits_per_s
        self._mean = 0.0
        self._since_ms: int | None = None
        self._said_ms: int | None = None
        self._raised_ms: int | None = None
        self._wait_ms = WELL_MS

    def counted(self, counts: Counts, highest: int, lost: int, now_ms: int) -> None:
        """A receiver report on one of the line's streams; see `Counts`."""
        share = counts.share(highest, lost, now_ms)
        if share is not None:
            self.said(share, now_ms)

    def said(self, lost: float, now_ms: int) -> None:
        """A receiver report: the share of packets that were lost since the one before, 0 to 1."""
        passed_ms = _MEAN_MS // 2 if self._said_ms is None else now_ms - self._said_ms
        self._said_ms = now_ms
        self._mean += min(1.0, passed_ms / _MEAN_MS) * (lost - self._mean)
        if lost > _SLOWER_FROM:
            self._bits_per_s = max(FLOOR_BITS_PER_S, int(self._bits_per_s * (1 - lost / 2)))
        elif lost <= _FASTER_UP_TO:
            grown = self._bits_per_s * _FASTER_A_SECOND ** min(1.0, passed_ms / 1000)
            self._bits_per_s = min(self._ceiling, int(grown))

    def told(self, bits_per_s: int) -> None:
        """Another worker says what its own viewers bear (REMB)."""
        self._told = max(FLOOR_BITS_PER_S, bits_per_s)

    def bits_per_s(self, now_ms: int) -> int:
        """What the source may be sent with on account of this line."""
        is_outlier = self.step < FULL and now_ms - (self._since_ms or now_ms) >= _OUTLIER_MS
        return self._ceiling if is_outlier else min(self._bits_per_s, self._told)

    def look(self, now_ms: int) -> int:
        """The step to stand on now.

        >>> line = Bearing(2_000_000)
        >>> [line.said(0.5, at) or line.look(at) for at in (0, 1_000, 2_000, 3_000)]
        [2, 2, 1, 1]
        >>> line.bits_per_s(3_000)
        632812
        >>> [line.said(0.0, at) or line.look(at) for at in (4_000, 6_000, 8_500)]
        [1, 1, 2]
        """
        if self._since_ms is None:
            self._since_ms = now_ms
        stood_ms = now_ms - self._since_ms
        is_bad = self._mean >= BAD[self.step] and stood_ms >= BAD_MS
        is_terrible = self._mean >= TERRIBLE and stood_ms >= TERRIBLE_MS
        if self.step > NONE and (is_bad or is_terrible):
            lasted = self._raised_ms is None or now_ms - self._raised_ms >= LASTED_MS
            self._wait_ms = WELL_MS if lasted else min(WELL_MS_MAX, 2 * self._wait_ms)
            self._stand(self.step - 1, now_ms)
        elif self.step < FULL and self._mean <= WELL and stood_ms >= self._wait_ms:
            self._raised_ms = now_ms
            self._stand(self.step + 1, now_ms)
        return self.step

    def _stand(self, step: int, now_ms: int) -> None:
        self.step, self._since_ms, self._mean = step, now_ms, _UNKNOWN
