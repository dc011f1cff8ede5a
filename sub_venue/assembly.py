"""The one file that knows every room of a venue's node and puts them together.

Starts from the bottom (disk) to the door, and is ready without the line: a venue is useful alone (DESIGN
1.8). Stops from the door down. Killed instead at any moment, nothing that was kept is lost: the journal says
so, not this file. A main venue gives its own pages and desk; everything else is the same.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
from collections.abc import Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from msgspec import Struct

from protocol.bids_desk import BidsDesk, BidsWanted
from protocol.refusals import Refusal, refuse
from protocol.wire import Prepare, Prepared
from sub_venue import telemetry
from sub_venue.cameras.routes import Ways
from sub_venue.cameras.workers import Workers
from sub_venue.config import Settings
from sub_venue.custody import opening_keys
from sub_venue.custody.opening_room import OpeningRoom
from sub_venue.journal.copies import ENDED, Copies
from sub_venue.journal.disk import Disk
from sub_venue.journal.journal import Journal
from sub_venue.journal.rotation import rotate
from sub_venue.keys import SeatKeys, load_node_key
from sub_venue.reading_room import room
from sub_venue.reading_room.room import Room
from sub_venue.reading_room.routes import Routes
from sub_venue.seats import acts, desk, own_acts
from sub_venue.seats.absences import Absences
from sub_venue.seats.acts import Acts
from sub_venue.seats.attending import Attending
from sub_venue.seats.decrypting_desk import DecryptingDesk
from sub_venue.seats.desk import Desk
from sub_venue.seats.drafts import Drafts
from sub_venue.seats.entry_desk import EntryDesk
from sub_venue.seats.heads import HeadDesk, Heads, read_policy
from sub_venue.seats.keeping import Keeping
from sub_venue.seats.media_desk import MediaDesk
from sub_venue.seats.openings import Openings
from sub_venue.seats.own_hand import Rooms
from sub_venue.seats.pages import Door, Health
from sub_venue.seats.paper_desk import PaperDesk
from sub_venue.seats.pens import Pens
from sub_venue.seats.place_desk import PlaceDesk
from sub_venue.seats.reading import ReadingDesk
from sub_venue.seats.recordings import Recordings
from sub_venue.seats.roll_call_desk import RollCallDesk
from sub_venue.seats.screens import Screens, Seated
from sub_venue.seats.shares import Shares
from sub_venue.seats.sockets import Sockets
from sub_venue.seats.talk_desk import TalkDesk
from sub_venue.seats.talk_rooms import Talking
from sub_venue.seats.tender_desk import TenderDesk
from sub_venue.seats.voice_desk import VoiceDesk
from sub_venue.seats.watch_books import WatchBooks, WatchDesk
from sub_venue.senses import Senses
from sub_venue.uplink.fetching import Fetching
from sub_venue.uplink.ntp import TimeServers
from sub_venue.uplink.uplink import Uplink

_WEB = Path(__file__).parent / "web"
PAGES = {name: _WEB / name / "dist" for name in ("expert", "witness", "supervisor", "keeper")}
"""What every venue serves; the first is its home."""
_FOLDER = 0o700
_log = structlog.get_logger("sub_venue")


class Foundation(Struct, frozen=True):
    """What the rooms of a node rest on; desks of a main venue are given it."""

    settings: Settings
    senses: Senses
    disk: Disk
    keys: SeatKeys
    copies: Copies
    uplink: Uplink


class Preparing:
    """What the seats of a venue may have prepared: acts that follow from the record alone."""

    def __init__(self, foundation: Foundation) -> None:
        """Prepare from the copies of this node."""
        self.by = foundation

    async def prepare(self, asked: Prepare, seated: Seated) -> Prepared | Refusal:
        """An act's content and disclosures, for this seat to sign."""
        replica = self.by.copies.get(asked.session)
        if replica is None or replica.state is None:
            return refuse("UnknownSession", session=asked.session)
        return own_acts.prepare(asked, replica.state, replica.disclosed, seated.role, seated.seat)

    async def bids(self, asked: BidsWanted, seated: Seated) -> BidsDesk | Refusal:
        """What the agent's page is shown before an opening; agents sit at main venues."""
        return refuse("NotAllowed", role=seated.role, type=f"bids_desk {asked.session}", allowed="agent")

    def start(self) -> None:
        """Begin what a desk does of itself."""

    async def stop(self) -> None:
        """End it."""

    async def forget(self, session: str) -> None:
        """Destroy what is kept beside the record of a session that is archived."""


