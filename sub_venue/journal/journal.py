"""The journal: every act that this node has taken from a page or made itself, and how it was answered.

An act is *kept* when its record is on disk, and only then is anybody told (DESIGN 1.4). Records are appended
and never changed: one for the act, one for its final answer, one for a take-over between a seat's windows.
An act without an answer is pending and goes out again and again until it has one. Sealed openings lie in
the record of their `SealSheet`, under their seat's key; nothing here can open them. Must not know rules,
sockets or keys.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from protocol.hidden import Disclosure
from protocol.wire import Answer
from sub_venue.journal.disk import AppendFile, Disk, NotDurable, Written

_log = structlog.get_logger("sub_venue.journal")


class Act(Struct, frozen=True, tag_field="record", tag="act"):
    """A signed command as it is kept.

    `digest` is the SHA-256 of the signed bytes; `seat` whom the author spoke for; `sealed` the opening of a
    `SealSheet` under the seat's key; `opening_of` names the commitment whose opening goes along with the
    node's own `OpenSheet` when it is sent, so that it is never written in clear.
    """

    index: int
    at: int
    session: str
    seat: str
    type: str
    command_id: str
    author_key: str
    author_seq: int
    digest: bytes
    command: str
    sig: str
    disclosures: tuple[Disclosure, ...] = ()
    commitment: bytes = b""
    sealed: bytes = b""
    opening_of: bytes = b""


class Answered(Struct, frozen=True, tag_field="record", tag="answered"):
    """The final answer to the act that was kept under an index."""

    of: int
    answer: Answer


class TakenOver(Struct, frozen=True, tag_field="record", tag="taken_over"):
    """One window of a seat took writing over from another; `sig` is the seat's own (SPEC 12.4)."""

    at: int
    session: str
    seat: str
    key: str
    window: str
    over: str
    author_at: int
    sig: str


class Rotated(Struct, frozen=True, tag_field="record", tag="rotated"):
    """The first record of a journal whose former part was put by: the next index, and where that lies."""

    next: int
    before: str


Record = Act | Answered | TakenOver | Rotated
_READ = msgspec.json.Decoder(Record)


def read(payload: bytes) -> Record:
    """A record of a journal's file."""
    record: Record = _READ.decode(payload)
    return record


class Kept(Struct, eq=False):
    """An act in the journal: what is needed at hand; the rest is read from the file.

    `settled` is set once `answer` is there; `answer` is None while the act is pending.
    """

    index: int
    at: int
    session: str
    seat: str
    type: str
    command_id: str
    author_key: str
    author_seq: int
    digest: bytes
    commitment: bytes
    has_opening: bool
    where: Written
    settled: asyncio.Event
    answer: Answer | None = None

    @property
    def author(self) -> tuple[str, str]:
        """Session and key: within these, acts go out in order."""
        return self.session, self.author_key


Listener = Callable[[Kept, Answer], None]
"""Called when an act has its final answer; must not block or raise."""


