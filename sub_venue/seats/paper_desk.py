"""A seat's signature by certificate on the report, handed up the line (SPEC 29.7).

Owns that a page asks for the seat whose key it has proved, and for no other. What is to be signed is made at
the main venue; the key that signs stays with the person.
"""

from protocol import papers
from protocol.papers import PaperAnswer, PaperAsk, PaperStands, PaperWish
from protocol.refusals import Refusal, refuse
from protocol.wire import Refused
from sub_venue.seats.desk import Desk
from sub_venue.seats.page import Page
from sub_venue.uplink.uplink import Uplink


class PaperDesk:
    """The three messages of it."""

    def __init__(self, desk: Desk, uplink: Uplink) -> None:
        """Serve the pages of this desk."""
        self._desk = desk
        self._uplink = uplink

    async def wish(self, page: Page, asked: PaperWish) -> PaperStands | Refused | Refusal:
        """The page's seat wishes to sign with a certificate."""
        return await self._handed(page, papers.PAPER_WISH, asked)

    async def ask(self, page: Page, asked: PaperAsk) -> PaperStands | Refused | Refusal:
        """How its signature stands."""
        return await self._handed(page, papers.PAPER_ASK, asked)

    async def answer(self, page: Page, given: PaperAnswer) -> PaperStands | Refused | Refusal:
        """Its signature over what it was asked to sign."""
        return await self._handed(page, papers.PAPER_ANSWER, given)

    async def _handed(
        self, page: Page, event: str, asked: PaperWish | PaperAsk | PaperAnswer
    ) -> PaperStands | Refused | Refusal:
        seated = self._desk.standing(page)
        mine = (asked.session, asked.seat, asked.key)
        if seated is None or (seated.session, seated.seat, seated.key) != mine:
            return refuse("NotSignedIn")
        return await self._uplink.ask(event, asked, PaperStands)
