"""What a page asks over its socket about its place: the node, its own devices, the lines of all venues.

Owns only whose page it is: nothing is told before the page has proved the key of its seat, and of the node
itself only its keeper is told. Source: SPEC 10.6, 10.7, 10.9.
"""

from collections.abc import Callable
from typing import Literal

from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.venue import PreFlight, PreFlightTold, VenueState
from protocol.wire import LineMeasured, VenueLine, VenueLines
from sub_venue.seats.desk import INSTALLATION
from sub_venue.seats.keeping import Keeping
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated
from sub_venue.uplink.uplink import Uplink


class PlaceDesk:
    """The messages of `/desk` that are about the place."""

    def __init__(
        self, node: str, keeping: Keeping, uplink: Uplink, standing: Callable[[Page], Seated | None],
        state: Callable[[str], State | None], now_ms: Callable[[], int],
    ) -> None:  # fmt: skip
        """Tell of this node; `standing` says who speaks on a page, `state` how a session stands."""
        self._node = node
        self._keeping = keeping
        self._uplink = uplink
        self._standing = standing
        self._state = state
        self._now_ms = now_ms

    async def venue_state(self, page: Page, _: None) -> VenueState | Refusal:
        """What the venue's keeper is told of this node; nobody else is."""
        seated = self._standing(page)
        if seated is None or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        if seated.role != "keeper":
            return refuse("NotAllowed", role=seated.role, type="VenueState", allowed="keeper")
        return self._keeping.state(seated)

    async def preflight(self, page: Page, found: PreFlight) -> PreFlightTold | Refusal:
        """Take what a seated page found of its own devices; the venue's keeper is shown it."""
        seated = self._standing(page)
        if seated is None or seated.session == INSTALLATION:
            return refuse("NotSignedIn")
        return self._keeping.preflight(seated, found)

    async def lines(self, page: Page, _: None) -> VenueLines | Refusal:
        """How the lines of the session's venues are; to whoever is seated."""
        seated = self._standing(page)
        state = None if seated is None else self._state(seated.session)
        if state is None:
            return refuse("NotSignedIn")
        uplink, clock = self._uplink, self._uplink.clock
        own = LineMeasured(clock.round_trip_ms, clock.jitter_ms, clock.lost_percent)
        lines = {**uplink.lines, self._node: own} if uplink.online else {}
        found = []
        for venue in state.venues:
            standing = uplink.presence.of(venue)
            line: Literal["unknown", "up", "down"] = "unknown"
            if standing is not None:
                line = "up" if standing.online else "down"
            found.append(VenueLine(venue, line, lines.get(venue, LineMeasured())))
        return VenueLines(self._now_ms(), tuple(found))