class Node:
    """A whole venue's node in this process."""

    def __init__(
        self,
        settings: Settings,
        *,
        pages: Mapping[str, Path] | None = None,
        preparing: type[Preparing] = Preparing,
        senses: Senses | None = None,
    ) -> None:
        """Open the disk and wire the rooms; must be called within a running loop.

        Raises:
          OSError: a file cannot be read or written, or another process uses the data folder.
          ValueError: the node's key file holds no Ed25519 key.
          DamagedFile: the journal or a copy has been changed since it was written.
        """
        self.settings = settings
        self.senses = senses or Senses(settings.seed)
        data = settings.data_dir
        data.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        self._lock = _lock(data / "node.lock")
        node_key = load_node_key(settings.node_key)
        self.disk = Disk(settings.bounds.journal_group_bytes_max)
        self.keys = SeatKeys(data / "seats", self.senses)
        self.copies = Copies(self.disk, data / "sessions", settings.installation_key)
        ended = frozenset(note.session for note in self.copies.notes() if note.phase in ENDED)
        rotate(data / "journal.log", ended, settings.bounds.journal_rotate_bytes)
        self.journal = Journal(self.disk, data / "journal.log")
        self.uplink = Uplink(settings, node_key.text, self.journal, self.copies, self.senses)
        self.drafts = Drafts(data / "drafts", self.disk, self.keys, self.senses)
        own = Rooms(
            settings.node, node_key, self.keys, self.disk, self.journal, self.copies, self.uplink, self.senses
        )
        self._openings = Openings(own, partial(opening_keys.held, data / opening_keys.FOLDER))
        self._shares = Shares(own)
        self.opening = OpeningRoom(
            own, Fetching(settings), data / "openings", data / opening_keys.FOLDER, settings.documents
        )
        self._recordings = Recordings(own, settings.recordings, settings.bounds.recordings_look_ms)
        passing = acts.House(
            settings, node_key, self.journal, self.copies, self.uplink, self._openings, self.senses
        )
        self._acts = Acts(passing)
        foundation = Foundation(settings, self.senses, self.disk, self.keys, self.copies, self.uplink)
        self._preparing = preparing(foundation)
        self._pens = Pens(settings.bounds.pen_kept_ms, self.senses.running_ms, self.senses.now_ms)
        self.reading = Room(room.Rooms(settings, self.disk, self.keys, self.copies, self.senses))
        self._talking = Talking(node_key.text, self.copies, self.uplink, self.senses)
        self._workers = Workers(
            settings.media, settings.node, node_key.text, self.copies, self.uplink, self._talking.room,
            self.senses,
        )  # fmt: skip
        ways = (Routes(self.reading).add, Ways(self._workers.url, self._workers.moved).add)
        self.door = Door(settings, pages or PAGES, self.health, self.copies.notes, ways)
        self._sockets = Sockets(settings.bounds, self.senses.running_ms, self.door.allows)
        self._absences = Absences(
            settings.node, settings.bounds, self.copies, self.senses, self._sockets.windows,
            self._sockets.grown,
        )  # fmt: skip
        lines_max = settings.bounds.news_lines_max
        self._screens = Screens(self.copies, self.uplink, lines_max, self._absences.of)
        self._time_servers = TimeServers(settings.ntp, settings.bounds, self.senses)
        self._keeping = Keeping(
            settings, self.copies, self.journal, self.disk, self.uplink, self._pens, self.senses,
            self._sockets.windows, self._time_servers.standing, self._workers.cameras.standing,
        )  # fmt: skip
        self._attending = Attending(settings.bounds.idle, self.senses.running_ms, lambda: self.uplink.online)
        serving = desk.House(
            settings, self._acts, self.drafts, self._pens, self._attending, self._screens, self.copies,
            self.journal, self.uplink, self.senses, self._preparing.prepare,
        )  # fmt: skip
        self._serve(Desk(serving))
        self._talking.listen(self._talked)
        self._tasks: set[asyncio.Task[None]] = set()
        self._line: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._showing: asyncio.Task[None] | None = None
        self._conferring: asyncio.Task[None] | None = None
        self._timing: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._ready = False

    def _serve(self, people: Desk) -> None:
        """Give the sockets every desk that a page may ask."""
        documents = ReadingDesk(self.reading, people.standing)
        policy = read_policy(self.settings.trust_policy)
        self.heads = Heads(policy, self.copies, self.uplink, self.settings.bounds, self.senses)
        signed = HeadDesk(self.heads, self.copies, people.standing)
        spoken = VoiceDesk(people, self.uplink, self.settings.installation_key)
        self._watch_books = WatchBooks(self.settings.data_dir / "watch", self.disk, self.keys, self.senses)
        pictures = MediaDesk(self._workers.given, people.standing)
        self._sockets.serve(
            people, documents, self._screens, self._acts, self.journal, self._pens, self._keeping, signed,
            spoken, EntryDesk(people, self.uplink, self.settings.installation_key),
            PaperDesk(people, self.uplink), pictures,
            WatchDesk(self._watch_books, people.standing, self.copies.state), self._attending,
            DecryptingDesk(self.opening.progress, people.standing),
            TenderDesk(self._preparing.bids, people.standing),
            PlaceDesk(
                self.settings.node, self._keeping, self.uplink, people.standing, self.copies.state,
                self.senses.now_ms,
            ),
            TalkDesk(self._talking, people.standing, self.copies.state),
            RollCallDesk(self.copies.get, people.standing),
        )  # fmt: skip

    def health(self) -> Health:
        """Whether acts can be kept, and whether the line is up."""
        return Health(self._ready and self.disk.takes, self.uplink.online, self.disk.takes)

    async def start(self) -> None:
        """Listen, take up what was pending, and keep the line up from now on.

        Raises:
          OSError: the port is taken.
        """
        self.copies.listen(self._grown)
        self.uplink.listen(self._line_changed)
        self.uplink.watch(self._presence_changed)
        await self.door.open(self._sockets.server)
        for replica in self.copies.going_on():
            self._openings.look(replica.session)
            self._shares.look(replica.session)
        self.opening.start()
        for session in self.keys.sessions():
            self._forget_if_archived(session)
        self._line = asyncio.create_task(self.uplink.run(), name="uplink")
        self._looking = asyncio.create_task(self.heads.run(), name="heads")
        self._preparing.start()
        self._telling = asyncio.create_task(self._recordings.run(), name="recordings")
        self._showing = asyncio.create_task(self._workers.run(), name="media workers")
        self._conferring = asyncio.create_task(self._talking.run(), name="talk-rooms")
        self._timing = asyncio.create_task(self._time_servers.run(), name="time servers")
        self._watching = asyncio.create_task(self._absences.run(), name="absences")
        self._ready = True
        _log.info("ready", node=self.settings.node, http_port=self.door.port)

    async def failed(self) -> None:
        """Wait until something ends that must not; raises what it was.

        A file that takes nothing any more is such a thing: what is on the disk is known only to a new start.
        """
        assert self._line is not None
        disk = asyncio.ensure_future(self.disk.failed())
        try:
            await asyncio.wait({self._line, disk}, return_when=asyncio.FIRST_COMPLETED)
            if disk.done():
                raise OSError(
                    errno.EIO, "the disk has failed; look at it before anything else", disk.result()
                )
            self._line.result()
        finally:
            disk.cancel()
            await asyncio.gather(disk, return_exceptions=True)

    async def stop(self) -> None:
        """Finish what was taken, answer it, let go of everything; may be called after a failed start."""
        self._ready = False
        await self._sockets.stop()
        await self.door.close()
        await self.reading.stop()
        await self._preparing.stop()
        await self._openings.stop()
        await self._shares.stop()
        await self.opening.stop()
        await self._recordings.stop()
        for task in (
            self._watching, self._timing, self._conferring, self._showing, self._telling, self._looking,
            self._line,
        ):  # fmt: skip
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.bounds.stop_wait_ms / 1000):
                await self.journal.flush()
        await self.disk.close()
        os.close(self._lock)
        _log.info("stopped", node=self.settings.node)

    def _grown(self, session: str) -> None:
        self._sockets.grown(session)
        self._workers.stir()
        self._forget_if_archived(session)

    def _talked(self, session: str) -> None:
        self._sockets.talked(session)
        self._workers.stir()

    def _forget_if_archived(self, session: str) -> None:
        """Keys of openings and drafts do not outlive the session (DESIGN 6, 7)."""
        state = self.copies.state(session)
        if state is not None and state.phase == "ARCHIVED":
            self._spawn(self._forget(session), f"forget {session}")

    async def _forget(self, session: str) -> None:
        await self.disk.do(lambda: self.keys.destroy(session))
        await self.drafts.remove(session)
        await self._watch_books.remove(session)
        self._pens.forget(session)
        await self.reading.forget(session)
        await self._preparing.forget(session)
        _log.info("keys destroyed", session=session)

    def _line_changed(self, online: bool) -> None:
        if online:
            self._attending.line_is_back()
        self._talking.line_changed()
        self._spawn(self._sockets.tell_line(online=online), "line state")

    def _presence_changed(self) -> None:
        for state in self.copies.alive():
            self._sockets.grown(state.session)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a task failed", task=task.get_name(), error=repr(task.exception()))


async def run(settings: Settings) -> None:
    """Run a venue's node until SIGTERM or SIGINT; returns when it has stopped in order.

    Raises:
      OSError, ValueError: it could not start, or cannot go on; the text says why.
    """
    await serve(settings, PAGES, Preparing)


async def serve(settings: Settings, pages: Mapping[str, Path], preparing: type[Preparing]) -> None:
    """Run a node with these pages and desks until it is told to stop; see `run`."""
    senses = Senses(settings.seed)
    telemetry.configure(settings.log_level, senses.now_ms)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    node = Node(settings, pages=pages, preparing=preparing, senses=senses)
    waiting: list[asyncio.Task[Any]] = []
    try:
        await node.start()
        waiting = [asyncio.create_task(told.wait()), asyncio.create_task(node.failed())]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        _log.info("stopping", node=settings.node)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await node.stop()


def _lock(path: Path) -> int:
    """One process per data folder.

    Raises:
      OSError: another one has it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise OSError(f"{path.parent} is used by another process") from error
    return handle
