"""The roll-call pictures that a page asks its node for, by their numbers in the record (SPEC 31.6).

Owns that a picture is given to whom the allow-table shows it, and that it is the one of the record's entry:
what the node holds is looked up by the digest that the entry names.
"""

import base64
from collections.abc import Callable

from msgspec import Struct

from protocol.projection import visibility
from protocol.refusals import Refusal, refuse
from protocol.roll_call import ROLL_CALL, RollCallPicture, RollCallWanted
from sub_venue.journal.replica import Replica
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated

_SEEN_BY = ", ".join(sorted(visibility.FIELDS["roll_call"]))


class RollCallDesk(Struct, frozen=True):
    """The message `roll_call`; `held` is the node's copy of a session, `standing` who speaks."""

    held: Callable[[str], Replica | None]
    standing: Callable[[Page], Seated | None]

    async def picture(self, page: Page, asked: RollCallWanted) -> RollCallPicture | Refusal:
        """One picture's bytes."""
        seated = self.standing(page)
        if seated is None or seated.session != asked.session or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        held = self.held(asked.session)
        state = None if held is None else held.state
        if held is None or state is None:
            return refuse("UnknownSession", session=asked.session)
        if not visibility.allowed(state, "roll_call", seated.role):
            return refuse("NotAllowed", role=seated.role, type=ROLL_CALL, allowed=_SEEN_BY)
        if asked.number > len(state.live.roll_calls):
            return refuse("UnknownRollCall", number=asked.number)
        text = held.disclosed.get_value(state.live.roll_calls[asked.number - 1].picture)
        if text is None:
            return refuse("RollCallGone", number=asked.number)
        return RollCallPicture(asked.session, asked.number, base64.b64decode(text))
