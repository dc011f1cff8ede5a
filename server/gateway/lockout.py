"""Repeated failures at signing in: by name and address, by address, and by name (SPEC 19.2).

Owns the counts and how long each makes somebody wait. A lock for long falls on the pair of name and address
alone; a name that is tried from everywhere waits for seconds only, so that nobody can lock another out. All
counts are bounded and forgotten after a while; a success clears the pair. Pure: the clock is handed in.
"""

from typing import Final

from msgspec import Struct

from protocol.refusals import Refusal, refuse

PAIR_FAILURES_MAX: Final = 5
"""Failures of one name at one address before the pair is locked."""
PAIR_LOCK_MS: Final = 300_000
ADDRESS_FAILURES_MAX: Final = 50
"""Failures at one address, of whatever names, before that address is locked."""
ADDRESS_LOCK_MS: Final = 60_000
NAME_FAILURES_MAX: Final = 20
"""Failures of one name from whatever addresses before everybody who uses it waits a little."""
NAME_LOCK_MS: Final = 5_000
FORGOTTEN_MS: Final = 900_000
"""Failures older than this count no more."""
COUNTS_MAX: Final = 16_384
"""Counts kept at once; above it the oldest is forgotten."""


class _Count(Struct):
    failures: int
    last_ms: int
    locked_until: int


class _Bound(Struct, frozen=True):
    failures_max: int
    lock_ms: int


_PAIR = _Bound(PAIR_FAILURES_MAX, PAIR_LOCK_MS)
_ADDRESS = _Bound(ADDRESS_FAILURES_MAX, ADDRESS_LOCK_MS)
_NAME = _Bound(NAME_FAILURES_MAX, NAME_LOCK_MS)


class Lockout:
    """The counts of one coordinator."""

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._counts: dict[tuple[str, str], _Count] = {}

    def fault(self, name: str, address: str, now_ms: int) -> Refusal | None:
        """`SignInLocked` with the seconds to wait, or None where a try may be made.

        Args:
          name: who somebody says they are (`session/seat`).
          address: whence: a node's name, or a network address.
          now_ms: a clock that never goes back, ms.
        """
        until = max(
            (one.locked_until for one in map(self._counts.get, _places(name, address)) if one is not None),
            default=0,
        )
        if until <= now_ms:
            return None
        return refuse("SignInLocked", seconds=-((now_ms - until) // 1000))

    def failed(self, name: str, address: str, now_ms: int) -> None:
        """Count a failure."""
        bounds = (_PAIR, _ADDRESS, _NAME)
        for place, bound in zip(_places(name, address), bounds, strict=True):
            one = self._counts.pop(place, None)
            if one is None or now_ms - one.last_ms > FORGOTTEN_MS:
                one = _Count(0, now_ms, 0)
            one.failures, one.last_ms = one.failures + 1, now_ms
            if one.failures >= bound.failures_max:
                # Counted anew afterwards: the next lock takes as many failures as this one.
                one.failures, one.locked_until = 0, now_ms + bound.lock_ms
            self._counts[place] = one
        while len(self._counts) > COUNTS_MAX:
            del self._counts[next(iter(self._counts))]

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of this name at this address; those of others stay."""
        self._counts.pop(_places(name, address)[0], None)


def _places(name: str, address: str) -> tuple[tuple[str, str], ...]:
    """The pair, the address, the name; identifiers hold no space, so that the three never meet."""
    return (name, address), (" address", address), (name, " anywhere")
