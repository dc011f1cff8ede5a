"""What an engine holds: sources with their streams, and lines to who publishes or watches them.

Owns which stream a line carries now. A source outlives its publisher.
"""

from typing import Any, Final

import structlog

from server.media.attending import Kind
from server.media.bearing import FULL, NAMES, NONE, THUMB, Bearing
from server.media.leg import Leg
from server.media.stream import Stream
from server.media.wire import Wire
from server.senses import Senses

_log = structlog.get_logger("server.media")
HANDED_ON: Final = ""
"""Stands where a viewer's name stands for another worker."""


class Source:
    """A source: its streams, and the connection of whoever publishes it now."""

    def __init__(self, name: str) -> None:
        """Nobody publishes it yet."""
        self.name = name
        self.streams: dict[str, Stream] = {}
        self.publications = 0
        self.publisher: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether somebody publishes it."""
        return self.publisher is not None

    @property
    def ssrcs(self) -> tuple[int, ...]:
        """Its publisher's, of the streams of which something has come."""
        return tuple(one.ssrc for one in self.streams.values() if one.is_live and one.ssrc >= 0)

    def stream(self, name: str, senses: Senses) -> Stream:
        """One of its streams, made where it was not there yet."""
        if name not in self.streams:
            self.streams[name] = Stream(name, senses)
        return self.streams[name]


class Carried:
    """A leg, and which stream it carries now: pictures may come from another one, or pause."""

    def __init__(self, stream: Stream, leg: Leg) -> None:
        """Carry what it was offered for."""
        self.leg, self.home = leg, stream
        self.now: Stream | None = stream
        self._next: Stream | None = None

    def to(self, stream: Stream | None) -> None:
        """Carry another stream from its next keyframe on, and the one before until then; None pauses."""
        if not self.leg.is_begun or stream is (self._next or self.now):
            return
        if self._next is not None:
            self._next.gone(self.leg)
            self._next = None
        if stream is None:
            if self.now is not None:
                self.now.gone(self.leg)
            self.now = None
        elif stream is not self.now:
            self._next = stream
            stream.join(self.leg, self._arrived)

    def end(self) -> None:
        """Carry nothing more."""
        for one in (self.home, self.now, self._next):
            if one is not None:
                one.gone(self.leg)

    def _arrived(self) -> None:
        before, self.now, self._next = self.now, self._next, None
        if before is not None:
            before.gone(self.leg)


class Line:
    """One connection: a publisher's (without a viewer's name) or a viewer's of a source."""

    def __init__(self, resource: str, source: Source, viewer: str | None, bearing: Bearing) -> None:
        """Its connection comes later."""
        self.resource, self.source, self.viewer, self.bearing = resource, source, viewer, bearing
        self.connection: Any = None
        self.wire = Wire()
        self.carried: list[Carried] = []
        self.wanted = FULL
        """Which picture its page asks for, as a step of `bearing`."""

    def adapt(self, now_ms: int) -> None:
        """Let each leg carry what the line bears now; sound is carried whatever it bears."""
        if not self.source.is_live:
            return
        before, step = self.bearing.step, self.bearing.look(now_ms)
        if step != before:
            _log.info("line_bears", source=self.source.name, kind=self.kind, shows=NAMES[step])
        small = self.source.streams.get("thumb")
        for one in self.carried:
            if one.home.name == "audio":
                continue
            if self.kind == "worker":
                least = FULL if one.home.name == "video" and small is not None and small.is_live else THUMB
                one.to(one.home if step >= least else None)
            else:
                one.to(self._picture(min(step, self.wanted), one.home))

    @property
    def bears(self) -> str:
        """The most that it bears now, of what there is: `full`, `thumb` or `none`."""
        small = self.source.streams.get("thumb")
        is_small = small is not None and small.is_live
        return NAMES[FULL if self.bearing.step == THUMB and not is_small else self.bearing.step]

    def _picture(self, step: int, home: Stream) -> Stream | None:
        """The stream of a step; the other one where that does not move, or where there is none."""
        full, small = self.source.streams.get("video"), self.source.streams.get("thumb")
        both = [
            one for one in ((full, small) if step == FULL else (small, full))
            if one is not None and one.is_live and one.last_codec == home.last_codec
        ]  # fmt: skip
        if step == NONE or not both:
            return None if step == NONE else home
        return next((one for one in both if one.is_moving), both[0])

    @property
    def kind(self) -> Kind:
        """Who is at its other end."""
        if self.viewer is None:
            return "publisher"
        return "worker" if self.viewer == HANDED_ON else "viewer"
