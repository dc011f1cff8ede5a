"""What the agent's page asks over its socket about notice, bids handed in, and rehearsal (SPEC 23.3, 23.4).

Owns only whose page it is: the agent's, for the session of its seat; before any session, whichever it names.
What is told is the main venue's.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from protocol.bids_desk import BidsDesk, BidsWanted
from protocol.refusals import Refusal, refuse
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated


class TenderDesk(Struct, frozen=True):
    """The message `bids_desk`; `told` works it out, `standing` says who speaks on a page."""

    told: Callable[[BidsWanted, Seated], Awaitable[BidsDesk | Refusal]]
    standing: Callable[[Page], Seated | None]

    async def bids_desk(self, page: Page, asked: BidsWanted) -> BidsDesk | Refusal:
        """How notice, bids and rehearsal stand."""
        seated = self.standing(page)
        if seated is None or seated.session not in (asked.session, INSTALLATION):
            return refuse("NotSignedIn")
        if seated.role != "agent":
            return refuse("NotAllowed", role=seated.role, type="bids_desk", allowed="agent")
        return await self.told(asked, seated)
