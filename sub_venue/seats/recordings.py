"""Recordings (录像存证): what this venue's media worker has kept, told to the record segment by segment.

Owns reading the lists that the worker leaves, a folder for each session and source, and the node's own acts
`RecordSegment`, one after the other for each source. The worker writes and this node reads: neither waits for
the other, and each may be killed at any moment. What the record has not got is found by comparing the two,
so that a venue that was cut off tells afterwards. Source: SPEC 31.1, 31.2; DESIGN 1.8.
"""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from protocol.commands_live import RecordSegment
from protocol.session.phases import RULES
from protocol.session.state import State
from protocol.words import SESSION_STAGE
from sub_venue.seats import own_hand
from sub_venue.seats.own_hand import Rooms, Wanted

REFUSED_TRIES_MAX: Final = 3
"""How often the node tells of one segment after a refusal; then people must look."""
LIST: Final = "segments.jsonl"
_log = structlog.get_logger("sub_venue.seats")


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a source's list: the act, and the file that it is about."""

    content: RecordSegment
    file: str


class Kept:
    """One source's list as far as it was read; a last line that was cut off is left for later."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.segments: list[RecordSegment] = []
        self._path = path
        self._read = 0

    def look(self) -> None:
        """Read what has come.

        Raises:
          OSError: the list cannot be read.
          ValueError: a line is not of this form.
        """
        with self._path.open("rb") as file:
            file.seek(self._read)
            raw = file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        self.segments += [msgspec.json.decode(line, type=Line).content for line in whole.splitlines()]
        self._read += len(whole)


class Recordings:
    """What this venue tells of its recordings."""

    def __init__(self, rooms: Rooms, folder: Path, look_ms: int) -> None:
        """Hear of every session that grows; `folder` is where the worker keeps them."""
        self._by, self._folder, self._look_ms = rooms, folder, look_ms
        self._lists: dict[tuple[str, str], Kept] = {}
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._given_up: set[bytes] = set()
        rooms.copies.listen(self.look)
        rooms.journal.listen(lambda kept, _answer: self.look(kept.session))

    async def run(self) -> None:
        """Look again and again until cancelled: a worker says nothing when it has kept a segment."""
        while True:
            for replica in self._by.copies.going_on():
                self.look(replica.session)
            await asyncio.sleep(self._look_ms / 1000)

    def look(self, session: str) -> None:
        """See whether the record lacks something of a session; at most one task for each."""
        state = self._by.copies.state(session)
        if state is None or not self._tells(state):
            return
        if session in self._at_work:
            self._again.add(session)
            return
        task = asyncio.ensure_future(self._work(session))
        self._at_work[session] = task
        task.add_done_callback(lambda done: self._worked(session, done))

    async def stop(self) -> None:
        """End whatever is under way; what is kept is kept."""
        tasks = tuple(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tells(self, state: State) -> bool:
        who = state.keys.get(self._by.node_key.text)
        row = RULES[state.rules_version].acts.get("RecordSegment")
        is_ours = who is not None and who.role == "venue" and state.phase != "ARCHIVED"
        return is_ours and row is not None and row.available

    async def _work(self, session: str) -> None:
        await asyncio.to_thread(self._read, session)
        state = self._by.copies.state(session)
        if state is None or not self._tells(state):
            return
        venue = state.keys[self._by.node_key.text].venue
        for (of, source), kept in sorted(self._lists.items()):
            if of != session or not source.startswith(f"{venue}."):
                continue
            before = state.live.recorded.get(source)
            told = 0 if before is None else before.segments
            if told < len(kept.segments) and self._may(state, kept.segments[told]):
                await own_hand.keep(self._by, session, Wanted(
                    SESSION_STAGE, source, kept.segments[told], commitment=kept.segments[told].digest
                ))  # fmt: skip

    def _read(self, session: str) -> None:
        """Read every list of a session on; in a thread of its own."""
        for path in sorted((self._folder / session).glob(f"*/{LIST}")):
            kept = self._lists.setdefault((session, path.parent.name), Kept(path))
            try:
                kept.look()
            except (OSError, ValueError) as error:
                _log.error("a list of segments cannot be read", path=str(path), error=str(error))

    def _may(self, state: State, content: RecordSegment) -> bool:
        """Not while it is on its way, nor before our copy shows it, nor after several refusals."""
        refused = 0
        for kept in self._by.journal.of_author(state.session, self._by.node_key.text):
            if kept.type != "RecordSegment" or kept.commitment != content.digest:
                continue
            if kept.answer is None or kept.answer.seq >= state.size:
                return False
            refused += kept.answer.status == "refused"
        if refused >= REFUSED_TRIES_MAX and content.digest not in self._given_up:
            self._given_up.add(content.digest)
            _log.error("a segment is refused", session=state.session, source=content.source,
                       number=content.number)  # fmt: skip
        return refused < REFUSED_TRIES_MAX

    def _worked(self, session: str, done: asyncio.Task[None]) -> None:
        del self._at_work[session]
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            _log.error("no segment told", session=session, error=repr(error))
        elif session in self._again:
            self._again.discard(session)
            self.look(session)
