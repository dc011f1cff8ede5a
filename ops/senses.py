"""The only reader of clock and dice in `ops`: everything else is handed what these say.

Owns the wall clock, the monotonic clock and random bytes of the operator's command. With a seed every byte
is derived from it and from what the byte is for, so that two runs play the same people with the same keys.
"""

import ctypes
import hashlib
import secrets
import time
from email.utils import parsedate_to_datetime
from typing import Final

from protocol import canonical

_TIMEX_BYTES: Final = 256
"""More than `struct timex` takes anywhere (adjtimex(2): 208 bytes on 64-bit Linux)."""
_TIMEX_STATUS_AT: Final = 40
_STA_UNSYNC: Final = 0x40


def now_ms() -> int:
    """The wall clock, milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def running_ms() -> int:
    """A clock that never goes back, milliseconds since some start."""
    return time.monotonic_ns() // 1_000_000


def running_ns() -> int:
    """The same in nanoseconds, for measuring a disk."""
    return time.perf_counter_ns()


def clock_is_kept() -> bool | None:
    """Whether something (NTP, the host) keeps this machine's clock right; None where the kernel does not say.

    Asks with adjtimex(2), which changes nothing when no mode is set; only 64-bit Linux is understood.
    """
    if ctypes.sizeof(ctypes.c_long) != 8:
        return None
    told = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        done = ctypes.CDLL(None, use_errno=True).adjtimex(told)
    except (AttributeError, OSError):
        return None
    if done < 0:
        return None
    status = int.from_bytes(told.raw[_TIMEX_STATUS_AT : _TIMEX_STATUS_AT + 4], "little")
    return not status & _STA_UNSYNC


def ms_of_date(header: str) -> int:
    """The moment that an HTTP `Date` names, ms; whole seconds (RFC 9110, 6.6.1).

    >>> ms_of_date("Thu, 01 Jan 1970 00:00:02 GMT")
    2000

    Raises:
      ValueError: it is no date.
    """
    return int(parsedate_to_datetime(header).timestamp() * 1000)


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
