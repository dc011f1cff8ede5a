"""A bidder gives its key a voice at the coordinator's own page: the same room as the venues' desks (SPEC 19).

Owns the seam alone: whose cookie it is, and that nobody is asked for but that bidder. What is challenged,
signed, judged and attested is `voices`'.
"""

from protocol.refusals import Refusal, refuse
from protocol.voices import (
    PasskeyBind,
    PasskeyBound,
    Scanning,
    VoiceAsk,
    Voiced,
    VoiceGive,
    VoiceScanned,
    VoiceWanted,
)
from server.gateway.bidders import BidderDoor
from server.gateway.scans import Whence
from server.gateway.voices import Voices


class BidderVoices:
    """The four questions of a desk, from a bidder's page; each may raise `NotDurable`."""

    def __init__(self, door: BidderDoor, voices: Voices | None) -> None:
        """Ask these voices; None where there is no trust list."""
        self._door = door
        self._voices = voices

    async def ask(self, cookie: str, address: str, asked: VoiceAsk) -> VoiceWanted | Refusal:
        """A challenge for the bidder's key.

        Args:
          cookie: the page's.
          address: whence, for counting failures.
          asked: whose voice, and how.
        """
        voices = await self._of(cookie, asked.session, asked.seat)
        return voices if isinstance(voices, Refusal) else await voices.ask(Whence("", address), asked)

    async def give(self, cookie: str, address: str, given: VoiceGive) -> Voiced | Refusal:
        """A delegation that was signed by certificate."""
        voices = await self._of(cookie, given.session, given.seat)
        return voices if isinstance(voices, Refusal) else await voices.give(Whence("", address), given)

    async def scanned(self, cookie: str, address: str, asked: VoiceScanned) -> Scanning | Refusal:
        """How a scan stands."""
        voices = await self._of(cookie, asked.session, asked.seat)
        return voices if isinstance(voices, Refusal) else await voices.scanned(Whence("", address), asked)

    async def bind(self, cookie: str, address: str, given: PasskeyBind) -> PasskeyBound | Refusal:
        """A passkey signed for by its certificate.

        Raises:
          OSError: the disk does not take it.
        """
        voices = await self._of(cookie, given.session, given.seat)
        return voices if isinstance(voices, Refusal) else await voices.bind(Whence("", address), given)

    async def _of(self, cookie: str, session: str, bidder: str) -> Voices | Refusal:
        """The room, for the bidder of a cookie and for nobody else."""
        seated = await self._door.whose(cookie)
        if isinstance(seated, Refusal):
            return seated
        if (session, bidder) != (seated.session, seated.bidder):
            return refuse("UnknownAuthor")
        return refuse("NoTrustList") if self._voices is None else self._voices
