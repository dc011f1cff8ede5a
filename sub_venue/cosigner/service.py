"""The cosigner's work: one request of a log after the other, each kept on disk before it is signed.

Owns the order for each log: remember what was signed before this start, consider, keep, cosign. Must not
know HTTP. Source: C2SP tlog-witness; SPEC 20.6.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Protocol

import structlog

from protocol.ledger.cosigner import TEXT, Answer, Cosigner, Keep
from protocol.ledger.note import Signer
from sub_venue.cosigner.asking import Asking
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.memory import Memory, Rounds
from sub_venue.cosigner.settings import Settings
from sub_venue.journal.disk import NotDurable
from sub_venue.senses import Senses

_FULL: Final = Answer(503, "the disk does not take it; nothing was signed\n", TEXT)
_UNSURE: Final = Answer(503, "too few peers have said what was signed before this start; come again\n", TEXT)
_log = structlog.get_logger("sub_venue.cosigner")


class Judge(Protocol):
    """Judges what lies under a head beside its hashes: genesis, or every entry."""

    async def weigh(self, origin: str, head: Keep) -> Answer | None:
        """Why a head is not cosigned; None where nothing speaks against it."""


class Service:
    """Answers logs, and looks at what its peers have seen."""

    def __init__(
        self, settings: Settings, signers: tuple[Signer, ...], book: Book, asking: Asking, senses: Senses,
        judges: tuple[Judge, ...] = (),
    ) -> None:  # fmt: skip
        """Sign as `signers` for the logs of the settings what no judge speaks against.

        Raises:
          NoteError: a signer makes no cosignature.
        """
        self._settings = settings
        self._book = book
        self._senses = senses
        self._judges = judges
        self._cosigner = Cosigner(signers, book)
        self._memory = Memory(settings, self._cosigner.keys, book, asking)
        self._locks: dict[str, asyncio.Lock] = {}
        self._looking: asyncio.Task[None] | None = None
        self.is_durable = True

    def start(self) -> None:
        """Look at what peers have seen, from now on."""
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def add_checkpoint(self, body: bytes) -> Answer:
        """Answer an `add-checkpoint`; what is answered with 200 lies on the disk."""
        now_s = self._senses.now_ms() // 1000
        first = self._cosigner.consider(body, now_s)
        if isinstance(first, Answer) and first.status in {400, 403, 404}:
            return first
        # The log has signed it: only logs that are known get as far as a lock and a place in memory.
        origin = self._cosigner.origin_of(body)
        async with self._locks.setdefault(origin, asyncio.Lock()):
            try:
                answer = await self._answer(origin, body, now_s)
            except NotDurable as error:
                self.is_durable = False
                _log.error("not durable: nothing was signed", log=origin, error=str(error))
                return _FULL
            self.is_durable = True
            return answer

    def cosigned(self, origin: str) -> str | None:
        """The last head of a log with our cosignature; None before the first."""
        return self._cosigner.cosigned(origin)

    def fork(self, origin: str) -> bytes | None:
        """The proof of two histories of a log; None where there is none."""
        history = self._book.get(origin)
        return None if history is None or history.fork is None else history.fork.raw

    async def compare(self, origin: str, text: bytes) -> str | bytes | None:
        """What a peer that shows its head is answered: our proof of two histories, our head, or nothing."""
        try:
            await self._memory.shown(origin, text)
        except NotDurable as error:
            _log.error("a proof of two histories is not durable yet", log=origin, error=str(error))
        return self.fork(origin) or self.cosigned(origin)

    def origins(self) -> tuple[str, ...]:
        """The logs of which anything is held."""
        return tuple(self._book)

    async def _answer(self, origin: str, body: bytes, now_s: int) -> Answer:
        if not self._memory.has(origin) and not await self._memory.ask(origin):
            return _UNSURE
        decided = self._cosigner.consider(body, now_s)
        if isinstance(decided, Answer):
            if decided.fork is not None:
                await self._memory.stop(origin, decided.fork, "the log itself")
            return decided
        for judge in self._judges:
            refused = await judge.weigh(origin, decided)
            if refused is not None:
                return refused
        await self._book.keep(decided)
        return self._cosigner.kept(decided)

    async def _look(self) -> None:
        bounds = self._settings.bounds
        rounds = Rounds(bounds.look_idle_ms, self._senses.running_ms)
        while True:
            await asyncio.sleep(bounds.look_ms / 1000)
            sizes = {one: self._book[one].size for one in self._book if self._book[one].fork is None}
            for origin in rounds.next(sizes, bounds.logs_looked_at_max):
                try:
                    cosigned = self._cosigner.cosigned(origin)
                    if cosigned is not None:
                        await self._memory.look(origin, cosigned)
                except NotDurable as error:
                    _log.error("a proof of two histories is not durable yet", log=origin, error=str(error))
