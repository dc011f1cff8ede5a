"""Followers: a cursor for each socket and session, and the question "since N?" (DESIGN 1.5).

A follower owns where it is and what it has handed over; it reads entries from the session's source
and never relies on a hint to carry them. Every follower gets every `seq` in order. Entries hold no
hidden values; of the disclosures a node gets those that the allow-table gives to the roles it
seats, each once on a socket.
"""

import asyncio
from typing import Any, Protocol

from msgspec import Struct

from protocol import limits
from protocol.hidden import Disclosed, Disclosure
from protocol.projection.visibility import releasable
from protocol.refusals import Refusal, refuse
from protocol.session.state import State
from protocol.wire import Feed
from server import telemetry
from server.fanout import audience
from server.fanout.bus import Bus
from server.fanout.rooms import Occupant, Rooms
from server.store.contract import DamagedEntry, NotDurable
from server.telemetry import Meters

_log = telemetry.logger("server.fanout")
_READ_ENTRIES = 256


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


class Follower:
    """One socket's place in one session."""

    def __init__(self, occupant: Occupant, session: str, since: int, source: Source, bytes_max: int) -> None:
        """Stand at `since`, with nothing handed over on this socket yet."""
        self.occupant = occupant
        self.session = session
        self.since = since
        self.grown = asyncio.Event()
        self.gone = asyncio.Event()
        self._source = source
        self._bytes_max = bytes_max
        self._given: set[bytes] = set()
        self._owed: tuple[Disclosure, ...] = ()
        self._measured: Any = None

    async def next(self) -> Feed | None:
        """What this node has not been given yet, as much as one message holds; None when all is.

        A node that is not of the session is given nothing. The cursor stays: see `hand_over`.
        """
        published = await self._source.published(self.session)
        if published is None:
            return None
        state = published.state
        roles = audience.roles_at(state, published.home_key, self.occupant.node_key)
        if self.occupant.node_key not in audience.node_keys(state, published.home_key):
            return None
        left = self._bytes_max
        entries: list[str] = []
        if self.since < state.size:
            count = min(_READ_ENTRIES, state.size - self.since)
            for raw in await self._source.entries(self.session, self.since, count):
                if entries and len(raw) > left:
                    break
                entries.append(raw.decode())
                left -= len(raw)
        self._measure(state, published.disclosed, roles)
        disclosures: list[Disclosure] = []
        for one in self._owed:
            size = len(one.value.encode()) + limits.ID_CHARS_MAX
            if size > left and (entries or disclosures):
                break
            disclosures.append(one)
            left -= size
        if not entries and not disclosures:
            return None
        return Feed(self.session, self.since, state.size, tuple(entries), tuple(disclosures))

    def hand_over(self, feed: Feed) -> None:
        """The node has this feed: the cursor moves behind it."""
        self.since = feed.since + len(feed.entries)
        self._given.update(one.digest for one in feed.disclosures)
        self._owed = tuple(one for one in self._owed if one.digest not in self._given)

    def _measure(self, state: State, disclosed: Disclosed, roles: frozenset[Any]) -> None:
        """Ask the allow-table again where phases, seats or disclosures have changed since."""
        paths = tuple(track.path for track in state.tracks.values())
        measured = (state.path, paths, roles, len(disclosed))
        if measured != self._measured:
            found = releasable(state, disclosed, roles)
            self._owed = tuple(found[digest] for digest in found if digest not in self._given)
            self._measured = measured


