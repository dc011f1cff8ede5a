"""Leave to read: short-lived tokens, each for one session, one seat and one key (SPEC 14.3).

Owns which are in force, in memory alone: a node that starts anew has given none, and pages ask again. Must
not know HTTP, nor what may be read.
"""

import base64
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from protocol.words import Role

TOKEN_BYTES: Final = 32
TOKENS_MAX: Final = 2_048
"""Tokens in force at this node; above it the oldest goes."""


class Reader(Struct, frozen=True):
    """Who reads: a key that was proved, and the seat it spoke for when it asked."""

    session: str
    seat: str
    role: Role
    key: str


class Tokens:
    """The tokens of one node."""

    def __init__(
        self,
        lifetime_ms: int,
        per_seat_max: int,
        running_ms: Callable[[], int],
        secret: Callable[[int], bytes],
    ) -> None:
        """None is in force yet."""
        self._lifetime_ms = lifetime_ms
        self._per_seat_max = per_seat_max
        self._running_ms = running_ms
        self._secret = secret
        self._held: dict[str, tuple[Reader, int]] = {}

    def issue(self, reader: Reader) -> str:
        """A new token; a seat's oldest goes where it has too many."""
        now = self._running_ms()
        self._held = {token: one for token, one in self._held.items() if one[1] > now}
        same = [token for token, one in self._held.items() if one[0] == reader]
        for token in same[: max(0, len(same) - self._per_seat_max + 1)]:
            del self._held[token]
        while len(self._held) >= TOKENS_MAX:
            del self._held[next(iter(self._held))]
        token = base64.urlsafe_b64encode(self._secret(TOKEN_BYTES)).decode().rstrip("=")
        self._held[token] = (reader, now + self._lifetime_ms)
        return token

    def reader(self, token: str) -> Reader | None:
        """Whose a token is; None where it is none, or its time is over."""
        found = self._held.get(token)
        return None if found is None or found[1] <= self._running_ms() else found[0]

    def forget(self, session: str) -> None:
        """A session is archived: nobody reads in it any more."""
        self._held = {token: one for token, one in self._held.items() if one[0].session != session}
