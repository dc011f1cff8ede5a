"""What a custodian's service was asked, what it checked itself, what it answered (SPEC 28.7).

In memory and bounded; what was released stands on the disk besides (`releases`). Must not know sockets, and
holds nothing that a service keeps secret: no share, no box, no key.
"""

import functools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Literal, ParamSpec, TypeVar

from msgspec import Struct

from protocol.commands_ceremony import ReceivedBid
from protocol.refusals import Refusal, refuse
from protocol.words import Stage
from sub_venue.custody.judgement import Believed, Refused
from sub_venue.custody.releases import Torn

ASKED_KEPT_MAX: Final = 100
"""So many of the last questions are shown."""


class Line(Struct, frozen=True):
    """One question: what for, when (this machine's clock, ms), and how it was answered.

    `entries` is how many were replayed, 0 where the record was not believed; `bids` are those that a release
    was for, of how many received. `refused` is why nothing left.
    """

    at: int
    what: str
    session: str
    stage: Stage
    outcome: Literal["answered", "refused"]
    entries: int = 0
    bids: tuple[str, ...] = ()
    received: int = 0
    refused: Refusal | None = None


class Seen(Struct):
    """What becomes known while a question is answered."""

    believed: Believed | None = None
    bids: tuple[str, ...] = ()


P = ParamSpec("P")
R = TypeVar("R")
_NOW: ContextVar[Seen | None] = ContextVar("custody_question", default=None)
"""The question that this thread answers."""


def noted(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Write every call into its service's book: of a function of a service and a question."""

    def wrap(act: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(act)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            service: Any = args[0]
            asked: Any = args[1]
            with service.book.asking(what, asked.stage):
                return act(*args, **kwargs)

        return told

    return wrap


def saw(believed: Believed) -> None:
    """The record of the question at hand was replayed, and held against its checkpoint."""
    seen = _NOW.get()
    if seen is not None:
        seen.believed = believed


def saw_bids(bids: Sequence[ReceivedBid]) -> None:
    """The question at hand is for shares of these."""
    seen = _NOW.get()
    if seen is not None:
        seen.bids = tuple(one.bid for one in bids)


class Book:
    """The last questions of one service."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """Begin empty."""
        self._now_ms = now_ms
        self._lines: deque[Line] = deque(maxlen=ASKED_KEPT_MAX)
        self._lock = threading.Lock()

    @contextmanager
    def asking(self, what: str, stage: Stage) -> Iterator[None]:
        """Write down a question with its outcome, and with what is found on the way (`saw`)."""
        seen = Seen()
        token = _NOW.set(seen)
        try:
            yield
        except Refused as refused:
            self._write(what, stage, seen, refused.refusal)
            raise
        except (OSError, Torn) as fault:
            self._write(what, stage, seen, refuse("CustodyRefused", part="disk", why=str(fault)))
            raise
        finally:
            _NOW.reset(token)
        self._write(what, stage, seen, None)

    def lines(self) -> tuple[Line, ...]:
        """The last questions, the newest first; one that only repeats the one before stands once."""
        with self._lock:
            return tuple(reversed(self._lines))

    def _write(self, what: str, stage: Stage, seen: Seen, refused: Refusal | None) -> None:
        state = None if seen.believed is None else seen.believed.state
        line = Line(
            at=self._now_ms(), what=what, session="" if state is None else state.session, stage=stage,
            outcome="answered" if refused is None else "refused", entries=0 if state is None else state.size,
            bids=seen.bids, received=0 if seen.believed is None else len(seen.believed.opening.received),
            refused=refused,
        )  # fmt: skip
        with self._lock:
            last = self._lines[-1] if self._lines else None
            if last is not None and _alike(last, line):
                self._lines.pop()
            self._lines.append(line)


def _alike(one: Line, other: Line) -> bool:
    """Whether a question only repeats the one before: a service that waits is asked twice a second."""
    return (one.what, one.session, one.stage, one.outcome, one.bids, one.refused) == (
        other.what, other.session, other.stage, other.outcome, other.bids, other.refused,
    )  # fmt: skip
