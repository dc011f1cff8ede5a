"""Socket.IO for pages, namespace `/desk`, WebSocket only: the only place in the node that sends to a page.

Owns the sockets: how many, how a message becomes a struct, what is under way, and telling pages of the line,
of pens, of answers that came late; news are `telling`'s. Every event is answered through its acknowledgement,
with the reply's JSON or `{"refused": …}`. What a message means is `desk`'s.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import msgspec
import structlog

from protocol import (
    bids_desk,
    decrypting,
    entering,
    heads,
    media,
    papers,
    reading,
    roll_call,
    talk,
    venue,
    voices,
    watch_book,
    wire,
)
from protocol.refusals import Refusal, refuse
from protocol.wire import Answer, Refused
from sub_venue.config import Bounds
from sub_venue.journal.disk import NotDurable
from sub_venue.journal.journal import Journal, Kept
from sub_venue.seats.acts import Acts
from sub_venue.seats.attending import Attending
from sub_venue.seats.decrypting_desk import DecryptingDesk
from sub_venue.seats.desk import Desk, LineState
from sub_venue.seats.engine import outlet_of, socket_server
from sub_venue.seats.entry_desk import EntryDesk
from sub_venue.seats.frames import NAMESPACE
from sub_venue.seats.heads import HeadDesk
from sub_venue.seats.keeping import Keeping, Window
from sub_venue.seats.media_desk import MediaDesk
from sub_venue.seats.page import Page
from sub_venue.seats.paper_desk import PaperDesk
from sub_venue.seats.pens import Pens
from sub_venue.seats.place_desk import PlaceDesk
from sub_venue.seats.reading import ReadingDesk
from sub_venue.seats.roll_call_desk import RollCallDesk
from sub_venue.seats.screens import Screens, Seated
from sub_venue.seats.talk_desk import TalkDesk
from sub_venue.seats.telling import Telling
from sub_venue.seats.tender_desk import TenderDesk
from sub_venue.seats.voice_desk import VoiceDesk
from sub_venue.seats.watch_books import WatchDesk

ANSWER = "answer"
"""Pushed to a page: the final answer to an act of which it was told only that it is kept."""

AT_WORK = frozenset(
    {
        wire.PREPARE, wire.PEN, wire.DRAFT_PUT, wire.NOTEBOOK_PUT, wire.ISSUE_CODES, voices.VOICE_GIVE,
        voices.PASSKEY_BIND, papers.PAPER_WISH, papers.PAPER_ANSWER, talk.TALK_DO,
    }
)  # fmt: skip
"""What only a person at work asks for, beside acts and their own word; a page asks the rest by itself."""

_log = structlog.get_logger("sub_venue.seats")
Handler = Callable[[Page, Any], Awaitable[Any]]


class Sockets:
    """The pages' sockets at this node."""

    def __init__(self, bounds: Bounds, running_ms: Callable[[], int], allows: Callable[[str], bool]) -> None:
        """Make the Socket.IO server; `allows` says whether a browser's Origin may connect."""
        self._bounds = bounds
        self._running_ms = running_ms
        self._pages: dict[str, Page] = {}
        self._under_way: dict[str, int] = {}
        self._late: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._empty = asyncio.Event()
        self._empty.set()
        self._handlers: Mapping[str, tuple[Any, Handler]] = {}
        self._talked: dict[str, talk.TalkRoom] = {}
        """What a page was last told of its talk-room."""
        self._telling: Telling
        self._acts: Acts
        self._pens: Pens
        self._keeping: Keeping
        self._desk: Desk
        self._talk: TalkDesk
        self._attending: Attending
        self._looking: asyncio.Task[None] | None = None

        def may_connect(origin: str, _environ: object) -> bool:
            return allows(origin)

        self.server = socket_server(bounds, running_ms, may_connect)
        self.server.on("connect", self._connect, namespace=NAMESPACE)
        self.server.on("disconnect", self._disconnect, namespace=NAMESPACE)
        self.server.on("*", self._event, namespace=NAMESPACE)

    def serve(
        self,
        desk: Desk,
        documents: ReadingDesk,
        screens: Screens,
        acts: Acts,
        journal: Journal,
        pens: Pens,
        keeping: Keeping,
        signed: HeadDesk,
        spoken: VoiceDesk,
        entry: EntryDesk,
        paper: PaperDesk,
        pictures: MediaDesk,
        watching: WatchDesk,
        attending: Attending,
        opening: DecryptingDesk,
        tenders: TenderDesk,
        place: PlaceDesk,
        talking: TalkDesk,
        called: RollCallDesk,
    ) -> None:
        """Answer with this desk from now on."""
        self._acts, self._pens, self._keeping = acts, pens, keeping
        self._desk, self._attending, self._talk = desk, attending, talking
        self._telling = Telling(desk, screens, self._bounds, self._running_ms, self._unseated)
        self._handlers = {
            wire.CHALLENGE: (None, desk.challenge),
            wire.PROVE: (wire.Proof, desk.prove),
            wire.SIGN_IN: (wire.SignIn, desk.sign_in),
            wire.ACT: (wire.Submit, desk.act),
            wire.FOLLOW: (wire.Follow, desk.follow),
            wire.PREPARE: (wire.Prepare, desk.prepare),
            wire.PEN: (wire.PenWanted, desk.pen),
            wire.HERE: (wire.Here, desk.here),
            wire.DRAFT_PUT: (wire.Draft, desk.draft_put),
            wire.DRAFT_GET: (wire.Draft, desk.draft_get),
            wire.ISSUE_CODES: (wire.IssueCodes, desk.issue_codes),
            entering.ENTER_WAYS: (None, entry.ways),
            entering.ENTER_ASK: (entering.EnterAsk, entry.ask),
            entering.ENTER_GIVE: (entering.EnterGive, entry.give),
            entering.ENTER_SCANNED: (wire.Proof, entry.scanned),
            voices.VOICE_ASK: (voices.VoiceAsk, spoken.ask),
            voices.VOICE_GIVE: (voices.VoiceGive, spoken.give),
            voices.VOICE_SCANNED: (voices.VoiceScanned, spoken.scanned),
            voices.PASSKEY_BIND: (voices.PasskeyBind, spoken.bind),
            papers.PAPER_WISH: (papers.PaperWish, paper.wish),
            papers.PAPER_ASK: (papers.PaperAsk, paper.ask),
            papers.PAPER_ANSWER: (papers.PaperAnswer, paper.answer),
            wire.SESSIONS: (None, desk.sessions),
            wire.LINE_STATE: (None, desk.line_state),
            wire.CLOCK: (None, desk.clock),
            wire.VENUE_STATE: (None, place.venue_state),
            wire.LINES: (None, place.lines),
            wire.PREFLIGHT: (venue.PreFlight, place.preflight),
            wire.READING: (reading.ReadingWanted, documents.reading),
            wire.NOTEBOOK_GET: (reading.ReadingWanted, documents.notebook_get),
            wire.NOTEBOOK_PUT: (reading.Notebook, documents.notebook_put),
            heads.HEAD: (heads.HeadWanted, signed.head),
            media.MEDIA: (media.MediaWanted, pictures.media),
            roll_call.ROLL_CALL: (roll_call.RollCallWanted, called.picture),
            talk.TALK: (talk.TalkWanted, talking.talk),
            talk.TALK_DO: (talk.TalkDo, talking.talk_do),
            heads.RECEIPT: (heads.ReceiptWanted, signed.receipt),
            watch_book.WATCH_BOOK: (watch_book.BookWanted, watching.book),
            watch_book.ALERT_SEEN: (watch_book.AlertSeen, watching.seen),
            watch_book.HAND_OVER: (watch_book.HandOver, watching.hand_over),
            decrypting.DECRYPTING: (decrypting.DecryptingWanted, opening.decrypting),
            bids_desk.BIDS_DESK: (bids_desk.BidsWanted, tenders.bids_desk),
        }
        journal.listen(self._answered)
        pens.listen(self._changed_hands)

    def windows(self) -> tuple[Window, ...]:
        """The pages that are open now for a seat, and when each was last heard of."""
        return tuple(
            Window(page.seated.session, page.seated.seat, page.heard_ms())
            for page in self._pages.values()
            if page.seated is not None
        )

    def grown(self, session: str) -> None:
        """A session's copy has grown: its followers are told, and that its talk-room opened or closed."""
        self._telling.grown(session)
        self.talked(session)

    def talked(self, session: str) -> None:
        """A session's talk-room may have changed: the pages to which it looks different are told."""
        for page in tuple(self._pages.values()):
            if self._stopping or page.seated is None or page.seated.session != session:
                continue
            room = self._talk.told(page)
            if room is not None and self._talked.get(page.sid) != room:
                self._talked[page.sid] = room
                self._spawn(self._tell(page, talk.TALK_TOLD, room))

    async def tell_line(self, *, online: bool) -> None:
        """The node's line to the coordinator has come up or gone down."""
        for page in tuple(self._pages.values()):
            await self._tell(page, wire.LINE_STATE, LineState(online))

    async def stop(self) -> None:
        """Refuse what comes, have every socket send what it still has, and close it."""
        self._stopping = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._telling.stop()
        for task in tuple(self._late):
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        for found in tuple(self.server.eio.sockets.values()):
            await found.queue.put(None)  # Engine.IO's own mark for the end of a socket's writing
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._bounds.stop_wait_ms / 1000):
                await self._empty.wait()
        for page in tuple(self._pages.values()):
            page.cut()
        await self.server.shutdown()

    # --- sockets --------------------------------------------------------------------------

    async def _connect(self, sid: str, environ: Mapping[str, Any], _auth: object = None) -> bool:
        if self._stopping or len(self._pages) >= self._bounds.sockets_max:
            return False
        outlet = outlet_of(environ)
        page = Page(
            sid, outlet.cut, lambda: self._telling.stir(sid), lambda: outlet.heard_ms,
            str(environ.get("HTTP_ORIGIN", "")),
        )  # fmt: skip
        outlet.freed = lambda: self._telling.free(sid)
        self._pages[sid] = page
        self._looking = self._looking or asyncio.create_task(self._look(), name="idle pages")
        self._empty.clear()
        self._telling.enter(page, outlet)
        return True

    async def _disconnect(self, sid: str, _reason: str) -> None:
        page = self._pages.pop(sid, None)
        self._talked.pop(sid, None)
        if page is not None and page.seated is not None:
            self._keeping.left(page.seated, page.heard_ms())
        self._pens.left(sid)
        self._telling.leave(sid)
        if not self._pages:
            self._empty.set()

    async def _event(self, event: str, sid: str, *sent: Any) -> Any:
        """Answer any event of any name; nothing a page sends makes this raise."""
        reply = await self._reply(event, sid, sent)
        if isinstance(reply, Refusal):
            reply = wire.refused(reply)
        if isinstance(reply, Refused):
            return {"refused": msgspec.to_builtins(reply)}
        return msgspec.to_builtins(reply)

    async def _reply(self, event: str, sid: str, sent: tuple[Any, ...]) -> Any:
        page = self._pages.get(sid)
        if page is None or self._stopping:
            return refuse("Stopping")
        if event not in self._handlers:
            return refuse("UnknownCommand", type=event[:64])
        form, handler = self._handlers[event]
        message = _read(form, sent)
        if isinstance(message, Refusal):
            return message
        under_way = self._under_way.get(sid, 0)
        if under_way >= self._bounds.socket_in_flight_max:
            return refuse("TooBusy")
        self._under_way[sid] = under_way + 1
        try:
            reply = await handler(page, message)
        except NotDurable:
            return refuse("NotDurable")
        except Exception:  # noqa: BLE001 - a page must not be able to take the node down
            _log.exception("a message tripped the desk", message=event)
            return refuse("NotDurable")
        else:
            return self._seated_reply(page, event, reply)
        finally:
            left = self._under_way[sid] - 1
            if left:
                self._under_way[sid] = left
            else:
                del self._under_way[sid]

    def _seated_reply(self, page: Page, event: str, reply: Any) -> Any:
        """A reply, by which a page that was signed out is told why; what is work counts as it."""
        if isinstance(reply, Refusal) and reply.code == "NotSignedIn":
            return self._desk.unseated(page)
        if event in AT_WORK and page.seated is not None and not isinstance(reply, Refusal | Refused):
            self._attending.worked(page.seated.key)
        return reply

    async def _look(self) -> None:
        """Sign out whoever has been idle for too long, as long as pages are served."""
        while True:
            await asyncio.sleep(self._bounds.idle.look_ms / 1000)
            for page in tuple(self._pages.values()):
                self._desk.standing(page)

    # --- telling --------------------------------------------------------------------------

    def _unseated(self, page: Page) -> None:
        """A page speaks for nobody any more: it is told once."""
        why, page.unseated = page.unseated, None
        if why is not None and not self._stopping:
            self._spawn(self._tell(page, wire.UNSEATED, wire.refused(why)))

    def _changed_hands(self, seated: Seated) -> None:
        """A seat's pen has changed hands: its other windows are told."""
        for page in self._pages.values():
            if page.seated == seated and not self._stopping:
                self._spawn(self._tell(page, wire.PEN, self._pens.pen(seated, page.sid)))

    def _answered(self, kept: Kept, _answer: Answer) -> None:
        if not self._stopping and self._acts.is_late(kept):
            self._spawn(self._tell_answer(kept))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _tell_answer(self, kept: Kept) -> None:
        answer = await self._acts.final(kept)
        for page in tuple(self._pages.values()):
            if kept.author in page.authors:
                await self._tell(page, ANSWER, answer)

    async def _tell(self, page: Page, event: str, message: Any) -> None:
        await self.server.emit(event, msgspec.to_builtins(message), to=page.sid, namespace=NAMESPACE)


def _read(form: Any, sent: tuple[Any, ...]) -> Any:
    """The message's struct, or `Malformed`; JSON text is taken as well as its object."""
    if form is None:
        return None
    if len(sent) != 1:
        return refuse("Malformed", why=f"{len(sent)} arguments")
    try:
        if isinstance(sent[0], str):
            return msgspec.json.decode(sent[0], type=form)
        return msgspec.convert(sent[0], form)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        return refuse("Malformed", why=str(error)[:200])
