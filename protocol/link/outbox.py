"""The outbox: kept acts on their way up, sent again and again until each has its final answer. Sans I/O.

Theory of operation. An author's acts go one after the other, in the order in which they were kept: the next
leaves when the one before has its final answer, accepted or refused, so that a refused act never blocks those
behind it and none overtakes another. Authors do not wait for each other. An act is *lying* (nothing of it is
on the line; it may go from `due` on) or *out* (sent, and awaited). It comes back to lying with a longer pause
when a refusal is of the moment (`PASSING`), when no answer comes in time, or when whoever sends says that it
failed; and at once when the line breaks, because then nobody knows what of it was heard. That is safe: the
coordinator answers a repeat as it did the first time (DESIGN 1.4). So a final answer counts whenever it
comes, to whichever of the sendings.

Must not know what an act means, where it lies, nor sockets. Time (`at`, ms of a clock that never goes back)
and dice come in as arguments; `next_at` says when to come again. Source: SPEC 12.1, DESIGN 1.4, 1.8.
"""

from collections import deque

import msgspec
from msgspec import Struct

from protocol.link.pauses import Pauses
from protocol.wire import Answer

PASSING = frozenset({"NotDurable", "LineDown", "TooBusy", "Stopping", "NotSignedIn"})
"""Refusals of the moment: the act was not taken, and is sent again as it is."""

FAULTED = "Faulted"
FAULTED_TRIES_MAX = 3
"""The other side has tripped over the act, perhaps only now. So often is it sent, then a person is told."""

Author = tuple[str, str]
"""Session and key: within these, acts go out in order."""


class Parcel(Struct, frozen=True):
    """One sending of one act. `number` is the act's in its journal, `sending` counts from 1."""

    author: Author
    number: int
    command_id: str
    sending: int


class _Queue(Struct):
    """An author's acts, and how the first of them stands; `out_since` is None while it lies."""

    acts: deque[tuple[int, str]]
    due: int = 0
    tries: int = 0
    faults: int = 0
    sendings: int = 0
    out_since: int | None = None


class Outbox:
    """What one node still has to send."""

    def __init__(self, pauses: Pauses, answer_wait_ms: int, out_max: int) -> None:
        """Begin empty, with no line.

        Args:
          pauses: between sendings of an act that was turned away for the moment.
          answer_wait_ms: how long an answer is awaited before the act is sent again.
          out_max: how many acts, all of different authors, may be out at once.
        """
        self.is_up = False
        self._pauses = pauses
        self._answer_wait_ms = answer_wait_ms
        self._out_max = out_max
        self._queues: dict[Author, _Queue] = {}
        self._authors: dict[int, Author] = {}

    def __len__(self) -> int:
        """How many acts have no final answer yet."""
        return len(self._authors)

    def add(self, author: Author, number: int, command_id: str) -> None:
        """An act is kept and wants to go; the same twice is the same as once.

        Numbers of an author rise with each new act.
        """
        if number in self._authors:
            return
        queue = self._queues.setdefault(author, _Queue(deque()))
        assert not queue.acts or queue.acts[-1][0] < number, "acts are added in the order they were kept"
        queue.acts.append((number, command_id))
        self._authors[number] = author

    def line_up(self, at: int) -> None:
        """There is a line: everything may go, whatever pause it was in."""
        self.is_up = True
        for queue in self._queues.values():
            queue.due, queue.out_since = at, None

    def line_down(self) -> None:
        """The line broke: what was out lies again, and nothing goes before `line_up`."""
        self.is_up = False
        for queue in self._queues.values():
            queue.out_since = None

    def send(self, at: int, dice: int) -> tuple[Parcel, ...]:
        """What goes out now, at most one act of an author, whoever has waited longest first.

        An act whose answer has not come in time is paused first; see `next_at`.
        """
        if not self.is_up:
            return ()
        for queue in self._queues.values():
            if queue.out_since is not None and at - queue.out_since >= self._answer_wait_ms:
                self._pause(queue, at, dice)
        out = sum(1 for queue in self._queues.values() if queue.out_since is not None)
        ready = [
            (queue.due, queue.acts[0][0], author, queue)
            for author, queue in self._queues.items()
            if queue.out_since is None and queue.due <= at
        ]
        ready.sort(key=lambda one: one[:2])
        return tuple(self._take(author, queue, at) for _, _, author, queue in ready[: self._out_max - out])

    def answered(self, number: int, answer: Answer, at: int, dice: int) -> Answer | None:
        """Take an answer to an act.

        Returns:
          The act's final answer under its own id, once; the act is then gone from here. None where the answer
          is not final: it says no more than "not now", or belongs to another act, or came before.
        """
        author = self._authors.get(number)
        if author is None or self._queues[author].acts[0][0] != number:
            return None
        queue = self._queues[author]
        command_id = queue.acts[0][1]
        if answer.command_id not in (command_id, "") or not self._is_final(queue, answer):
            self._pause(queue, at, dice)
            return None
        queue.acts.popleft()
        queue.due, queue.tries, queue.faults, queue.sendings, queue.out_since = at, 0, 0, 0, None
        del self._authors[number]
        if not queue.acts:
            del self._queues[author]
        return msgspec.structs.replace(answer, command_id=command_id)

    def failed(self, parcel: Parcel, at: int, dice: int) -> None:
        """A sending came to nothing: no answer, or an unreadable one. An older sending's end is no news."""
        queue = self._queues.get(parcel.author)
        if queue is not None and queue.acts[0][0] == parcel.number and queue.sendings == parcel.sending:
            self._pause(queue, at, dice)

    def next_at(self) -> int | None:
        """When `send` has something to do next, if nothing is heard before; None: not of itself."""
        if not self.is_up:
            return None
        out = [queue.out_since for queue in self._queues.values() if queue.out_since is not None]
        times = [since + self._answer_wait_ms for since in out]
        if len(out) < self._out_max:
            times += [queue.due for queue in self._queues.values() if queue.out_since is None]
        return min(times, default=None)

    def _take(self, author: Author, queue: _Queue, at: int) -> Parcel:
        number, command_id = queue.acts[0]
        queue.out_since = at
        queue.sendings += 1
        return Parcel(author, number, command_id, queue.sendings)

    def _pause(self, queue: _Queue, at: int, dice: int) -> None:
        """Lie for a while; a sending that is not out any more pauses nothing twice."""
        if queue.out_since is not None:
            queue.out_since = None
            queue.tries += 1
            queue.due = at + self._pauses.after(queue.tries, dice)

    def _is_final(self, queue: _Queue, answer: Answer) -> bool:
        if answer.status == "accepted":
            return True
        if answer.status == "kept" or answer.refused is None:
            return False
        if answer.refused.code == FAULTED:
            queue.faults += 1
            return queue.faults >= FAULTED_TRIES_MAX
        return answer.refused.code not in PASSING
