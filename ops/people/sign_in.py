"""How a played person is vouched for: with a one-time code, or by the operator whose machine this all is.

Owns the way to an attestation over {session, seat, key, means} (SPEC 5.3), however often an answer is lost.
The operator of an installation on one machine holds its key and may vouch for a stand-in with the means
`desk`; a person at a page always needs a code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops import senses
from ops.people.desk import TurnedDown
from ops.people.listener import ActRefused
from protocol import wire
from protocol.seal import signing

AGAIN_MS: Final = 200
"""How long to wait before something that met a passing fault is tried again."""
CODES_MAX: Final = 5
"""How many codes a person takes for one sign-in before giving up."""
GREET_MS: Final = 30_000
"""How long a node's copy may take to show that a key speaks for its seat."""
NOT_SHOWN_YET: Final = frozenset({"UnknownSession", "UnknownSeat"})
"""Refusals of a node whose copy does not show the session's roster yet."""
DESK: Final = "desk"

T = TypeVar("T")
Codes = Callable[[str], Awaitable[str]]
"""Gives a fresh one-time code for a seat."""


class Asker(Protocol):
    """Who signs in: a person with a key that speaks for nobody yet."""

    session: str
    seat: str

    @property
    def key_text(self) -> str:
        """The new public key."""

    async def ask(self, event: str, message: object, reply: type[T]) -> T:
        """Send a message until it is answered."""


async def with_code(who: Asker, codes: Codes) -> wire.Attested:
    """Sign in; a code that is spent, or locked by tries whose answers were lost, is replaced.

    Raises:
      ActRefused: no code is taken.
    """
    for left in range(CODES_MAX - 1, -1, -1):
        try:
            return await _offer(who, await codes(who.seat))
        except TurnedDown as error:
            if not left or error.refused.code not in ("BadCode", "CodeLocked"):
                raise ActRefused(who.seat, "SignIn", error.refused) from error
    raise AssertionError


def by_operator(key: Ed25519PrivateKey, session: str, seat: str, seat_key: str) -> wire.Attested:
    """The installation's word for a stand-in, given on the machine that holds its key.

    Args:
      key: the installation's.
      session: the session.
      seat: the seat.
      seat_key: the stand-in's public key.
    """
    told = signing.attested_bytes(session, seat, seat_key, DESK)
    return wire.Attested(session, seat, seat_key, DESK, signing.sign(key, told))


async def _offer(who: Asker, code: str) -> wire.Attested:
    """Offer a code; the node's copy may take a moment to show a session that has just begun."""
    message = wire.SignIn(who.session, who.seat, code, who.key_text)
    until = senses.running_ms() + GREET_MS
    while True:
        try:
            return await who.ask(wire.SIGN_IN, message, wire.Attested)
        except TurnedDown as error:
            if error.refused.code not in NOT_SHOWN_YET or senses.running_ms() >= until:
                raise
        await asyncio.sleep(AGAIN_MS / 1000)
