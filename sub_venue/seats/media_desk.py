"""What a page asks over its socket about pictures and sound: what it sends and sees with (SPEC 30.6).

Owns only whose page it is: nothing is given before the page has proved the key of its seat.
"""

from collections.abc import Callable

from msgspec import Struct

from protocol.media import MediaGiven, MediaWanted
from protocol.refusals import Refusal, refuse
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated


class MediaDesk(Struct, frozen=True):
    """The message `media`; `given` tells by session and seat, `standing` says who speaks on a page."""

    given: Callable[[str, str], MediaGiven]
    standing: Callable[[Page], Seated | None]

    async def media(self, page: Page, asked: MediaWanted) -> MediaGiven | Refusal:
        """The page's own seat's."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        return self.given(seated.session, seated.seat)
