"""What a page asks over its socket about the talk-room: how it stands, what its seat does (SPEC 30.10).

Owns only whose page it is and what of the room its role may be shown.
"""

from collections.abc import Callable

from protocol import talk
from protocol.refusals import Refusal, refuse
from protocol.session.state import Speaker, State
from protocol.talk import TalkDo, TalkRoom, TalkWanted
from protocol.wire import Refused
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated
from sub_venue.seats.talk_rooms import Talking


class TalkDesk:
    """The messages `talk` and `talk_do`, and what is pushed as `talk_told`."""

    def __init__(
        self,
        rooms: Talking,
        standing: Callable[[Page], Seated | None],
        state: Callable[[str], State | None],
    ) -> None:
        """Tell of these rooms; `standing` says who speaks on a page, `state` how a session stands."""
        self._rooms, self._standing, self._state = rooms, standing, state

    async def talk(self, page: Page, asked: TalkWanted) -> TalkRoom | Refusal:
        """The room as the page's seat may see it."""
        found = self.told(page)
        return refuse("NotSignedIn") if found is None or found.session != asked.session else found

    async def talk_do(self, page: Page, asked: TalkDo) -> TalkRoom | Refusal | Refused:
        """What the page's seat does."""
        seated = self._standing(page)
        state = None if seated is None else self._state(seated.session)
        if seated is None or state is None or seated.session != asked.session:
            return refuse("NotSignedIn")
        done = await self._rooms.act(state, seated.seat, asked)
        return talk.shown(done, _speaker(seated, state)) if isinstance(done, TalkRoom) else done

    def told(self, page: Page) -> TalkRoom | None:
        """What a page is told now; None where nobody is seated at it."""
        seated = self._standing(page)
        if seated is None or seated.session == INSTALLATION:
            return None
        state = self._state(seated.session)
        return None if state is None else talk.shown(self._rooms.room(state), _speaker(seated, state))


def _speaker(seated: Seated, state: State) -> Speaker:
    found = state.seats.get(seated.seat)
    return Speaker(seated.role, seated.seat, "" if found is None else found.venue)
