"""Screens: what a seat is shown, folded from this node's own copy through the allow-table.

Owns nothing but a memory of the last view of each seat. Everything a page is told of a session comes from
`protocol.projection`; every page gets every `seq` as a line, so that a gap is always visible (DESIGN 1.5,
1.6). The names of places are the installation's and hide nothing. Must not know sockets.
"""

from msgspec import Struct
from msgspec.structs import replace

from protocol.hidden import Disclosed
from protocol.projection import project
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.views import View
from protocol.wire import News
from protocol.words import Role
from sub_venue.journal.copies import Copies
from sub_venue.uplink.uplink import Uplink

_VIEWS_MAX = 512


class Seated(Struct, frozen=True):
    """A key that a page has proved, and the seat it speaks for."""

    session: str
    seat: str
    role: Role
    key: str


class _Shown(Struct, frozen=True):
    """A view and what it was folded from."""

    state: State
    disclosed: Disclosed
    names: object
    view: View


class Screens:
    """Views and lines for the pages of this node."""

    def __init__(self, copies: Copies, uplink: Uplink, lines_max: int) -> None:
        """Fold from these copies; at most so many lines in one message."""
        self._copies = copies
        self._uplink = uplink
        self._lines_max = lines_max
        self._shown: dict[Seated, _Shown] = {}

    def news(self, seated: Seated, since: int) -> News | Refusal:
        """The view as of now and the lines from `since` on, as many as one message holds.

        Refuses `UnknownSession`, and `SeenUnknown` for a page that has seen more than this node.
        """
        replica = self._copies.get(seated.session)
        if replica is None or replica.state is None:
            return refuse("UnknownSession", session=seated.session)
        if since > replica.size:
            return refuse("SeenUnknown", size=since)
        view = self._view(seated, replica.state, replica.disclosed)
        lines = replica.lines(seated.role, since, self._lines_max)
        return News(view, since, lines, self._uplink.online)

    def _view(self, seated: Seated, state: State, disclosed: Disclosed) -> View:
        welcome = self._uplink.welcome
        before = self._shown.get(seated)
        if (
            before is not None
            and before.state is state
            and before.disclosed is disclosed
            and before.names is welcome
        ):
            return before.view
        view = project.view(state, disclosed, seated.role, seated.seat)
        if welcome is not None:
            places = {one.node: one for one in welcome.nodes}
            view = replace(
                view,
                venues=tuple(
                    replace(venue, zh=places[venue.venue].zh, en=places[venue.venue].en)
                    if venue.venue in places
                    else venue
                    for venue in view.venues
                ),
            )
        if len(self._shown) >= _VIEWS_MAX:
            self._shown.clear()
        self._shown[seated] = _Shown(state, disclosed, welcome, view)
        return view
