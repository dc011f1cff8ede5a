"""The only reader of clock and entropy at a venue's node; everything else is handed what these say.

Owns the wall clock, a clock that never goes back, and random bytes. Salts and ids are drawn for a purpose:
with a seed they derive from it and from the purpose, so that a demonstration can be played again; keys,
nonces of encryption and challenges always come from the system.
"""

import os
import time

from protocol import canonical, limits


class Senses:
    """Clock and entropy of this process."""

    def __init__(self, seed: str | None = None) -> None:
        """Take salts from the system, or from `seed` where one is given."""
        self._seed = seed or None

    def now_ms(self) -> int:
        """The wall clock, milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def running_ms(self) -> int:
        """A clock that never goes back, milliseconds since some start; for waits and rates."""
        return time.monotonic_ns() // 1_000_000

    def machine_ms(self) -> int:
        """How long the machine has been running, sleep included, ms; -1 where it does not tell."""
        if not hasattr(time, "CLOCK_BOOTTIME"):
            return -1
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def salt(self, *purpose: str) -> bytes:
        """32 bytes that hide a value, or name an act of the node.

        With a seed: SHA-256 over the tag `venue-salt/v1` and the canonical [seed, *purpose], the same again
        for the same purpose. Without one: fresh bytes of the system.

        >>> Senses("7").salt("price", "b1") == Senses("7").salt("price", "b1")
        True
        """
        if self._seed is None:
            return os.urandom(limits.SALT_BYTES)
        return canonical.tagged_digest("venue-salt/v1", [self._seed, *purpose])

    def secret(self, size: int) -> bytes:
        """Random bytes that nobody may guess; never derived from a seed."""
        return os.urandom(size)
