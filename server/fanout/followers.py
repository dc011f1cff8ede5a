"""All followers of one coordinator: who follows which session, and who comes to be of one.

A hint says only that a session has grown; what is new is read by those who follow it (`following`). Must not
know Socket.IO.
"""

import asyncio

from protocol.refusals import Refusal, refuse
from protocol.wire import Feed
from server.config import Bounds
from server.fanout import audience
from server.fanout.bus import Bus
from server.fanout.follower import Cursor, Published, Source
from server.fanout.following import Around, Following
from server.fanout.rooms import Occupant, Rooms
from server.senses import Senses
from server.telemetry import Meters

_GREETED_MAX = 4_096


class Followers:
    """The followers of every session, by session."""

    def __init__(
        self, source: Source, rooms: Rooms, bus: Bus, meters: Meters, senses: Senses, bounds: Bounds
    ) -> None:
        """Listen to the bus from now on."""
        self._source = source
        self._rooms = rooms
        self._meters = meters
        self._around = Around(source, rooms, bounds, senses.running_ms)
        self._following: dict[str, Following] = {}
        self._sessions: dict[str, set[str]] = {}
        self._told: dict[str, set[str]] = {}
        self._listing: dict[str, set[str]] = {}
        """Sockets whose node is about to be told of its sessions → those that grew meanwhile."""
        self._told_times = 0
        self._greeted: dict[str, tuple[int, frozenset[str]]] = {}
        self._closed = False
        self._closing: set[asyncio.Task[None]] = set()
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
        cursor = Cursor(occupant.node_key, since)
        try:
            piece = await self._of(session).reading.next(published, cursor)
            feed = Feed(session, since, published.state.size, (), ()) if piece is None else piece.feed
            self._join(occupant, session, cursor.after(feed))
        finally:
            self._forget_empty(session)
        return feed

    def listing(self, sid: str) -> None:
        """The node at this socket is about to be told of its sessions (`tell`).

        Until then it is given nothing unasked: what is listed it may hold already, and asks for from there.
        """
        if self._rooms.occupant(sid) is not None:
            self._listing.setdefault(sid, set())
            self._told_times += 1

    def tell(self, sid: str, sessions: frozenset[str]) -> None:
        """The node at this socket has been told of these sessions and will ask for them itself.

        From now on it is given any session that it comes to be of, from the first entry; one that it came
        to be of while the list was made, too late to be in it, at once.
        """
        missed = self._listing.pop(sid, set()) - sessions
        occupant = self._rooms.occupant(sid)
        if occupant is None:
            return
        self._told.setdefault(sid, set()).update(sessions)
        self._told_times += 1
        for session in sorted(missed - self._told[sid]):
            self._join(occupant, session, Cursor(occupant.node_key, 0))

    def sessions(self) -> frozenset[str]:
        """The sessions that somebody follows."""
        return frozenset(self._following)

    def behind(self) -> dict[str, int]:
        """Node → how many entries it lacks in the session that it is furthest behind in."""
        found: dict[str, int] = {}
        for session, following in self._following.items():
            published = self._source.awake(session)
            size = 0 if published is None else published.state.size
            for occupant, since in following.cursors():
                found[occupant.node] = max(found.get(occupant.node, 0), size - since)
        return found

    def free(self, sid: str) -> None:
        """A socket's answers have been sent: what waited for them may be pushed."""
        for session in self._sessions.get(sid, ()):
            if session in self._following:
                self._following[session].free(sid)

    def leave(self, sid: str) -> None:
        """The socket is gone, and all its followers with it."""
        self._told.pop(sid, None)
        self._listing.pop(sid, None)
        for session in self._sessions.pop(sid, ()):
            if session in self._following:
                self._following[session].leave(sid)
                self._forget_empty(session)
        self._count()

    async def close(self) -> None:
        """Stop listening and pushing."""
        self._deaf()
        self._closed = True
        for session in tuple(self._following):
            self._forget(session)
        self._sessions.clear()
        await asyncio.gather(*self._closing)

    def _of(self, session: str) -> Following:
        found = self._following.get(session)
        if found is None:
            found = self._following[session] = Following(session, self._around)
        return found

    def _join(self, occupant: Occupant, session: str, cursor: Cursor) -> None:
        if self._closed or self._rooms.occupant(occupant.sid) is None:
            return
        self._told.setdefault(occupant.sid, set()).add(session)
        self._sessions.setdefault(occupant.sid, set()).add(session)
        self._of(session).join(occupant, cursor)
        self._count()

    def _forget_empty(self, session: str) -> None:
        if session in self._following and not self._following[session]:
            self._forget(session)

    def _forget(self, session: str) -> None:
        task = asyncio.create_task(self._following.pop(session).close(), name=f"unfollow {session}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _count(self) -> None:
        self._meters.followers.set(sum(map(len, self._sessions.values())))

    def _hear(self, session: str, _size: int) -> None:
        following = self._following.get(session)
        if following is not None:
            following.grow()
        published = self._source.awake(session)
        if published is not None and (self._told or self._listing):
            self._greet(session, published)

    def _greet(self, session: str, published: Published) -> None:
        """Give a session to the nodes that have come to be of it, without being asked."""
        keys = audience.node_keys(published.state, published.home_key)
        if self._greeted.get(session) == (self._told_times, keys):
            return
        if len(self._greeted) >= _GREETED_MAX:
            self._greeted.clear()
        self._greeted[session] = (self._told_times, keys)
        for key in sorted(keys):
            for occupant in self._rooms.of(key):
                if occupant.sid in self._listing:
                    self._listing[occupant.sid].add(session)
                elif session not in self._told.get(occupant.sid, {session}):
                    self._join(occupant, session, Cursor(key, 0))
