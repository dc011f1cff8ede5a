"""Those who look in from outside: bidders' pages, each told of its session through the bidder's fold.

Theory of operation. A session that some bidder watches is read once for all of them (`_Reading`): its lines,
its leaves, and the entries that bids stand in. A page holds a cursor and asks "since N?"; a hint says only
that there may be something. A page is told at most once in `bidder_news_ms`, so that the moment of an act
inside does not show outside. Must not know HTTP.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator

from msgspec import Struct

from protocol import entry as entries
from protocol.commands import ImportOpening
from protocol.ledger import tree
from protocol.outside import BidderNews, BidEntry, Inclusion
from protocol.projection import bidder as fold
from protocol.projection.lines import line
from protocol.session.state import track
from protocol.views import Line
from protocol.words import Stage
from server.config import Bounds
from server.fanout.bus import Bus
from server.fanout.follower import Published, Source
from server.telemetry import Meters

_READ_ENTRIES = 256


class _Opened(Struct, frozen=True):
    """An entry that bids stand in: its place, whose bids they are, and its canonical text."""

    seq: int
    stage: Stage
    bidders: frozenset[str]
    text: str


class _Reading:
    """One session as bidders read it; grows with the record, never changes what it has."""

    def __init__(self, session: str, source: Source) -> None:
        self._session = session
        self._source = source
        self._lock = asyncio.Lock()
        self._proofs: dict[int, tuple[bytes, ...]] = {}
        self._proofs_size = 0
        self.lines: list[Line] = []
        self.leaves: list[bytes] = []
        self.opened: list[_Opened] = []

    async def grow(self, published: Published) -> None:
        """Read up to what is published.

        Raises:
          NotDurable, DamagedEntry: entries cannot be read now.
        """
        async with self._lock:
            size = published.state.size
            while len(self.leaves) < size:
                since = len(self.leaves)
                count = min(_READ_ENTRIES, size - since)
                for raw in await self._source.entries(self._session, since, count):
                    self._take(published, raw)

    def _take(self, published: Published, raw: bytes) -> None:
        one, leaf = entries.decode(raw), tree.leaf_hash(raw)
        self.lines.append(line(published.state, one, leaf, fold.ROLE))
        self.leaves.append(leaf)
        content = one.command.content
        if isinstance(content, ImportOpening):
            whose = frozenset(bid.bidder for bid in content.bids)
            self.opened.append(_Opened(one.seq, one.command.stage, whose, raw.decode()))

    def proof(self, seq: int, size: int) -> tuple[bytes, ...]:
        """The inclusion proof of an entry in the tree of `size`; made once for all who ask for that size."""
        if self._proofs_size != size:
            self._proofs.clear()
            self._proofs_size = size
        if seq not in self._proofs:
            self._proofs[seq] = tree.inclusion_proof(self.leaves, seq, size)
        return self._proofs[seq]


class Crowded(Exception):
    """So many pages are told live already that this one must come again later."""


class Outside:
    """The pages of bidders that are told live."""

    def __init__(self, source: Source, bus: Bus, meters: Meters, bounds: Bounds) -> None:
        """Begin with nobody watching."""
        self._source = source
        self._meters = meters
        self._bounds = bounds
        self._readings: dict[str, _Reading] = {}
        self._watching: Counter[tuple[str, str]] = Counter()
        self._grown: dict[str, set[asyncio.Event]] = {}
        self._stopped = asyncio.Event()
        self._deaf = bus.listen(self._hear)

    def sessions(self) -> frozenset[str]:
        """The sessions that some bidder watches here; they must stay awake, or nobody sees them grow."""
        return frozenset(self._readings)

    def watching(self) -> int:
        """How many pages are told live."""
        return self._watching.total()

    def stop(self) -> None:
        """End every stream; pages come back with their cursors."""
        self._deaf()
        self._stopped.set()

    async def follow(self, session: str, bidder: str, since: int) -> AsyncGenerator[BidderNews | None, None]:
        """What a bidder's page lacks, then what is new, until the caller stops; None when a beat is due.

        A cursor behind the end of the record asks from the beginning.

        Raises:
          Crowded: `page_streams_max` or `page_streams_each_max` watch already.
          NotDurable, DamagedEntry: the record cannot be read now.
        """
        grown = asyncio.Event()
        self._enter(session, bidder, grown)
        cursor, is_first = since, True
        try:
            while not self._stopped.is_set():
                grown.clear()
                news = await self._news(session, bidder, cursor, anyway=is_first)
                if news is not None:
                    cursor, is_first = news.since + len(news.lines), False
                    yield news
                    if cursor >= news.view.as_of.size:
                        await self._pause(self._bounds.bidder_news_ms)
                elif not await self._pause(self._bounds.bidder_beat_ms, grown):
                    yield None
        finally:
            self._leave(session, bidder, grown)

    async def _news(self, session: str, bidder: str, cursor: int, *, anyway: bool) -> BidderNews | None:
        """What is lacking at a cursor; None when nothing is, unless it shall be told `anyway`."""
        published = await self._source.published(session)
        if published is None or bidder not in fold.bidders(published.state):
            return None
        state = published.state
        since = cursor if cursor <= state.size else 0
        if since == state.size and not anyway:
            return None
        reading = self._readings[session]
        await reading.grow(published)
        upto = min(state.size, since + self._bounds.bidder_lines_max)
        mine = [one for one in reading.opened if bidder in one.bidders and one.seq < state.size]
        return BidderNews(
            view=fold.view(state, published.disclosed, bidder),
            since=since,
            lines=tuple(reading.lines[since:upto]),
            entries=tuple(self._entry(published, bidder, one) for one in mine if since <= one.seq < upto),
            proofs=tuple(Inclusion(one.seq, reading.proof(one.seq, state.size)) for one in mine),
        )

    def _entry(self, published: Published, bidder: str, one: _Opened) -> BidEntry:
        here = track(published.state, one.stage)
        assert here is not None, "an opening of a stage that the session does not have"
        shown = fold.own_disclosures(published.state, published.disclosed, here, bidder)
        return BidEntry(one.stage.lot, one.stage.envelope, one.seq, one.text, shown)

    async def _pause(self, wait_ms: int, event: asyncio.Event | None = None) -> bool:
        """Wait so long, or until the event (True), or until all streams are to end."""
        waits = [asyncio.ensure_future(self._stopped.wait())]
        if event is not None:
            waits.append(asyncio.ensure_future(event.wait()))
        try:
            await asyncio.wait(waits, timeout=wait_ms / 1000, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return event is not None and event.is_set()

    def _hear(self, session: str, _size: int) -> None:
        for event in self._grown.get(session, ()):
            event.set()

    def _enter(self, session: str, bidder: str, grown: asyncio.Event) -> None:
        whose = (session, bidder)
        full = self._watching.total() >= self._bounds.page_streams_max
        if full or self._watching[whose] >= self._bounds.page_streams_each_max:
            raise Crowded
        self._watching[whose] += 1
        self._readings.setdefault(session, _Reading(session, self._source))
        self._grown.setdefault(session, set()).add(grown)
        self._meters.page_streams.set(self._watching.total())

    def _leave(self, session: str, bidder: str, grown: asyncio.Event) -> None:
        self._grown[session].discard(grown)
        self._watching[session, bidder] -= 1
        self._watching = +self._watching
        if not self._grown[session]:
            del self._grown[session], self._readings[session]
        self._meters.page_streams.set(self._watching.total())
