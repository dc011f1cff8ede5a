"""Attending: when each seat's person was last at work at this node, and who has been idle for too long.

Owns one number for each key that has signed in, on the clock that never goes back: a wall clock that is set
forth or back signs nobody out and keeps nobody in. Work is an act, a draft, a note, or the page's word that
its person is there; what a page asks by itself is none. A key that was idle for as long as its role may be
speaks for nobody here until its person has signed in again. Signing in needs the coordinator: without the
line nobody is signed out, and once it is back everybody is warned first. Source: SPEC 19.2.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from protocol.refusals import Refusal, refuse
from protocol.words import Role
from sub_venue.config import IdleBounds

KEYS_MAX: Final = 4_096
"""Keys that are remembered; above it the one that was at work longest ago is forgotten."""
_MINUTE_MS: Final = 60_000


class _Attended(Struct, frozen=True):
    role: Role
    last_ms: int


class Attending:
    """The keys that have signed in at this node."""

    def __init__(self, bounds: IdleBounds, running_ms: Callable[[], int], online: Callable[[], bool]) -> None:
        """Know nobody yet; `online` says whether the line is up, so that anybody could sign in again."""
        self._bounds = bounds
        self._running_ms = running_ms
        self._online = online
        self._keys: dict[str, _Attended] = {}

    def signed_in(self, key: str, role: Role) -> None:
        """A person has shown that it is them."""
        self._keys.pop(key, None)
        self._keys[key] = _Attended(role, self._running_ms())
        while len(self._keys) > KEYS_MAX:
            del self._keys[next(iter(self._keys))]

    def proved(self, key: str, role: Role) -> Refusal | None:
        """A page has proved a key, which it does by itself: that is no work, but where a key's time begins.

        Returns:
          Refusal: `SignInIdle` where the key has been idle for too long.
        """
        if key not in self._keys:
            self.signed_in(key, role)
        return self.fault(key)

    def worked(self, key: str) -> None:
        """A person was at work; that of one who is signed out for idleness counts no more."""
        found = self._keys.get(key)
        if found is not None and not self.is_idle(key):
            self.signed_in(key, found.role)

    def left_ms(self, key: str) -> int:
        """How long a key may still be idle; all of its role's time for one that is not known here."""
        found = self._keys.get(key)
        if found is None:
            return self.bound_ms("expert")
        return max(0, found.last_ms + self.bound_ms(found.role) - self._running_ms())

    def bound_ms(self, role: Role) -> int:
        """How long a person of this role may be idle."""
        return self._bounds.of(role)

    def is_idle(self, key: str) -> bool:
        """Whether a key's person must sign in again."""
        return self._online() and self.left_ms(key) == 0

    def fault(self, key: str) -> Refusal | None:
        """`SignInIdle` for a key that has been idle for too long."""
        if not self.is_idle(key):
            return None
        return refuse("SignInIdle", minutes=-(-self.bound_ms(self._keys[key].role) // _MINUTE_MS))

    def line_is_back(self) -> None:
        """The line is up again: whoever has been idle meanwhile has the time of the warning left."""
        now = self._running_ms()
        for key, found in self._keys.items():
            warned = now - self.bound_ms(found.role) + self._bounds.warn_ms
            if found.last_ms < warned:
                self._keys[key] = _Attended(found.role, warned)