class Journal:
    """The journal of one node, in one file."""

    def __init__(self, disk: Disk, path: Path) -> None:
        """Open the file and take up every act that is in it.

        Raises:
          DamagedFile: it has been changed since it was written.
          OSError: it cannot be read.
        """
        self._disk = disk
        self._file: AppendFile
        self._acts: dict[int, Kept] = {}
        self._by_name: dict[tuple[str, str, str], Kept] = {}
        self._pending: dict[tuple[str, str], dict[int, Kept]] = {}
        self._by_author: dict[tuple[str, str], list[Kept]] = {}
        self._openings: dict[tuple[str, str, bytes], Kept] = {}
        self._listeners: list[Listener] = []
        self._storing: set[asyncio.Task[None]] = set()
        self._unwritten: list[Answered] = []
        """Answers that the disk did not take; at most one for each act that is kept."""
        self._keeping: dict[tuple[str, str, str], asyncio.Future[Kept]] = {}
        self._taken_over: list[TakenOver] = []
        self._next = 1
        self._file, found = disk.open(path)
        for frame in found:
            record = read(frame.payload)
            if isinstance(record, Act):
                self._take(record, Written(frame.offset, frame.end))
            elif isinstance(record, Answered):
                self._settle(self._acts[record.of], record.answer)
            elif isinstance(record, TakenOver):
                self._taken_over.append(record)
            else:
                self._next = record.next

    def listen(self, listener: Listener) -> None:
        """Hear of every final answer from now on."""
        self._listeners.append(listener)

    def find(self, session: str, author_key: str, command_id: str) -> Kept | None:
        """An act that is kept here, by whom and under which id."""
        return self._by_name.get((session, author_key, command_id))

    def at(self, index: int) -> Kept:
        """The act that is kept under an index."""
        return self._acts[index]

    def body(self, kept: Kept) -> Act:
        """The whole record of an act.

        Raises:
          DamagedFile: the file has been changed since it was written.
        """
        record = _READ.decode(self._disk.read(self._file, kept.where))
        assert isinstance(record, Act)
        return record

    def opening(self, session: str, seat: str, commitment: bytes) -> Kept | None:
        """The act whose record holds the sealed opening of a seat's commitment, the latest if several."""
        return self._openings.get((session, seat, commitment))

    def of_author(self, session: str, author_key: str) -> tuple[Kept, ...]:
        """Every act of an author in a session, in the order they were kept."""
        return tuple(self._by_author.get((session, author_key), ()))

    def pending(self) -> dict[tuple[str, str], tuple[Kept, ...]]:
        """Acts without an answer, by author, in the order they were kept."""
        return {author: tuple(acts.values()) for author, acts in self._pending.items()}

    def pending_of(self, session: str, author_key: str) -> tuple[Kept, ...]:
        """An author's acts without an answer, in order."""
        return tuple(self._pending.get((session, author_key), {}).values())

    def waiting(self) -> tuple[int, int]:
        """How many acts are without an answer, and since when the oldest waits (ms, 0 for none)."""
        waiting = [kept for acts in self._pending.values() for kept in acts.values()]
        return len(waiting), min((kept.at for kept in waiting), default=0)

    @property
    def size_bytes(self) -> int:
        """How large the file is."""
        return self._file.size

    def highest(self, session: str, author_key: str) -> int:
        """The author's highest own number that is kept here; 0 for none."""
        return max((kept.author_seq for kept in self._by_author.get((session, author_key), ())), default=0)

    def count(self, session: str, author_key: str) -> int:
        """How many acts of an author are kept here for a session."""
        return len(self._by_author.get((session, author_key), ()))

    async def keep(self, act: Act) -> Kept:
        """Keep an act: on disk when this returns. Its `index` is given here.

        The same act asked for twice at once is kept once. Whoever waits may leave; it is kept all the same.

        Raises:
          NotDurable: it is not kept.
        """
        name = (act.session, act.author_key, act.command_id)
        before = self._by_name.get(name)
        if before is not None:
            return before
        keeping = self._keeping.get(name)
        if keeping is None:
            keeping = asyncio.ensure_future(self._keep(act))
            self._keeping[name] = keeping
            keeping.add_done_callback(lambda done: self._done_keeping(name, done))
        return await asyncio.shield(keeping)

    async def note(self, taken: TakenOver) -> None:
        """Keep the record of a take-over: on disk when this returns.

        Raises:
          NotDurable: it is not, and nothing may change hands.
        """
        await self._disk.append(self._file, msgspec.json.encode(taken))
        self._taken_over.append(taken)

    def taken_over(self, session: str) -> tuple[TakenOver, ...]:
        """Every take-over between windows of a session's seats here, in order."""
        return tuple(taken for taken in self._taken_over if taken.session == session)

    def settle(self, kept: Kept, answer: Answer) -> None:
        """Note an act's final answer. It is told at once; its record follows.

        Losing the record to a crash loses nothing: the act goes out again and gets its first answer.
        """
        if kept.answer is not None:
            return
        self._settle(kept, answer)
        self._begin_storing(Answered(kept.index, answer))
        for listener in self._listeners:
            listener(kept, answer)

    async def flush(self) -> None:
        """Wait until every answer that was noted is on disk, or cannot be."""
        while self._storing or self._keeping:
            waiting: list[asyncio.Future[Any]] = [*self._storing, *self._keeping.values()]
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _keep(self, act: Act) -> Kept:
        numbered = msgspec.structs.replace(act, index=self._next)
        self._next += 1
        where = await self._disk.append(self._file, msgspec.json.encode(numbered))
        self._catch_up()
        return self._take(numbered, where)

    def _done_keeping(self, name: tuple[str, str, str], done: asyncio.Future[Kept]) -> None:
        del self._keeping[name]
        if not done.cancelled() and done.exception() is not None:
            _log.warning("act not kept", session=name[0], error=repr(done.exception()))

    async def _store(self, record: Answered) -> None:
        """Write an answer down; one that the disk does not take follows once it takes something again."""
        try:
            await self._disk.append(self._file, msgspec.json.encode(record))
        except NotDurable:
            self._unwritten.append(record)
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        """The disk takes again: write down the answers that it did not take before."""
        records, self._unwritten = self._unwritten, []
        for record in records:
            self._begin_storing(record)

    def _begin_storing(self, record: Answered) -> None:
        task = asyncio.ensure_future(self._store(record))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    def _take(self, act: Act, where: Written) -> Kept:
        kept = Kept(
            act.index, act.at, act.session, act.seat, act.type, act.command_id, act.author_key,
            act.author_seq, act.digest, act.commitment, bool(act.sealed), where, asyncio.Event(),
        )  # fmt: skip
        author = kept.author
        self._acts[kept.index] = kept
        self._by_name[kept.session, kept.author_key, kept.command_id] = kept
        self._pending.setdefault(author, {})[kept.index] = kept
        self._by_author.setdefault(author, []).append(kept)
        if kept.has_opening:
            self._openings[kept.session, kept.seat, kept.commitment] = kept
        self._next = max(self._next, kept.index + 1)
        return kept

    def _settle(self, kept: Kept, answer: Answer) -> None:
        kept.answer = answer
        waiting = self._pending.get(kept.author, {})
        waiting.pop(kept.index, None)
        if not waiting:
            self._pending.pop(kept.author, None)
        kept.settled.set()
