"""What a media engine does, whichever it is: publish, subscribe, record, keyframe, stats.

Owns the interface between the worker and an engine, and the faults at it. There are two engines: the embedded
one, and Janus over its own API. Must not know who may do what: that is asked before (`allowing`).
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from server.media.sinks import Sink


class BadOffer(ValueError):
    """An SDP that cannot be answered: out of form, or with no codec that is forwarded (VP8, H.264, Opus)."""


class NotLive(LookupError):
    """The source has no publisher now; ask again in a moment."""


class Full(RuntimeError):
    """As many publishers or viewers as are allowed are there already."""


class Answer(Struct, frozen=True):
    """What an offer is answered with: the SDP, and the id by which the connection is ended.

    With `is_offer` the SDP is an offer of the engine's own in place of the viewer's, which `accept` takes the
    answer to.
    """

    resource: str
    sdp: str
    is_offer: bool = False


class StreamStats(Struct, frozen=True):
    """One stream: counts since the process began; `is_live` while a publisher sends it."""

    name: str
    codec: str
    packets: int
    octets: int
    keyframes_asked: int
    keyframes_come: int
    legs: int
    sent: int
    retransmitted: int
    dropped: int
    is_live: bool = True


class SourceStats(Struct, frozen=True):
    """One source: whether a publisher is there, and its streams."""

    source: str
    is_live: bool
    publications: int
    streams: tuple[StreamStats, ...]


class Stats(Struct, frozen=True):
    """What an engine carries now."""

    engine: str
    publishers: int
    viewers: int
    sources: tuple[SourceStats, ...]


class Engine(Protocol):
    """Carries sources to viewers and recorders."""

    async def start(self) -> str:
        """Make ready; what runs, for the log. Raises a fault that says what does not fit."""

    async def publish(self, source: str, offer: str) -> Answer:
        """Take a publisher's offer (SDP). Who published the source before is replaced.

        Raises:
          BadOffer, Full: see there.
        """

    async def subscribe(
        self, source: str, viewer: str, offer: str, *, thumb: bool = False, sound: bool = True
    ) -> Answer:
        """Take a viewer's offer for one source; the same viewer's earlier one is replaced.

        Args:
          source: what to see and hear.
          viewer: who asks, so that a new offer takes the place of a line that has broken.
          offer: the SDP, with receiving sections for what is wanted.
          thumb: the small picture, where the publisher has one.
          sound: whether its sound is sent as well.

        Raises:
          BadOffer, Full, NotLive: see there.
        """

    async def accept(self, resource: str, answer: str) -> None:
        """Take a viewer's answer to an offer of the engine's own.

        Raises:
          BadOffer, Full, NotLive: see there; an engine that makes no offers has nothing to accept.
        """

    async def hand_on(self, source: str, ask: Callable[[str], Awaitable[str]]) -> str:
        """Offer a source that is sent here to another worker, as its publisher; the connection's id.

        Args:
          source: what to hand on.
          ask: gives the other worker's answer (SDP) to an offer; what it raises ends the attempt.

        Raises:
          Full, NotLive: see there.
        """

    def want(self, resource: str, *, thumb: bool) -> bool:
        """Let a viewer's line show the small picture or the full one, with no new offer; False: no line."""

    def bears(self, resource: str) -> str:
        """The most that a viewer's line bears now: `full`, `thumb`, or `none` (of its picture)."""

    def is_up(self, resource: str) -> bool:
        """Whether a connection has not ended."""

    async def leave(self, resource: str) -> bool:
        """End a connection; False where it is not there any more."""

    def record(self, source: str, sink: Sink) -> None:
        """Hand every packet of a source to a sink, whoever publishes it and whenever."""

    def unrecord(self, source: str, sink: Sink) -> None:
        """Hand it nothing more."""

    def keyframe(self, source: str) -> None:
        """Ask a source's publisher for a keyframe."""

    def stats(self) -> Stats:
        """What is carried now."""

    async def close(self) -> None:
        """End every connection."""
