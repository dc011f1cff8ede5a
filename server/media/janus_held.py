"""What the Janus engine holds: sources, their feeds and streams at Janus, and lines. No rules of any kind."""

import asyncio


class Track:
    """One stream of a feed: its name here, its `mid` there."""

    def __init__(self, name: str, mid: str, codec: str) -> None:
        self.name, self.mid, self.codec = name, mid, codec


class Feed:
    """Somebody who publishes a source."""

    def __init__(self, number: int, handle: int, tracks: tuple[Track, ...]) -> None:
        self.number, self.handle, self.tracks = number, handle, tracks
        self.up = asyncio.Event()


class Source:
    """A source, its publisher now, and whether an embedded engine fetches it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.publisher: str | None = None
        self.publications = 0
        self.is_fetched = False
        self.taken = ""
        self.fetching = asyncio.Lock()
        self.sinks = 0


class Line:
    """One connection at Janus: a publisher's (with `feed`), or a viewer's, its streams by their `mid`s."""

    def __init__(self, source: Source, handle: int, viewer: str | None, feed: Feed | None = None) -> None:
        self.source, self.handle, self.viewer, self.feed = source, handle, viewer, feed
        self.mids: dict[str, tuple[str, str]] = {}
        self.seen: Feed | None = None  # what a viewer is sent
        self.timer: asyncio.TimerHandle | None = None
