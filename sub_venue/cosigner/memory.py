"""What a cosigner learns from others: how far it had signed before, and whether anybody saw another history.

Owns asking peers and the log before the first signature after a start, and asking them again and again
afterwards. What it finds is made durable before it counts. Must not know HTTP; the judgement is
`protocol.ledger.peer_heads`. Source: SPEC 20.6, 20.7.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from protocol.ledger import fork, peer_heads, tiles
from protocol.ledger.cosigner import History, Keep
from protocol.ledger.fork import Fork
from protocol.ledger.note import Key, NoteError
from protocol.ledger.peer_heads import Unproved
from protocol.ledger.tree import ProofError
from sub_venue.cosigner.asking import FORK_TYPE, Asking, Unanswered
from sub_venue.cosigner.book import Book
from sub_venue.cosigner.settings import Settings

_SETTLED_MAX = 65_536
_log = structlog.get_logger("sub_venue.cosigner")


class Memory:
    """Asks others on behalf of the book."""

    def __init__(self, settings: Settings, own: tuple[Key, ...], book: Book, asking: Asking) -> None:
        """Nothing is known yet of what was signed before this start."""
        self._settings = settings
        self._own = own
        self._book = book
        self._asking = asking
        self._asked: set[str] = set()
        self._settled: set[tuple[str, int, bytes]] = set()
        """Heads of peers that were shown to be of the history held here."""
        self._comparing: set[str] = set()

    def has(self, origin: str) -> bool:
        """Whether others have been asked about a log since the start."""
        return origin in self._asked

    async def ask(self, origin: str) -> bool:
        """Ask what was signed of a log before this start; the caller holds the log's lock.

        Returns:
          False where too few peers have answered to know it, or a head above ours is not proved.

        Raises:
          NotDurable: what was learnt cannot be kept.
        """
        texts, answered = await self._heads(origin)
        history = self._book[origin]
        is_sure = 2 * answered > len(self._settings.peers) or not self._settings.peers
        for text in texts:
            is_sure = await self._learn(origin, history, text) and is_sure
        if is_sure:
            self._asked.add(origin)
            _log.info("asked what was signed before", log=origin, peers=answered, size=history.size)
        else:
            _log.warning("cannot know what was signed before", log=origin, peers=answered)
        return is_sure

    async def look(self, origin: str, cosigned: str) -> None:
        """Show peers our newest head of a log, compare it with theirs, and stop at two histories.

        Raises:
          NotDurable: a proof cannot be kept.
        """
        history = self._book[origin]
        for peer in self._settings.peers:
            if history.fork is not None:
                return
            try:
                answer = await self._asking.compare(peer.url, origin, cosigned)
                if answer is None:
                    continue
                if answer.type == FORK_TYPE:
                    found: Fork | None = fork.read(answer.body)
                else:
                    found = await self._compared(origin, history, answer.body)
                if found is not None:
                    await self.stop(origin, found, peer.name)
            except (Unanswered, NoteError, ProofError) as error:
                _log.debug("nothing to compare", log=origin, peer=peer.name, error=str(error))

    async def shown(self, origin: str, text: bytes) -> None:
        """Compare a head that a peer shows with ours, and stop at two histories; one at a time of a log.

        Raises:
          NotDurable: a proof cannot be kept.
        """
        history = self._book[origin]
        if history.fork is not None or origin in self._comparing:
            return
        self._comparing.add(origin)
        try:
            found = await self._compared(origin, history, text)
            if found is not None:
                await self.stop(origin, found, "a peer")
        except (Unanswered, NoteError, ProofError) as error:
            _log.debug("nothing to compare", log=origin, error=str(error))
        finally:
            self._comparing.discard(origin)

    async def stop(self, origin: str, found: Fork, shown_by: str) -> None:
        """Stop cosigning a log, keep the proof, and raise the alarm.

        Raises:
          NotDurable: the proof cannot be kept.
          NoteError, ProofError: it does not hold.
        """
        path = await self._book.stop(origin, found)
        smaller, larger = fork.verify(found, self._book[origin].keys)
        _log.error(
            "two histories of one log: cosigning stopped", log=origin, shown_by=shown_by, proof=str(path),
            smaller=[smaller.size, smaller.root.hex()], larger=[larger.size, larger.root.hex()],
        )  # fmt: skip

    async def _heads(self, origin: str) -> tuple[list[bytes], int]:
        """Newest checkpoints of the peers and the log, and how many peers have answered."""
        log = self._settings.log_of(origin)
        prefix = "" if log is None or not log.url else log.prefix_of(origin)
        asked = [self._asking.of_peer(peer.url, origin) for peer in self._settings.peers]
        if prefix:
            asked.append(self._asking.head_of_log(prefix))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, Unanswered):
                raise answer
        answered = sum(not isinstance(one, Unanswered) for one in answers[: len(self._settings.peers)])
        return [one for one in answers if isinstance(one, bytes)], answered

    async def _learn(self, origin: str, history: History, text: bytes) -> bool:
        """Keep a head that is above ours; whether what it says is settled."""
        try:
            weighed = peer_heads.weigh(history, self._own, text)
            if isinstance(weighed, Unproved):
                if weighed.larger is history.last:
                    return True  # somebody is behind us: that is for `look`
                found = await self._resolved(origin, weighed)
                weighed = weighed.larger if found is None else found
        except (NoteError, ProofError, Unanswered) as error:
            _log.warning("a head that cannot be weighed", log=origin, error=str(error))
            return False
        if isinstance(weighed, Keep):
            await self._book.keep(weighed)
            history.hold(weighed)
        elif isinstance(weighed, Fork):
            await self.stop(origin, weighed, "peers")
        return True

    async def _compared(self, origin: str, history: History, raw: bytes) -> Fork | None:
        last = history.last
        weighed = peer_heads.weigh(history, (), raw)
        if isinstance(weighed, Fork):
            return weighed
        if not isinstance(weighed, Unproved):
            return None
        theirs = weighed.smaller if weighed.larger is last else weighed.larger
        settled = (origin, theirs.size, theirs.root)
        if settled in self._settled:
            return None
        found = await self._resolved(origin, weighed)
        if found is None:
            if len(self._settled) >= _SETTLED_MAX:
                self._settled.clear()
            self._settled.add(settled)
        return found

    async def _resolved(self, origin: str, pair: Unproved) -> Fork | None:
        """Decide between two heads by the log's tiles; `Unanswered`, `ProofError` where they do not."""
        log = self._settings.log_of(origin)
        if log is None or not log.url:
            raise Unanswered(f"nobody knows where the tiles of {origin} are")
        wanted = tiles.wanted_for_consistency(pair.smaller.size, pair.larger.size)
        held = await self._asking.of_log(log.prefix_of(origin), wanted)
        return peer_heads.resolve(pair, tiles.hashes_in(held))


class Rounds:
    """Which logs peers are asked for next: those that have grown here at once, the others now and then."""

    def __init__(self, idle_ms: int, running_ms: Callable[[], int]) -> None:
        """Begin with none."""
        self._idle_ms = idle_ms
        self._running_ms = running_ms
        self._looked: dict[str, tuple[int, int]] = {}

    def next(self, sizes: dict[str, int], count_max: int) -> tuple[str, ...]:
        """The logs to ask for now, of these (origin → size), at most so many, longest waiting first."""
        now = self._running_ms()
        never = (-self._idle_ms, -1)

        def is_due(origin: str) -> bool:
            at, size = self._looked.get(origin, never)
            return size != sizes[origin] or now - at >= self._idle_ms

        due = sorted(filter(is_due, sizes), key=lambda one: self._looked.get(one, never)[0])[:count_max]
        for origin in due:
            self._looked[origin] = (now, sizes[origin])
        return tuple(due)
