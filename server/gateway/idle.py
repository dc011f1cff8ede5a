"""Who of those that signed in at the coordinator's own page was at work last, and who has been idle too long.

Owns one number for each cookie, on the clock that never goes back: a wall clock that is set signs nobody out
and keeps nobody in. What a page asks by itself is no work. A cookie that is seen here for the first time
begins now, so that a restart or another coordinator signs nobody out. Source: SPEC 10.3.
"""

from collections.abc import Callable
from typing import Final

from protocol import canonical

COOKIES_MAX: Final = 4_096
"""Cookies that are remembered; above it the one that was at work longest ago is forgotten."""


class Idle:
    """When each cookie's person was last at work."""

    def __init__(self, bound_ms: int, running_ms: Callable[[], int]) -> None:
        """Know nobody yet; `bound_ms` is how long a person may be idle."""
        self.bound_ms = bound_ms
        self._running_ms = running_ms
        self._last_ms: dict[bytes, int] = {}

    def worked(self, cookie: str) -> None:
        """A person was at work."""
        name = canonical.sha256(cookie.encode())
        self._last_ms.pop(name, None)
        self._last_ms[name] = self._running_ms()
        while len(self._last_ms) > COOKIES_MAX:
            del self._last_ms[next(iter(self._last_ms))]

    def is_over(self, cookie: str) -> bool:
        """Whether a cookie's person was idle for too long; one that is not known begins now."""
        last = self._last_ms.get(canonical.sha256(cookie.encode()))
        if last is None:
            self.worked(cookie)
            return False
        return self._running_ms() - last >= self.bound_ms