class Followers:
    """All followers of one coordinator, each pushed to by a task of its own."""

    def __init__(self, source: Source, rooms: Rooms, bus: Bus, meters: Meters, feed_bytes_max: int) -> None:
        """Listen to the bus from now on."""
        self._source = source
        self._rooms = rooms
        self._meters = meters
        self._feed_bytes_max = feed_bytes_max
        self._following: dict[tuple[str, str], tuple[Follower, asyncio.Task[None]]] = {}
        self._told: dict[str, set[str]] = {}
        self._deaf = bus.listen(self._hear)

    async def follow(self, occupant: Occupant, session: str, since: int) -> Feed | Refusal:
        """Answer "since N?" and push what comes after; a follower that was there begins anew.

        Refuses a session the node is not of (`UnknownSession`), and a cursor behind the end of the
        record (`SeenUnknown`): then the node holds entries that are not ours, and people must look.
        """
        published = await self._source.published(session, since)
        if published is None or occupant.node_key not in audience.node_keys(
            published.state, published.home_key
        ):
            return refuse("UnknownSession", session=session)
        if since > published.state.size:
            return refuse("SeenUnknown", size=since)
        follower = Follower(occupant, session, since, self._source, self._feed_bytes_max)
        feed = await follower.next()
        if feed is None:
            feed = Feed(session, since, published.state.size, (), ())
        follower.hand_over(feed)
        follower.grown.set()
        # The task first runs after the answer is on its way, so a push never overtakes it.
        self._start(follower)
        return feed

    def tell(self, sid: str, sessions: frozenset[str]) -> None:
        """The node at this socket has been told of these sessions and will ask for them itself.

        From now on it is given any session that it comes to be of, from the first entry.
        """
        if self._rooms.occupant(sid) is not None:
            self._told.setdefault(sid, set()).update(sessions)

    def sessions(self) -> frozenset[str]:
        """The sessions that somebody follows."""
        return frozenset(session for _, session in self._following)

    def leave(self, sid: str) -> None:
        """The socket is gone, and all its followers with it."""
        self._told.pop(sid, None)
        for key in [key for key in self._following if key[0] == sid]:
            _end(*self._following.pop(key))
        self._meters.followers.set(len(self._following))

    async def close(self) -> None:
        """Stop listening and pushing."""
        self._deaf()
        tasks = [task for _, task in self._following.values()]
        for follower, task in self._following.values():
            _end(follower, task)
        self._following.clear()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, follower: Follower) -> None:
        key = (follower.occupant.sid, follower.session)
        before = self._following.pop(key, None)
        if before is not None:
            _end(*before)
        if self._rooms.occupant(key[0]) is None:
            return
        self._told.setdefault(key[0], set()).add(follower.session)
        task = asyncio.create_task(self._pump(follower), name=f"follow {key}")
        self._following[key] = (follower, task)
        self._meters.followers.set(len(self._following))

    async def _pump(self, follower: Follower) -> None:
        """Push whatever is new, one message at a time, whenever the session has grown."""
        while not follower.gone.is_set():
            await follower.grown.wait()
            follower.grown.clear()
            try:
                while not follower.gone.is_set() and (feed := await follower.next()) is not None:
                    if not await self._rooms.push(follower.occupant.sid, feed):
                        return
                    follower.hand_over(feed)
            except (NotDurable, DamagedEntry) as error:
                # The cursor has not moved: the next hint asks again.
                _log.error("cannot read for a follower", session=follower.session, error=repr(error))

    def _hear(self, session: str, _size: int) -> None:
        published = self._source.awake(session)
        for occupant in self._rooms.occupants():
            found = self._following.get((occupant.sid, session))
            if found is not None:
                found[0].grown.set()
            elif published is not None and session not in self._told.get(occupant.sid, {session}):
                self._greet(occupant, session, published)

    def _greet(self, occupant: Occupant, session: str, published: Published) -> None:
        """Give a session to a node that has come to be of it, without being asked."""
        if occupant.node_key in audience.node_keys(published.state, published.home_key):
            follower = Follower(occupant, session, 0, self._source, self._feed_bytes_max)
            follower.grown.set()
            self._start(follower)


def _end(follower: Follower, task: asyncio.Task[None]) -> None:
    """End a follower's task, also where its cancellation is lost.

    The library that waits for a node's acknowledgement uses `asyncio.wait_for`, which on Python 3.11 can
    swallow a cancellation that meets the answer; the flag is what the task then finds.
    """
    follower.gone.set()
    follower.grown.set()
    task.cancel()
