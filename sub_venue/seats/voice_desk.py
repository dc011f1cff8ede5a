"""What a seat asks to be given a person's voice, handed up the line (SPEC 19.3 to 19.5).

Owns that a page asks for the seat whose key it has proved, and for no other; also where its person was idle
for too long, since this is how they sign in again. Judging is the identity node's;
what it attests is checked before a page is shown it.
"""

from protocol import voices
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
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
from protocol.wire import Refused
from sub_venue.seats.desk import Desk
from sub_venue.seats.page import Page
from sub_venue.uplink.uplink import Uplink


class VoiceDesk:
    """The four messages of it."""

    def __init__(self, desk: Desk, uplink: Uplink, installation_key: str) -> None:
        """Serve the pages of this desk."""
        self._desk = desk
        self._uplink = uplink
        self._installation_key = installation_key

    async def ask(self, page: Page, asked: VoiceAsk) -> VoiceWanted | Refused | Refusal:
        """A challenge for the page's own key."""
        if not self._is_own(page, asked):
            return refuse("NotSignedIn")
        return await self._uplink.ask(voices.VOICE_ASK, asked, VoiceWanted)

    async def give(self, page: Page, given: VoiceGive) -> Voiced | Refused | Refusal:
        """A delegation signed by certificate."""
        if not self._is_own(page, given):
            return refuse("NotSignedIn")
        found = await self._uplink.ask(voices.VOICE_GIVE, given, Voiced)
        return found if isinstance(found, Refused) else self._attested(page, found)

    async def scanned(self, page: Page, asked: VoiceScanned) -> Scanning | Refused | Refusal:
        """How the page's scan stands."""
        if not self._is_own(page, asked):
            return refuse("NotSignedIn")
        found = await self._uplink.ask(voices.VOICE_SCANNED, asked, Scanning)
        if isinstance(found, Refused) or found.voiced is None:
            return found
        voiced = self._attested(page, found.voiced)
        return voiced if isinstance(voiced, Refusal) else found

    async def bind(self, page: Page, given: PasskeyBind) -> PasskeyBound | Refused | Refusal:
        """A passkey signed for by its certificate."""
        if not self._is_own(page, given):
            return refuse("NotSignedIn")
        return await self._uplink.ask(voices.PASSKEY_BIND, given, PasskeyBound)

    def _is_own(self, page: Page, asked: VoiceAsk | VoiceGive | VoiceScanned | PasskeyBind) -> bool:
        seated = self._desk.known(page)
        mine = (asked.session, asked.seat, asked.key)
        return seated is not None and (seated.session, seated.seat, seated.key) == mine

    def _attested(self, page: Page, voiced: Voiced) -> Voiced | Refusal:
        """What the installation attests, if it does; the person is there, whatever the page does with it."""
        told = signing.delegated_bytes(
            voiced.session, voiced.seat, voiced.key, voiced.means, voiced.disclosure.digest, voiced.until
        )
        good = signing.verify(self._installation_key, told, voiced.attestation)
        if not good:
            return refuse("BadAttestation")
        self._desk.signed_in_again(page)
        return voiced
