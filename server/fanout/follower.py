"""Where a follower stands in a session, and what it lacks there: read and framed once for all alike.

A cursor also remembers what was handed over before; the question is "since N?" (DESIGN 1.5). Entries hold
no hidden values; of the disclosures a node gets those that the allow-table gives to the roles it seats,
each once on a socket. Two sockets at the same cursor that may be given the same disclosures get the same
bytes, and those are made once. Must not know sockets.
"""

from typing import Protocol

import msgspec
from msgspec import Struct

from protocol import limits, wire
from protocol.hidden import Disclosed, Disclosure
from protocol.link.frame import event_frame
from protocol.projection.visibility import releasable
from protocol.session.state import State
from protocol.wire import Feed
from protocol.words import Role
from server.fanout import audience
from server.fanout.rooms import NODE_NAMESPACE

_READ_ENTRIES = 256
_KEPT_PIECES_MAX = 8
"""Pieces kept for the next who stands at the same cursor; one holds a feed and its frame."""


class Published(Struct, frozen=True):
    """A session as of its last durable entry; `home_key` is the key of the node that booked it."""

    state: State
    disclosed: Disclosed
    home_key: str


class Source(Protocol):
    """Where followers read: durable entries only."""

    def awake(self, session: str) -> Published | None:
        """The session as of its last durable entry, if it is in memory; never waits."""

    async def published(self, session: str, at_least: int = 0) -> Published | None:
        """The session as of its last durable entry, or None where there is none.

        `at_least` so many entries somebody has seen: where others write the session, they are read first.
        """

    async def entries(self, session: str, since: int, count_max: int) -> tuple[bytes, ...]:
        """Canonical entries from `since` on."""


class Cursor(Struct, frozen=True):
    """Where a follower stands: whose it is, since when, and what it was handed here (digests)."""

    node_key: str
    since: int
    given: frozenset[bytes] = frozenset()

    def after(self, feed: Feed) -> "Cursor":
        """The cursor behind a feed that was handed over here."""
        given = self.given
        if feed.disclosures:
            given = given.union(one.digest for one in feed.disclosures)
        return Cursor(self.node_key, feed.since + len(feed.entries), given)


class Piece(Struct, frozen=True):
    """A feed, and the frame that pushes it."""

    feed: Feed
    frame: bytes


def frame_of(feed: Feed) -> bytes:
    """The frame that pushes a feed to a node."""
    return event_frame(NODE_NAMESPACE, wire.ENTRIES, msgspec.json.encode(feed))


_Wanted = tuple[int, tuple[bytes, ...]]
"""What tells pieces of one state apart: the cursor, and the digests of the disclosures that are owed."""


class Reading:
    """One session as its followers read it."""

    def __init__(self, session: str, source: Source, feed_bytes_max: int) -> None:
        """Read from this source, at most so many bytes of entries and disclosures at a time."""
        self._session = session
        self._source = source
        self._bytes_max = feed_bytes_max
        self._state: State | None = None
        self._pieces: dict[_Wanted, Piece] = {}
        self._may_have: dict[str, Disclosed | None] = {}
        self._measured: dict[tuple[frozenset[Role], str], tuple[object, Disclosed]] = {}

    async def next(self, published: Published, cursor: Cursor) -> Piece | None:
        """What is lacking at a cursor, as much as one message holds; None when all is there.

        A node that is not of the session is given nothing.

        Raises:
          NotDurable, DamagedEntry: entries cannot be read now.
        """
        state = published.state
        if self._state is not state:
            self._state = state
            self._pieces.clear()
            self._may_have.clear()
        may_have = self._releasable(published, cursor.node_key)
        if may_have is None:
            return None
        all_given = cursor.given.issuperset(may_have)
        owed = () if all_given else tuple(one for one in may_have if one not in cursor.given)
        if cursor.since >= state.size and not owed:
            return None
        wanted = (cursor.since, owed)
        piece = self._pieces.get(wanted)
        if piece is None:
            piece = await self._make(state, cursor.since, tuple(may_have[one] for one in owed))
            if piece is not None and self._state is state:
                if len(self._pieces) >= _KEPT_PIECES_MAX:
                    del self._pieces[next(iter(self._pieces))]
                self._pieces[wanted] = piece
        return piece

    async def _make(self, state: State, since: int, owed: tuple[Disclosure, ...]) -> Piece | None:
        left = self._bytes_max
        entries: list[str] = []
        if since < state.size:
            count = min(_READ_ENTRIES, state.size - since)
            for raw in await self._source.entries(self._session, since, count):
                if entries and len(raw) > left:
                    break
                entries.append(raw.decode())
                left -= len(raw)
        disclosures: list[Disclosure] = []
        for one in owed:
            size = len(one.value.encode()) + limits.ID_CHARS_MAX
            if size > left and (entries or disclosures):
                break
            disclosures.append(one)
            left -= size
        if not entries and not disclosures:
            return None
        feed = Feed(self._session, since, state.size, tuple(entries), tuple(disclosures))
        return Piece(feed, frame_of(feed))

    def _releasable(self, published: Published, node_key: str) -> Disclosed | None:
        """What a node may have of the session now; None for a node that is not of it.

        The allow-table is asked again where phases, seats or disclosures have changed; nodes of a province
        that seat the same roles may have the same.
        """
        if node_key in self._may_have:
            return self._may_have[node_key]
        found = None
        state, disclosed = published.state, published.disclosed
        if node_key in audience.node_keys(state, published.home_key):
            roles = audience.roles_at(state, published.home_key, node_key)
            paths = tuple(track.path for track in state.tracks.values())
            province = audience.province_at(state, node_key)
            measured = (state.path, paths, len(state.seats), len(disclosed))
            before = self._measured.get((roles, province))
            if before and before[0] == measured:
                found = before[1]
            else:
                found = releasable(state, disclosed, roles, province)
            self._measured[roles, province] = (measured, found)
        self._may_have[node_key] = found
        return found
