"""All copies at this node: one file for each session, found again at the next start.

Owns which sessions there are here. Copies of sessions that have ended are not read at start; a small note
beside them says how far they are, and the file is read when somebody asks. Must not know sockets or roles.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from protocol.session.state import State
from protocol.wire import Feed, SessionNote
from protocol.words import Id
from sub_venue.journal.disk import Disk, NotDurable, make_folder, replace_file
from sub_venue.journal.replica import CopyRefused, Replica

ENDED = ("ARCHIVED", "FAILED")
"""Session phases after which a copy is not read at start."""

_COPY = ".copy"
_NOTE = ".ended"
_log = structlog.get_logger("sub_venue.journal")

Listener = Callable[[str], None]
"""Called with a session's id when its copy has grown or has stopped; must not block or raise."""


class Copies:
    """The copies of one node, in one folder."""

    def __init__(self, disk: Disk, folder: Path, installation_key: str) -> None:
        """Open every copy of a session that goes on.

        Raises:
          DamagedFile: a copy has been changed since it was written.
          OSError: a copy cannot be read.
        """
        self._disk = disk
        self._folder = folder
        self._installation_key = installation_key
        self._open: dict[str, Replica] = {}
        self._asleep: dict[str, SessionNote] = {}
        self._listeners: list[Listener] = []
        self._growth = asyncio.Event()
        self._taking: set[asyncio.Future[None]] = set()
        make_folder(folder)
        for path in sorted(folder.glob(f"*{_COPY}")):
            session = path.name.removesuffix(_COPY)
            note = self._note_path(session)
            if note.exists():
                self._asleep[session] = msgspec.json.decode(note.read_bytes(), type=SessionNote)
            else:
                self._wake(session)

    def listen(self, listener: Listener) -> None:
        """Hear of every copy that grows or stops, from now on."""
        self._listeners.append(listener)

    def get(self, session: str) -> Replica | None:
        """A session's copy, or None where there is none here."""
        found = self._open.get(session)
        if found is None and session in self._asleep:
            found = self._wake(session)
        return found

    def state(self, session: str) -> State | None:
        """A session as of its copy's last entry, or None."""
        found = self.get(session)
        return None if found is None else found.state

    def going_on(self) -> tuple[Replica, ...]:
        """Every copy that is in memory."""
        return tuple(self._open.values())

    def alive(self) -> tuple[State, ...]:
        """The sessions that have not ended, as of their copies' last entries."""
        states = (replica.state for replica in self._open.values())
        return tuple(state for state in states if state is not None and state.phase not in ENDED)

    def asleep(self) -> frozenset[str]:
        """The ended sessions whose copies were not read since the start."""
        return frozenset(self._asleep)

    def size(self, session: str) -> int:
        """How many entries the copy of a session holds; 0 for none."""
        asleep = self._asleep.get(session)
        if asleep is not None:
            return asleep.size
        found = self._open.get(session)
        return 0 if found is None else found.size

    async def reached(self, session: str, size: int) -> None:
        """Wait until the copy of a session, here yet or not, holds so many entries."""
        while self.size(session) < size:
            await self._growth.wait()

    def notes(self) -> tuple[SessionNote, ...]:
        """The sessions here, how many entries each has and the phase it is in, the newest last."""
        found = dict(self._asleep)
        for replica in self._open.values():
            if replica.state is not None:
                found[replica.session] = SessionNote(replica.session, replica.size, replica.state.phase)
        return tuple(found[session] for session in sorted(found))

    async def take(self, feed: Feed, at: int) -> None:
        """Give a feed to its session's copy, which is made with the first entry.

        Whoever waits may leave, when their line breaks: what was begun is written, shown and told all the
        same. Half of it would be in the file and not in memory, and be written a second time.

        Raises:
          Gap: entries are missing before it.
          CopyRefused: it does not fit; that copy has stopped.
          NotDurable: the disk does not take it.
        """
        taking = asyncio.ensure_future(self._take(feed, at))
        self._taking.add(taking)
        taking.add_done_callback(self._taken)
        await asyncio.shield(taking)

    def _taken(self, done: asyncio.Future[None]) -> None:
        """What was wrong is heard by whoever waits; where nobody does any more it is asked for again."""
        self._taking.discard(done)
        if not done.cancelled() and done.exception() is not None:
            _log.debug("a feed was not taken", error=repr(done.exception()))

    async def _take(self, feed: Feed, at: int) -> None:
        try:
            msgspec.convert(feed.session, Id)
        except msgspec.ValidationError as error:
            raise CopyRefused(feed.session, "Malformed", feed.since) from error
        replica = self.get(feed.session)
        if replica is None:
            if not feed.entries:
                return
            try:
                replica = self._wake(feed.session)
            except OSError as error:
                raise NotDurable(str(error)) from error
        try:
            grown = await replica.take(feed, at)
        except CopyRefused:
            self._tell(feed.session)
            raise
        if grown:
            self._tell(feed.session)
            await self._note_end(replica)

    async def stop(self, session: str, code: str, seq: int, at: int, given: str = "") -> None:
        """Stop a session's copy: the coordinator contradicts it, by what it has `given`."""
        replica = self.get(session)
        if replica is not None and replica.fault is None:
            await replica.stop(code, seq, at, given)
            self._tell(session)

    def _wake(self, session: str) -> Replica:
        replica = Replica(session, self._disk, self._folder / f"{session}{_COPY}", self._installation_key)
        self._open[session] = replica
        self._asleep.pop(session, None)
        return replica

    async def _note_end(self, replica: Replica) -> None:
        state = replica.state
        if state is not None and state.phase in ENDED:
            raw = msgspec.json.encode(SessionNote(replica.session, replica.size, state.phase))
            path = self._note_path(replica.session)
            await self._disk.do(lambda: replace_file(path, raw))

    def _note_path(self, session: str) -> Path:
        return self._folder / f"{session}{_NOTE}"

    def _tell(self, session: str) -> None:
        grown, self._growth = self._growth, asyncio.Event()
        grown.set()
        for listener in self._listeners:
            listener(session)
