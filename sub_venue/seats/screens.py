"""Screens: what a seat is shown, folded from this node's own copy through the allow-table.

Owns nothing but a memory of the last view of each seat. Everything a page is told of a session comes from
`protocol.projection`; every page gets every `seq` as a line, so that a gap is always visible (DESIGN 1.5,
1.6). The names of places are the installation's and hide nothing. Must not know sockets, only their frames.
"""

from collections.abc import Callable, Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from protocol import wire
from protocol.hidden import Disclosed
from protocol.link.frame import event_frame
from protocol.projection import alerts, project, visibility
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.views import AlertView, VenueView, View
from protocol.wire import News, Welcome
from protocol.words import Role
from sub_venue.journal.copies import Copies
from sub_venue.journal.replica import Fault, Replica
from sub_venue.seats.absences import Absent
from sub_venue.seats.frames import NAMESPACE
from sub_venue.uplink.presence import Presence
from sub_venue.uplink.uplink import Uplink

_VIEWS_MAX = 512
_FRAMES_MAX = 8
"""Frames of one view that are kept for pages that stand at the same line."""


class Seated(Struct, frozen=True):
    """A key that a page has proved, and the seat it speaks for."""

    session: str
    seat: str
    role: Role
    key: str


class Framed(Struct, frozen=True):
    """News as the frame that tells them; the line behind them, and how many the session has."""

    frame: bytes
    cursor: int
    size: int


class _NewsText(Struct, frozen=True):
    """`News` whose parts are JSON already."""

    view: msgspec.Raw
    since: int
    lines: msgspec.Raw
    online: bool


class _Told(Struct, frozen=True):
    """What a view tells beside the record: places' names, who is connected, who left, a copy that stopped."""

    welcome: Welcome | None
    presence: Presence
    fault: Fault | None
    absent: tuple[Absent, ...]

    def is_same(self, other: "_Told") -> bool:
        """Whether nothing of it has changed."""
        same = self.welcome is other.welcome and self.presence is other.presence
        return same and self.fault is other.fault and self.absent == other.absent


class _Shown(Struct, frozen=True):
    """A view, what it was folded from, and the frames that hold it, by first line and state of the line."""

    state: State
    disclosed: Disclosed
    told: _Told
    view: View
    framed: dict[tuple[int, bool], Framed]

    def is_of(self, state: State, disclosed: Disclosed, told: _Told) -> bool:
        """Whether it was folded from these."""
        return self.state is state and self.disclosed is disclosed and self.told.is_same(told)


