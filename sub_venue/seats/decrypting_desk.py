"""What a page asks over its socket about the bids that its node opens (SPEC 28.11).

Owns only whose page it is: whoever is shown an opening is told how far this node is with it, nobody else.
"""

from collections.abc import Callable

from msgspec import Struct

from protocol.decrypting import BidRead, Decrypting, DecryptingWanted
from protocol.projection import visibility
from protocol.refusals import Refusal, refuse
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated


class DecryptingDesk(Struct, frozen=True):
    """The message `decrypting`; `progress` tells by session, `standing` says who speaks on a page."""

    progress: Callable[[str], tuple[BidRead, ...]]
    standing: Callable[[Page], Seated | None]

    async def decrypting(self, page: Page, asked: DecryptingWanted) -> Decrypting | Refusal:
        """How far the node of the page's own seat is."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        if not visibility.shows("ceremony", seated.role):
            return refuse("NotAllowed", role=seated.role, type="decrypting", allowed="")
        return Decrypting(asked.session, self.progress(asked.session))
