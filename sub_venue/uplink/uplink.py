"""The uplink: every kept act goes up until it is answered; entries and disclosures come down.

Owns the line's life: connect, say who we are, send what is pending in order per author, follow every session
of this node since its copy's end, and again after each break, with growing pauses. Never loses an act and
never does one twice: an act leaves the journal's pending list only with its final answer, and the coordinator
answers a repeat as the first time. Must not know pages or what an act means. Source: DESIGN 1.4, 1.5, 1.8.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import stamina
import structlog

from protocol import wire
from protocol.hidden import Disclosure
from protocol.refusals import refuse
from protocol.wire import Answer, Feed, FeedRequest, Hello, Refused, SessionNote, Submit, Welcome
from sub_venue.config import Settings
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.journal import Act, Journal, Kept
from sub_venue.journal.replica import CopyRefused, Gap
from sub_venue.senses import Senses
from sub_venue.uplink.line import Line, LineFault, TurnedDown, mutual_tls, open_line

PASSING = frozenset({"NotDurable", "LineDown", "TooBusy", "Stopping", "NotSignedIn"})
"""Refusals of the moment: the act was not taken, and is sent again as it is."""

_TURN_MS = 1_000
_log = structlog.get_logger("sub_venue.uplink")

T = TypeVar("T")
Enclose = Callable[[Act], tuple[Disclosure, ...] | None]
"""The disclosures that go along with an act; None when they cannot be had any more."""


class NotAnswered(Exception):
    """The coordinator cannot take it now; the same again, a little later."""


class Uplink:
    """This node's side of the line; `run` keeps it up."""

    def __init__(
        self, settings: Settings, node_key: str, journal: Journal, copies: Copies, senses: Senses
    ) -> None:
        """Prepare; nothing is connected before `run`."""
        self.welcome: Welcome | None = None
        self.online = False
        self.enclose: Enclose = lambda act: act.disclosures
        self._settings = settings
        self._node_key = node_key
        self._journal = journal
        self._copies = copies
        self._senses = senses
        self._tls = mutual_tls(settings)
        self._line: Line | None = None
        self._senders: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(settings.bounds.in_flight_acts_max)
        self._listeners: list[Callable[[bool], None]] = []
        self._following: set[asyncio.Task[None]] = set()

    def listen(self, listener: Callable[[bool], None]) -> None:
        """Hear when the line comes up (True) or goes down (False)."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Keep the line up until cancelled."""
        refused = 0
        while True:
            line = await self._connect()
            try:
                await self._serve(line)
                refused = 0
            except (LineFault, TurnedDown, NotDurable) as error:
                refused = 0 if self.online else refused + 1
                _log.warning("line given up", error=repr(error))
            finally:
                await self._down(line)
            if refused:
                # Somebody is there and does not take us: no faster than where nobody is.
                bounds = self._settings.bounds
                pause_ms = min(bounds.line_pause_ms_max, bounds.line_pause_ms * 2 ** min(refused, 16))
                await asyncio.sleep(pause_ms / 1000)

    def wake(self, author: tuple[str, str]) -> None:
        """Something of this author's is pending; send it if there is a line."""
        if not self.online or author in self._senders:
            return
        task = asyncio.create_task(self._send_all(author), name=f"send {author[0]}")
        self._senders[author] = task
        task.add_done_callback(lambda done: self._sent_all(author, done))

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

    async def _connect(self) -> Line:
        bounds = self._settings.bounds
        async for attempt in stamina.retry_context(
            on=LineFault,
            attempts=None,
            timeout=None,
            wait_initial=bounds.line_pause_ms / 1000,
            wait_max=bounds.line_pause_ms_max / 1000,
            wait_jitter=bounds.line_pause_ms / 1000,
        ):
            with attempt:
                self._line = await open_line(self._settings, self._tls, self._hear)
                return self._line
        raise AssertionError("the line is tried for ever")

    async def _serve(self, line: Line) -> None:
        """One line from our name to its end."""
        sizes = {note.session: note.size for note in self._copies.notes()}
        hello = Hello(self._settings.node, self._node_key)
        welcome = await line.call(wire.HELLO, hello, Welcome, self._settings.bounds.ask_wait_ms)
        if welcome.installation_key != self._settings.installation_key:
            raise LineFault("the coordinator is of another installation")
        self.welcome = welcome
        self.online = True
        _log.info("line up", sessions=len(welcome.sessions))
        self._tell()
        for author in self._journal.pending():
            self.wake(author)
        await self._follow_all(line, welcome.sessions, sizes)
        await line.gone

    async def _down(self, line: Line) -> None:
        was_online, self.online, self._line = self.online, False, None
        tasks = [*self._senders.values(), *self._following]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await line.close()
        if was_online:
            _log.warning("line down")
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.online)

    # --- up -------------------------------------------------------------------------------

    async def _send_all(self, author: tuple[str, str]) -> None:
        """Send an author's pending acts one after the other, each until it has its final answer."""
        while pending := self._journal.pending_of(*author):
            answer = await self._send(pending[0])
            self._journal.settle(pending[0], answer)

    async def _send(self, kept: Kept) -> Answer:
        act = self._journal.body(kept)
        disclosures = self.enclose(act)
        if disclosures is None:
            missing = wire.refused(refuse("DisclosureMissing", field="sheet"))
            return Answer(command_id=kept.command_id, status="refused", refused=missing)
        submit = Submit(command=act.command, sig=act.sig, disclosures=disclosures)
        bounds = self._settings.bounds
        async for attempt in stamina.retry_context(
            on=(NotAnswered, LineFault),
            attempts=None,
            timeout=None,
            wait_initial=bounds.line_pause_ms / 1000,
            wait_max=bounds.line_pause_ms_max / 1000,
            wait_jitter=bounds.line_pause_ms / 1000,
        ):
            with attempt:
                async with self._turns:
                    return await self._send_once(kept.command_id, submit)
        raise AssertionError("an act is sent until it is answered")

    async def _send_once(self, command_id: str, submit: Submit) -> Answer:
        line = self._line
        if line is None:
            raise LineFault("no line")
        try:
            answer = await line.call(wire.SUBMIT, submit, Answer, self._settings.bounds.submit_wait_ms)
        except TurnedDown as error:
            answer = Answer(command_id=command_id, status="refused", refused=error.refused)
        if answer.command_id not in (command_id, ""):
            raise LineFault("an answer to another act")
        if answer.status == "kept" or (answer.refused is not None and answer.refused.code in PASSING):
            raise NotAnswered(answer.status)
        return msgspec.structs.replace(answer, command_id=command_id)

    def _sent_all(self, author: tuple[str, str], done: asyncio.Task[None]) -> None:
        del self._senders[author]
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _log.error("sending stopped", session=author[0], error=repr(error))
        elif self._journal.pending_of(*author):
            self.wake(author)

    # --- down -----------------------------------------------------------------------------

    async def _follow_all(self, line: Line, notes: tuple[SessionNote, ...], sizes: dict[str, int]) -> None:
        """Follow every session of this node; a session that has shrunk is one with two histories."""
        for note in notes:
            size = sizes.get(note.session, 0)
            if note.size < size:
                await self._stop(note.session, note.size)
            elif note.size > size or not self._copies.is_asleep(note.session):
                await self._follow(line, note.session)

    async def _follow(self, line: Line, session: str) -> None:
        """Ask since our copy's end; what comes after is pushed."""
        request = FeedRequest(session, self._copies.size(session))
        try:
            feed = await line.call(wire.FEED, request, Feed, self._settings.bounds.submit_wait_ms)
        except TurnedDown as error:
            if error.refused.code == "SeenUnknown":
                await self._stop(session, request.since)
            _log.warning("not given a session", session=session, code=error.refused.code)
            return
        await self._take(line, feed)

    async def _hear(self, event: str, data: Any) -> None:
        """Something was pushed; returning acknowledges it, so entries are on disk by then."""
        line = self._line
        if event != wire.ENTRIES or line is None:
            return
        try:
            feed = msgspec.convert(data, Feed)
        except msgspec.ValidationError as error:
            _log.error("unreadable entries", error=str(error))
            line.end()
            return
        await self._take(line, feed)

    async def _take(self, line: Line, feed: Feed) -> None:
        """Give a feed to its copy; ask again where something is missing."""
        try:
            await self._turn_of(feed)
            await self._copies.take(feed, self._senses.now_ms())
        except Gap:
            self._ask_again(line, feed.session)
        except CopyRefused as error:
            _log.error("copy stopped", session=error.session, code=error.code, seq=error.seq)
        except NotDurable as error:
            _log.error("copy not durable", session=feed.session, error=str(error))
            line.end()

    async def _turn_of(self, feed: Feed) -> None:
        """What was pushed right behind an answer may be heard before it; give that a moment."""
        if self._copies.size(feed.session) < feed.since:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TURN_MS / 1000):
                    await self._copies.reached(feed.session, feed.since)

    def _ask_again(self, line: Line, session: str) -> None:
        task = asyncio.create_task(self._follow_quietly(line, session), name=f"follow {session}")
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow_quietly(self, line: Line, session: str) -> None:
        try:
            await self._follow(line, session)
        except LineFault:
            line.end()

    async def _stop(self, session: str, seq: int) -> None:
        _log.error("the coordinator has fewer entries than this node", session=session, seq=seq)
        await self._copies.stop(session, "TwoHistories", seq, self._senses.now_ms())
