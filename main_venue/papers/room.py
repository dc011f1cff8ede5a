"""Signing at the main venue (签署): who wishes to sign, one after the other, each from their own seat.

Owns the queue and the exchange with the coordinator: signatures in the PDF follow each other, so one seat's
is under way at a time, and the next waits until the record shows it; those beside wait for nobody. What is
made stands in `making`. Nothing is asked for while no session here is being signed. SPEC 29.7.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Final

import structlog

from main_venue.papers import making
from main_venue.papers.making import Wanted
from main_venue.papers.remote import Put, RemoteSigner
from main_venue.papers.shelf import PaperShelf
from main_venue.signing.signer import NotUsable
from protocol import hidden, papers, wire
from protocol.commands_signatures import SignPaper
from protocol.papers import PaperBoard, PaperDesk, PaperStands, PaperWish
from protocol.refusals import Refusal, refuse
from protocol.session.signatures.checks import Shown
from protocol.session.state import State
from sub_venue.assembly import Foundation

LOOK_S: Final = 0.5
"""How often the coordinator is asked who wishes to sign, while a report is being signed."""
ENTERED_S_MAX: Final = 30
"""How long the next waits for the record to show a signature that was made."""
MEANS: Final = "signing.json"
_log = structlog.get_logger("main_venue.papers")


class PaperRoom:
    """The signatures of the reports of this main venue's sessions."""

    def __init__(self, foundation: Foundation, shelf: PaperShelf) -> None:
        """Ask nothing before `start`."""
        self._by = foundation
        self._shelf = shelf
        self._told: dict[tuple[str, str], PaperStands] = {}
        """(session, seat) → what is to be said next."""
        self._waiting: dict[tuple[str, str], Future[bytes]] = {}
        self._newest: dict[tuple[str, str], int] = {}
        """(session, seat) → its last wish: of one before nothing is said any more."""
        self._turns: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Look from now on."""
        self._spawn(self._run(), "papers")

    async def stop(self) -> None:
        """End whatever is under way; who was signing begins again."""
        for waiting in self._waiting.values():
            waiting.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for state in self._by.copies.alive():
                if self._is_signed_here(state):
                    await self._exchange(state)

    def _is_signed_here(self, state: State) -> bool:
        main = next((one for one in state.venues.values() if one.role == "main"), None)
        return (
            state.phase == "SIGNING"
            and main is not None
            and main.venue == self._by.settings.node
            and bool(state.signatures.prepared)
        )

    async def _exchange(self, state: State) -> None:
        """Say what there is to say, and take up what waits."""
        mine = {place: one for place, one in self._told.items() if place[0] == state.session}
        asked = PaperDesk(state.session, tuple(mine.values()))
        board = await self._by.uplink.ask(papers.PAPER_DESK, asked, PaperBoard)
        if not isinstance(board, PaperBoard):
            return
        for place, one in mine.items():
            if self._told.get(place) is one:
                del self._told[place]
        for answer in board.answers:
            waiting = self._waiting.pop((answer.session, answer.seat), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer.signature)
        for wish in board.wishes:
            self._newest[wish.session, wish.seat] = wish.number
            self._tell(wish, stands="waiting")
            self._spawn(self._sign(wish), f"paper {wish.seat}")

    async def _sign(self, wish: PaperWish) -> None:
        """One seat's signature, from the wish to the act's content."""
        try:
            signer = RemoteSigner(wish.certificates, self._asking(wish))
        except NotUsable as error:
            self._refuse(wish, refuse("PaperNotMade", why=str(error)))
            return
        if signer.algorithm == "sm2-sm3":
            await self._made(wish, signer)
            return
        async with self._turns.setdefault(wish.session, asyncio.Lock()):
            content = await self._made(wish, signer)
            if content is not None:
                await self._entered(wish, content)

    async def _made(self, wish: PaperWish, signer: RemoteSigner) -> SignPaper | None:
        state = self._by.copies.state(wish.session)
        means = await asyncio.to_thread(making.read_means, self._by.settings.data_dir / MEANS)
        if state is None or isinstance(means, Refusal):
            self._refuse(wish, means if isinstance(means, Refusal) else refuse("PaperOther"))
            return None
        wanted = Wanted(state, wish.seat, self._by.senses.now_ms())
        try:
            made = await asyncio.to_thread(making.make, wanted, signer, means, self._shelf)
        except OSError as error:
            _log.error("a paper is not kept", session=wish.session, seat=wish.seat, error=repr(error))
            made = refuse("NotDurable")
        if self._newest.get((wish.session, wish.seat)) == wish.number:
            self._waiting.pop((wish.session, wish.seat), None)
        if isinstance(made, Refusal):
            self._refuse(wish, made)
            return None
        salt = self._by.senses.salt("certificate", wish.session, wish.seat, wish.key)
        shown = hidden.disclose("certificate", salt, Shown(signer.own.raw))
        content = making.named(made, shown.digest)
        self._tell(wish, stands="made", content=making.encoded(content), disclosure=shown)
        return content

    async def _entered(self, wish: PaperWish, content: SignPaper) -> None:
        """Wait until the record shows the signature; who does not enter it in time is passed over."""
        until = self._by.senses.running_ms() + ENTERED_S_MAX * 1000
        while self._by.senses.running_ms() < until:
            state = self._by.copies.state(wish.session)
            if state is None or state.signatures.document == content.after or state.phase != "SIGNING":
                return
            await asyncio.sleep(LOOK_S / 2)
        _log.warning("a signature was not entered", session=wish.session, seat=wish.seat)

    def _asking(self, wish: PaperWish) -> Put:
        """Puts a question to the seat; called in the thread that waits for the answer."""
        loop = asyncio.get_running_loop()

        def put(message: bytes, algorithm: str, waiting: Future[bytes]) -> None:

            def note() -> None:
                if self._tell(wish, stands="question", question=message, algorithm=algorithm):
                    self._waiting[wish.session, wish.seat] = waiting

            loop.call_soon_threadsafe(note)

        return put

    def _refuse(self, wish: PaperWish, refusal: Refusal) -> None:
        self._tell(wish, stands="refused", refused=wire.refused(refusal))

    def _tell(self, wish: PaperWish, **more: Any) -> bool:
        """What is to be said next of a seat; False, and nothing, where it has wished anew meanwhile."""
        place = (wish.session, wish.seat)
        if self._newest.get(place) != wish.number:
            return False
        self._told[place] = PaperStands(session=wish.session, seat=wish.seat, number=wish.number, **more)
        return True

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a task failed", task=task.get_name(), error=repr(task.exception()))
