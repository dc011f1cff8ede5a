"""A bidder signs in at the coordinator's page by certificate or phone: what it gets is a cookie (SPEC 19.9).

Owns the seam alone: the origin of the page, the bound on how often outsiders ask, and that the identity
node's word for a page's key becomes a cookie, at once and for nobody else. Judging is `entrance`'s.
"""

from msgspec import Struct
from msgspec.structs import replace

from protocol.entering import EnterAsk, Entered, EnterGive, Entering, EnterWanted, Ways
from protocol.refusals import Refusal, refuse
from protocol.wire import Proof
from protocol.words import SignInWay
from server.gateway.bidders import BidderDoor, Cookie
from server.gateway.entrance import Entrance
from server.gateway.scans import Whence


class From(Struct, frozen=True):
    """Whence a page asks: its network address, and the origin under which it was opened."""

    address: str
    origin: str


class BidderEntrance:
    """What an outsider's page may ask before it has a cookie; each may raise `NotDurable`."""

    def __init__(self, door: BidderDoor, entrance: Entrance | None, *, by_code: bool) -> None:
        """Ask this entrance; None where there is no trust list."""
        self._door = door
        self._entrance = entrance
        self._by_code = by_code

    @property
    def ways(self) -> Ways:
        """By what bidders may sign in here."""
        certified: tuple[SignInWay, ...] = () if self._entrance is None else ("certificate", "passkey")
        return Ways((*certified, "code") if self._by_code else certified)

    async def ask(self, page: From, asked: EnterAsk) -> EnterWanted | Refusal:
        """A challenge for whatever bidder somebody says they are."""
        if self._entrance is None:
            return refuse("NoTrustList")
        if not self._door.has_room():
            return refuse("TooBusy")
        return await self._entrance.ask(Whence("", page.address), replace(asked, audience=page.origin))

    async def give(self, page: From, given: EnterGive) -> Cookie | Refusal:
        """A cookie for a sign-in by certificate."""
        if self._entrance is None:
            return refuse("NoTrustList")
        found = await self._entrance.give(Whence("", page.address), given)
        return found if isinstance(found, Refusal) else await self._seated(found)

    async def scanned(self, page: From, proof: Proof) -> Cookie | Entering | Refusal:
        """A cookie once the phone has signed, for the page that holds the key."""
        if self._entrance is None:
            return refuse("NoTrustList")
        found = await self._entrance.scanned(Whence("", page.address), proof)
        if isinstance(found, Refusal) or found.entered is None:
            return found
        return await self._seated(found.entered)

    async def _seated(self, entered: Entered) -> Cookie | Refusal:
        told = entered.attested
        return await self._door.admit(told.session, told.seat, told.means)
