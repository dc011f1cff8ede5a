"""Somebody signs in at this venue by certificate or by a phone, handed up the line (SPEC 19.9).

Owns that the origin which is signed is that of the page's own socket, never one that the page tells; and that
what the installation vouches for is checked before a page is shown it. Judging is the identity node's.
"""

from msgspec.structs import replace

from protocol import entering
from protocol.entering import EnterAsk, Entered, EnterGive, Entering, EnterWanted, Ways
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.wire import Proof, Refused
from sub_venue.seats.desk import Desk
from sub_venue.seats.page import Page
from sub_venue.uplink.uplink import Uplink


class EntryDesk:
    """The four messages of it; none needs a proof, for nobody is seated yet."""

    def __init__(self, desk: Desk, uplink: Uplink, installation_key: str) -> None:
        """Serve the pages of this desk."""
        self._desk = desk
        self._uplink = uplink
        self._installation_key = installation_key

    async def ways(self, page: Page, _: None) -> Ways | Refused:  # noqa: ARG002 - every message has its page
        """By what people may sign in here."""
        return await self._uplink.ask(entering.ENTER_WAYS, None, Ways)

    async def ask(self, page: Page, asked: EnterAsk) -> EnterWanted | Refused | Refusal:
        """A challenge for a key that the page has made."""
        fault = self._desk.entry_fault(asked.session, asked.seat, asked.key)
        if fault is not None:
            return fault
        told = replace(asked, audience=page.origin)
        return await self._uplink.ask(entering.ENTER_ASK, told, EnterWanted)

    async def give(self, page: Page, given: EnterGive) -> Entered | Refused | Refusal:  # noqa: ARG002 - as above
        """A sign-in signed by certificate."""
        fault = self._desk.entry_fault(given.session, given.seat, given.key)
        if fault is not None:
            return fault
        found = await self._uplink.ask(entering.ENTER_GIVE, given, Entered)
        return found if isinstance(found, Refused) else self._vouched(found)

    async def scanned(self, page: Page, proof: Proof) -> Entering | Refused | Refusal:  # noqa: ARG002 - as above
        """How a scan stands."""
        found = await self._uplink.ask(entering.ENTER_SCANNED, proof, Entering)
        if isinstance(found, Refused) or found.entered is None:
            return found
        entered = self._vouched(found.entered)
        return entered if isinstance(entered, Refusal) else found

    def _vouched(self, entered: Entered) -> Entered | Refusal:
        """What the installation attests, if it does."""
        one = entered.attested
        told = signing.attested_bytes(one.session, one.seat, one.key, one.means)
        if not signing.verify(self._installation_key, told, one.attestation):
            return refuse("BadAttestation")
        self._desk.signed_in(one.session, one.seat, one.key)
        return entered
