"""The only reader of clock and dice in `ops`: everything else is handed what these say.

Owns the wall clock, the monotonic clock and random bytes of the operator's command. With a seed every byte
is derived from it and from what the byte is for, so that two runs play the same people with the same keys.
"""

import hashlib
import secrets
import time

from protocol import canonical


def now_ms() -> int:
    """The wall clock, milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def running_ms() -> int:
    """A clock that never goes back, milliseconds since some start."""
    return time.monotonic_ns() // 1_000_000


def running_ns() -> int:
    """The same in nanoseconds, for measuring a disk."""
    return time.perf_counter_ns()


class Dice:
    """Bytes for keys, nonces and ids: from the system, or from a seed and their purpose."""

    def __init__(self, seed: str = "") -> None:
        """Derive from `seed`; without one every call gives fresh bytes of the system."""
        self.seed = seed

    def bytes32(self, *purpose: str) -> bytes:
        """32 bytes for a purpose (`"key", session, seat`); the same again only with a seed.

        >>> Dice("7").bytes32("key", "M1") == Dice("7").bytes32("key", "M1")
        True
        >>> Dice().bytes32("key", "M1") == Dice().bytes32("key", "M1")
        False
        """
        if not self.seed:
            return secrets.token_bytes(32)
        return hashlib.sha256(canonical.tag("people/v1") + canonical.encode([self.seed, *purpose])).digest()