class Screens:
    """Views and lines for the pages of this node."""

    def __init__(
        self, copies: Copies, uplink: Uplink, lines_max: int, absent: Callable[[str], tuple[Absent, ...]]
    ) -> None:
        """Fold from these copies; so many lines in one message at most; `absent` is who left a seat here."""
        self._absent = absent
        self._copies = copies
        self._uplink = uplink
        self._lines_max = lines_max
        self._shown: dict[Seated, _Shown] = {}
        self._of_roles: dict[tuple[str, Role], _Shown] = {}
        self._lines: dict[tuple[str, Role], tuple[int, int, bytes]] = {}

    def news(self, seated: Seated, since: int) -> News | Refusal:
        """The view as of now and the lines from `since` on, as many as one message holds.

        Refuses `UnknownSession`, and `SeenUnknown` for a page that has seen more than this node.
        """
        replica = self._replica(seated, since)
        if isinstance(replica, Refusal):
            return replica
        view = self._view(seated, replica).view
        lines = replica.lines(seated.role, since, self._lines_max)
        return News(view, since, lines, self._uplink.online)

    def framed(self, seated: Seated, since: int) -> Framed | Refusal:
        """The same as a frame that tells them, made once for all pages of a seat that stand alike."""
        replica = self._replica(seated, since)
        if isinstance(replica, Refusal):
            return replica
        online = self._uplink.online
        shown = self._view(seated, replica)
        found = shown.framed.get((since, online))
        if found is None:
            frame = self._frame(shown.view, replica, since, online=online)
            if len(shown.framed) >= _FRAMES_MAX:
                shown.framed.clear()
            cursor = min(replica.size, since + self._lines_max)
            found = shown.framed[since, online] = Framed(frame, cursor, replica.size)
        return found

    def _frame(self, view: View, replica: Replica, since: int, *, online: bool) -> bytes:
        """News of a view as the frame that tells them."""
        lines = self._lines_text(replica, view.role, since)
        text = _NewsText(msgspec.Raw(msgspec.json.encode(view)), since, msgspec.Raw(lines), online)
        return event_frame(NAMESPACE, wire.NEWS, msgspec.json.encode(text))

    def _replica(self, seated: Seated, since: int) -> Replica | Refusal:
        replica = self._copies.get(seated.session)
        if replica is None or replica.state is None:
            return refuse("UnknownSession", session=seated.session)
        if since > replica.size:
            return refuse("SeenUnknown", size=since)
        return replica

    def _lines_text(self, replica: Replica, role: Role, since: int) -> bytes:
        """Lines as JSON, encoded once for all seats of a role that stand at the same line."""
        name = (replica.session, role)
        size, first, text = self._lines.get(name, (-1, -1, b""))
        if (size, first) != (replica.size, since):
            text = msgspec.json.encode(replica.lines(role, since, self._lines_max))
            if len(self._lines) >= _VIEWS_MAX:
                self._lines.clear()
            self._lines[name] = (replica.size, since, text)
        return text

    def _view(self, seated: Seated, replica: Replica) -> _Shown:
        """What a seat is shown: its role's view, and which acts are its own to do."""
        state, disclosed = replica.state, replica.disclosed
        assert state is not None
        before = self._shown.get(seated)
        of_role = self._of_role(seated, replica)
        if before is not None and before.is_of(state, disclosed, of_role.told):
            return before
        view = project.seated(of_role.view, state, disclosed, seated.seat)
        if len(self._shown) >= _VIEWS_MAX:
            self._shown.clear()
        found = self._shown[seated] = _Shown(state, disclosed, of_role.told, view, {})
        return found

    def _of_role(self, seated: Seated, replica: Replica) -> _Shown:
        """A role's view, folded once for all its seats."""
        state, disclosed = replica.state, replica.disclosed
        assert state is not None
        absent = self._absent(seated.session)
        told = _Told(self._uplink.welcome, self._uplink.presence, replica.fault, absent)
        name = (seated.session, seated.role)
        before = self._of_roles.get(name)
        if before is not None and before.is_of(state, disclosed, told):
            return before
        to = visibility.province_of(state, seated.seat)
        view = project.of_role(state, disclosed, seated.role, to, replica.watched)
        view = replace(view, venues=tuple(self._placed(venue) for venue in view.venues))
        if visibility.shows("alerts", seated.role):
            view = replace(view, alerts=(*view.alerts, *_noticed(view, replica, absent)))
        if len(self._of_roles) >= _VIEWS_MAX:
            self._of_roles.clear()
        found = self._of_roles[name] = _Shown(state, disclosed, told, view, {})
        return found

    def _placed(self, venue: VenueView) -> VenueView:
        """A venue with its names and the state of its line, as far as this node knows."""
        welcome = self._uplink.welcome
        place = None if welcome is None else next((n for n in welcome.nodes if n.node == venue.venue), None)
        if place is not None:
            venue = replace(venue, zh=place.zh, en=place.en)
        standing = self._uplink.presence.of(venue.venue)
        if standing is not None:
            venue = replace(venue, line="up" if standing.online else "down", line_since=standing.since)
        return venue


def _noticed(view: View, replica: Replica, absent: tuple[Absent, ...]) -> Iterator[AlertView]:
    """What this node has noticed by itself, with no entry to tell of it."""
    fault = replica.fault
    if fault is not None:
        yield alerts.copy_stopped(fault.code, fault.seq, fault.at)
    for venue in view.venues:
        if venue.line == "down":
            yield alerts.line_silent(venue.venue, venue.line_since)
    for one in absent:
        yield alerts.seat_left(one.seat, one.venue, one.since)
