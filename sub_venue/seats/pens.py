"""Pens: which one of a seat's windows writes; the others read and say so.

Owns a lease for each seat, in this process alone: held by a window through its socket, kept for it for a
while after the socket is gone (a reload, a moment without network), then free. A window takes a free pen by
asking; one that is held changes hands only by a signed take-over, which the caller puts on disk first. A key
that speaks for the seat no more holds no pen. After a start of the node nobody holds any. Must not know
sockets beyond their ids, nor drafts. Source: SPEC 12.4, DESIGN 9 (two tabs).
"""

from collections.abc import Callable

from msgspec import Struct

from protocol.wire import Pen
from sub_venue.seats.screens import Seated

Place = tuple[str, str]
"""Session and seat."""

Listener = Callable[[Seated], None]
"""Called when a seat's pen has changed hands; must not block or raise."""


class _Held(Struct):
    """Who holds a seat's pen; `gone_ms` is when its socket went, on the clock that never goes back."""

    key: str
    window: str
    sid: str
    since: int
    gone_ms: int | None = None


class Pens:
    """The pens of this node's seats."""

    def __init__(self, kept_ms: int, running_ms: Callable[[], int], now_ms: Callable[[], int]) -> None:
        """Begin with every pen free; one whose socket is gone is kept for `kept_ms`."""
        self._kept_ms = kept_ms
        self._running_ms = running_ms
        self._now_ms = now_ms
        self._held: dict[Place, _Held] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hear of every pen that changes hands from now on."""
        self._listeners.append(listener)

    def claim(self, seated: Seated, sid: str, window: str) -> Pen:
        """Who writes: this window, if nobody else has the pen."""
        held = self._holder(seated)
        if held is None:
            self._give(seated, sid, window)
        elif held.window == window and held.gone_ms is not None:
            held.sid, held.gone_ms = sid, None
        return self.pen(seated, sid)

    def take_over(self, seated: Seated, sid: str, window: str, over: str) -> bool:
        """Give the pen to a window that takes it from another; False where that one has it no more."""
        if not self.is_held_by(seated, over):
            return False
        self._give(seated, sid, window)
        return True

    def is_held_by(self, seated: Seated, window: str) -> bool:
        """Whether this window has the seat's pen now, its socket there or just gone."""
        held = self._holder(seated)
        return held is not None and held.window == window

    def is_held(self, seated: Seated) -> bool:
        """Whether a window of the seat writes now, its socket there."""
        held = self._holder(seated)
        return held is not None and held.gone_ms is None

    def pen(self, seated: Seated, sid: str) -> Pen:
        """Who has the seat's pen now, as it is told to the page with this socket."""
        held = self._holder(seated)
        if held is None:
            return Pen(seated.session, seated.seat, "", mine=False, since=0)
        return Pen(seated.session, seated.seat, held.window, mine=held.sid == sid, since=held.since)

    def may_write(self, seated: Seated, sid: str) -> bool:
        """Whether what comes through this socket may be written for the seat: nobody else has the pen."""
        held = self._holder(seated)
        return held is None or held.sid == sid

    def left(self, sid: str) -> None:
        """A socket is gone; its pens are kept for its window for a while."""
        for held in self._held.values():
            if held.sid == sid:
                held.sid, held.gone_ms = "", self._running_ms()

    def forget(self, session: str) -> None:
        """A session is archived: nobody writes in it any more."""
        for place in [place for place in self._held if place[0] == session]:
            del self._held[place]

    def _holder(self, seated: Seated) -> _Held | None:
        held = self._held.get((seated.session, seated.seat))
        if held is None or held.key != seated.key:
            return None
        lapsed = held.gone_ms is not None and self._running_ms() - held.gone_ms >= self._kept_ms
        return None if lapsed else held

    def _give(self, seated: Seated, sid: str, window: str) -> None:
        self._held[seated.session, seated.seat] = _Held(seated.key, window, sid, self._now_ms())
        for listener in self._listeners:
            listener(seated)
