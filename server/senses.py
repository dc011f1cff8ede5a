"""The only reader of clock and entropy at the coordinator; everything else is handed what these say.

Owns the wall clock, a clock that never goes back, and random bytes. With a seed, the entropy that
goes into entries is derived from the seed and the command's id, so that a demonstration can be
played again; what must stay secret (codes, salts of codes) always comes from the system.
"""

import os
import time

from protocol import canonical


class Senses:
    """Clock and entropy of this process."""

    def __init__(self, seed: str | None = None) -> None:
        """Take entries' entropy from the system, or from `seed` where one is given."""
        self._seed = seed or None

    def now_ms(self) -> int:
        """The wall clock, milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def running_ms(self) -> int:
        """A clock that never goes back, milliseconds since some start; for waits and rates."""
        return time.monotonic_ns() // 1_000_000

    def running_s(self) -> float:
        """The same in seconds with its fraction; for measuring."""
        return time.perf_counter()

    def entropy(self, command_id: str) -> bytes:
        """The 32 bytes that `decide` is given for a command, recorded in its entry.

        With a seed: SHA-256 over the tag `entropy/v1` and the canonical [seed, command_id].
        """
        if self._seed is None:
            return os.urandom(32)
        return canonical.tagged_digest("entropy/v1", [self._seed, command_id])

    def secret(self, size: int) -> bytes:
        """Random bytes that nobody may guess; never derived from a seed."""
        return os.urandom(size)
