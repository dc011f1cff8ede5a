"""What an engine holds: sources with their streams, and lines to who publishes or watches them.

Owns no decision and sends nothing. A source outlives its publisher.
"""

from typing import Any, Final

from server.media.attending import Kind
from server.media.leg import Leg
from server.media.stream import Stream
from server.senses import Senses

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


class Line:
    """One connection: a publisher's (without a viewer's name) or a viewer's of a source."""

    def __init__(self, resource: str, source: Source, viewer: str | None) -> None:
        """Its connection comes later."""
        self.resource, self.source, self.viewer = resource, source, viewer
        self.connection: Any = None
        self.legs: list[tuple[Stream, Leg]] = []

    @property
    def kind(self) -> Kind:
        """Who is at its other end."""
        if self.viewer is None:
            return "publisher"
        return "worker" if self.viewer == HANDED_ON else "viewer"
