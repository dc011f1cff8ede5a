"""The uplink: every kept act goes up until it is answered; entries and disclosures come down.

Owns the line's life: connect, say who we are, do what the outbox and the feeds say is due, and again after
each break, with growing pauses. What is sent or asked when is theirs (`protocol.link`); sockets, tasks, disk
and timeouts are here. Never loses an act and never does one twice: an act leaves the journal's pending list
only with its final answer, and the coordinator answers a repeat as the first time. Must not know pages or
what an act means. Source: SPEC 12, DESIGN 1.4, 1.5, 1.8.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import msgspec
import structlog

from protocol import wire
from protocol.hidden import Disclosure
from protocol.link.clock import Clock
from protocol.link.feed import Feeds, Question
from protocol.link.outbox import Outbox, Parcel
from protocol.link.pauses import DICE_MAX, Pauses
from protocol.refusals import refuse
from protocol.wire import (
    Answer,
    Feed,
    FeedRequest,
    Hello,
    LineMeasured,
    Pulse,
    Pulsed,
    Refused,
    SessionList,
    Submit,
    Welcome,
)
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.journal import Act, Journal, Kept
from sub_venue.journal.replica import CopyRefused, Gap
from sub_venue.senses import Senses
from sub_venue.uplink.line import Line, LineFault, TurnedDown, mutual_tls, open_line
from sub_venue.uplink.presence import UNKNOWN, Presence

_log = structlog.get_logger("sub_venue.uplink")

T = TypeVar("T")
Enclose = Callable[[Act], tuple[Disclosure, ...] | None]
"""The disclosures that go along with an act; None when they cannot be had any more."""


class Uplink:
    """This node's side of the line; `run` keeps it up."""

    def __init__(
        self, settings: Settings, node_key: str, journal: Journal, copies: Copies, senses: Senses
    ) -> None:
        """Take up what is pending and what is held; nothing is connected before `run`."""
        self.welcome: Welcome | None = None
        self.online = False
        self.since = senses.now_ms()
        """When the line last went up or down (ms); at first, when the node started."""
        self.tries = 0
        """Tries in vain since the line went down."""
        self.why = ""
        """What the last of them met, for technicians."""
        self.clock = Clock()
        self.lines: dict[str, LineMeasured] = {}
        """Node → how its line is, as it told the coordinator; as of the last pulse."""
        self.presence: Presence = UNKNOWN
        self.enclose: Enclose = lambda act: act.disclosures
        self._settings = settings
        self._node_key = node_key
        self._journal = journal
        self._copies = copies
        self._senses = senses
        self._tls = mutual_tls(settings)
        self._line: Line | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._stirred = asyncio.Event()
        self._listeners: list[Callable[[bool], None]] = []
        self._watchers: list[Callable[[], None]] = []
        bounds = settings.bounds
        self._pauses = Pauses(bounds.line_pause_ms, bounds.line_pause_ms_max)
        self._outbox = Outbox(self._pauses, bounds.submit_wait_ms, bounds.in_flight_acts_max)
        self._feeds = Feeds(self._pauses, bounds.submit_wait_ms, bounds.in_flight_feeds_max)
        for author in journal.pending():
            self.wake(author)
        for note in copies.notes():
            self._feeds.holds(note.session, note.size)
        for replica in copies.going_on():
            if replica.fault is not None:
                self._feeds.stop(replica.session)

    def listen(self, listener: Callable[[bool], None]) -> None:
        """Hear when the line comes up (True) or goes down (False)."""
        self._listeners.append(listener)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Hear when other nodes are connected or no longer, as far as is known here."""
        self._watchers.append(watcher)

    async def run(self) -> None:
        """Keep the line up until cancelled."""
        while True:
            was_online = await self._one_line()
            # Somebody who is there and does not take us is asked no faster than where nobody is.
            self.tries = 1 if was_online else self.tries + 1
            await asyncio.sleep(self._pauses.after(self.tries, self._dice()) / 1000)

    @property
    def behind(self) -> int:
        """How many entries, of all sessions, are known to be at the coordinator and are not here yet."""
        return self._feeds.behind()

    def wake(self, author: tuple[str, str]) -> None:
        """Something of this author's is pending; it goes out as soon as there is a line."""
        for kept in self._journal.pending_of(*author):
            self._outbox.add(author, kept.index, kept.command_id)
        self._stirred.set()

    async def ask(self, event: str, message: Any, reply: type[T]) -> T | Refused:
        """Ask the coordinator something that is not an act; its refusal, or `LineDown`, as a value."""
        line = self._line
        if line is None or not self.online:
            return wire.refused(refuse("LineDown"))
        try:
            return await line.call(event, message, reply, self._settings.bounds.ask_wait_ms)
        except TurnedDown as error:
            return error.refused
        except LineFault as error:
            _log.warning("not answered", event_name=event, error=repr(error))
            return wire.refused(refuse("LineDown"))

    # --- the line -------------------------------------------------------------------------

    async def _one_line(self) -> bool:
        """One line from connecting to its end; whether it was ever up."""
        try:
            line = await open_line(self._settings, self._tls, self._hear)
        except LineFault as error:
            _log.debug("no line", error=repr(error))
            self.why = str(error)
            return False
        self._line = line
        was_online = False
        try:
            await self._serve(line)
        except (LineFault, TurnedDown) as error:
            _log.warning("line given up", error=repr(error))
            self.why = str(error)
        finally:
            was_online = self.online
            await self._down(line)
        return was_online

    async def _serve(self, line: Line) -> None:
        """Say who we are, then do what is due until the line ends."""
        hello = Hello(self._settings.node, self._node_key)
        welcome = await line.call(wire.HELLO, hello, Welcome, self._settings.bounds.ask_wait_ms)
        if welcome.installation_key != self._settings.installation_key:
            raise LineFault("the coordinator is of another installation")
        self.welcome = welcome
        self.online, self.since, self.tries, self.why = True, self._senses.now_ms(), 0, ""
        _log.info("line up", sessions=len(welcome.sessions), pending=len(self._outbox))
        at = self._senses.running_ms()
        self._outbox.line_up(at)
        self._feeds.line_up(welcome.sessions, self._copies.asleep(), at)
        self._tell()
        line.gone.add_done_callback(lambda _: self._stirred.set())
        self._start(self._look(line), "look")
        self._start(self._beat(line), "pulse")
        while not line.gone.done():
            self._do_what_is_due(line)
            await self._rest()

    def _do_what_is_due(self, line: Line) -> None:
        self._stirred.clear()
        at = self._senses.running_ms()
        for parcel in self._outbox.send(at, self._dice()):
            self._start(self._send(line, parcel), f"send {parcel.number}")
        for question in self._feeds.ask(at, self._dice()):
            self._start(self._follow(line, question), f"follow {question.session}")

    async def _rest(self) -> None:
        """Until something stirs, or the next moment at which something is due."""
        times = [time for time in (self._outbox.next_at(), self._feeds.next_at()) if time is not None]
        if not times:
            await self._stirred.wait()
            return
        wait_ms = min(times) - self._senses.running_ms()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_ms / 1000):
                await self._stirred.wait()

    async def _down(self, line: Line) -> None:
        was_online, self.online, self._line = self.online, False, None
        if was_online:
            self.since = self._senses.now_ms()
            self._is_present(UNKNOWN)
        tasks = tuple(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._outbox.line_down()
        self._feeds.line_down()
        await line.close()
        if was_online:
            _log.warning("line down", pending=len(self._outbox))
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.online)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What failed is due again when its answer is overdue; nothing is lost by it."""
        self._under_way.discard(task)
        self._stirred.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("something on the line failed", task=task.get_name(), error=repr(task.exception()))

    def _dice(self) -> int:
        return int.from_bytes(self._senses.secret(4)) % (DICE_MAX + 1)

    # --- up -------------------------------------------------------------------------------

    async def _send(self, line: Line, parcel: Parcel) -> None:
        """Send one act once; the outbox says whether what comes back is its answer."""
        kept = self._journal.at(parcel.number)
        try:
            answer = await self._submit(line, kept)
        except LineFault as error:
            _log.warning("an act was not answered", session=kept.session, index=kept.index, error=repr(error))
            self._outbox.failed(parcel, self._senses.running_ms(), self._dice())
            return
        final = self._outbox.answered(parcel.number, answer, self._senses.running_ms(), self._dice())
        if final is not None:
            self._journal.settle(kept, final)

    async def _submit(self, line: Line, kept: Kept) -> Answer:
        act = self._journal.body(kept)
        disclosures = self.enclose(act)
        if disclosures is None:
            missing = wire.refused(refuse("DisclosureMissing", field="sheet"))
            return Answer(command_id=kept.command_id, status="refused", refused=missing)
        submit = Submit(command=act.command, sig=act.sig, disclosures=disclosures)
        try:
            return await line.call(wire.SUBMIT, submit, Answer, self._settings.bounds.submit_wait_ms)
        except TurnedDown as error:
            return Answer(command_id=kept.command_id, status="refused", refused=error.refused)

    # --- down -----------------------------------------------------------------------------

    async def _follow(self, line: Line, question: Question) -> None:
        """Ask since our copy's end; what comes after is pushed."""
        request = FeedRequest(question.session, question.since)
        try:
            feed = await line.call(wire.FEED, request, Feed, self._settings.bounds.submit_wait_ms)
        except TurnedDown as error:
            await self._turned_down(question, error.refused.code)
            return
        except LineFault as error:
            _log.warning("not answered", session=question.session, error=repr(error))
            self._feeds.failed(question, self._senses.running_ms(), self._dice())
            return
        taken = feed.session == question.session and await self._take(feed)
        at = self._senses.running_ms()
        if taken:
            self._feeds.answered(question, feed.size, at, self._dice())
        else:
            self._feeds.failed(question, at, self._dice())

    async def _turned_down(self, question: Question, code: str) -> None:
        session, since = question.session, question.since
        _log.warning("not given a session", session=session, since=since, code=code)
        if self._feeds.turned_down(question, code, self._senses.running_ms(), self._dice()):
            _log.error("the coordinator has fewer entries than this node", session=session, seq=since)
            await self._copies.stop(session, "TwoHistories", since, self._senses.now_ms())

    async def _look(self, line: Line) -> None:
        """Ask now and then how long each session is: a push that was lost is found without another one."""
        bounds = self._settings.bounds
        while True:
            await asyncio.sleep(bounds.line_look_ms / 1000)
            with contextlib.suppress(LineFault, TurnedDown):
                found = await line.call(wire.SESSIONS, None, SessionList, bounds.ask_wait_ms)
                self._feeds.told(found.sessions, self._senses.running_ms())
                self._stirred.set()

    async def _beat(self, line: Line) -> None:
        """Ask now and then for the time, and for which other nodes of our sessions are connected."""
        bounds, senses = self._settings.bounds, self._senses
        while True:
            nodes = sorted({venue for state in self._copies.alive() for venue in state.venues})
            asked_at, began = senses.now_ms(), senses.running_ms()
            clock = self.clock
            own = LineMeasured(clock.round_trip_ms, clock.jitter_ms, clock.lost_percent)
            try:
                pulsed = await line.call(wire.PULSE, Pulse(tuple(nodes), own), Pulsed, bounds.ask_wait_ms)
            except (LineFault, TurnedDown):
                clock.lost()
            else:
                clock.read(asked_at, senses.running_ms() - began, pulsed.at)
                self.lines = pulsed.lines
                self._is_present(self.presence.told(nodes, pulsed.online, senses.now_ms()))
            await asyncio.sleep(bounds.pulse_ms / 1000)

    def _is_present(self, presence: Presence) -> None:
        before, self.presence = self.presence, presence
        if presence is not before:
            for listener in self._watchers:
                listener()

    async def _hear(self, event: str, data: Any) -> None:
        """Something was pushed; returning says that it was heard: a gap is asked for."""
        line = self._line
        if event != wire.ENTRIES or line is None:
            return
        try:
            feed = msgspec.convert(data, Feed)
        except msgspec.ValidationError as error:
            _log.error("unreadable entries", error=str(error))
            line.end()
            return
        if not await self._take(feed):
            self._stirred.set()

    async def _take(self, feed: Feed) -> bool:
        """Give a feed to its copy; False when it was not taken, and is to be asked for again."""
        taken = True
        try:
            await self._copies.take(feed, self._senses.now_ms())
        except Gap:
            taken = False
        except CopyRefused as error:
            _log.error("copy stopped", session=error.session, code=error.code, seq=error.seq)
            self._feeds.stop(feed.session)
            return True
        except NotDurable as error:
            _log.error("copy not durable", session=feed.session, error=str(error))
            taken = False
        self._feeds.holds(feed.session, self._copies.size(feed.session))
        if not taken:
            self._feeds.gap(feed.session, feed.size, self._senses.running_ms())
        return taken
