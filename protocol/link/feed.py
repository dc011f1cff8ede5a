"""The feed: a cursor for each session, and the question "since N?" wherever something is missing. Sans I/O.

Theory of operation. What is pushed is a hint that carries its contents along: it is taken if it begins at or
before the copy's end, else it is a *gap*, and the session is asked for since that end. `new_entries` makes
that decision, and finds where two histories differ: what comes again must be what is held. `Feeds` remembers
how many entries each session has here and there, and says what to ask when: at the beginning of a line every
session that goes on (the question also asks for what comes after), later whichever has a gap or is known to
be longer than what came. A question that is turned away for the moment, or not answered in time, is asked
again with growing pauses; one that breaks with its line is asked on the next. Somebody who tells sizes now
and then (`told`) makes up for any hint that was lost. A cursor behind the other side's end is two histories
as well; but one of several coordinators may only be reading behind, so it must say so several times.

Must not know rules, disks or sockets; whether an entry is true is for the reader to check. Time (`at`, ms of
a clock that never goes back) and dice come in as arguments. Source: SPEC 12.2, DESIGN 1.5.
"""

from collections.abc import Sequence

from msgspec import Struct

from protocol.ledger import tree
from protocol.link.outbox import FAULTED, PASSING
from protocol.link.pauses import Pauses
from protocol.wire import Feed, SessionNote

NOT_OURS = "SeenUnknown"
"""How the other side says that the cursor is behind its own end: it has fewer entries than we hold."""

NOT_OURS_TRIES_MAX = 6
"""So often in a row must it say so before its history is taken for another one; pauses grow in between."""


class Gap(Struct, frozen=True):
    """Entries are missing before a feed: ask since `size`."""

    size: int


class TwoHistories(Struct, frozen=True):
    """The entry `seq` came again and is another one; `given` is its text. People must look."""

    seq: int
    given: str


def new_entries(leaves: Sequence[bytes], feed: Feed) -> tuple[str, ...] | Gap | TwoHistories:
    """What of a feed lies behind the end of a copy, as canonical texts in order.

    Args:
      leaves: the RFC 6962 leaf hash of every entry that is held, in order.
      feed: as it came, in whatever order and however often.
    """
    if feed.since > len(leaves):
        return Gap(len(leaves))
    known = min(len(leaves) - feed.since, len(feed.entries))
    for seq, text in enumerate(feed.entries[:known], feed.since):
        if tree.leaf_hash(text.encode()) != leaves[seq]:
            return TwoHistories(seq, text)
    return feed.entries[known:]


class Question(Struct, frozen=True):
    """One asking of "since N?"; `asking` counts the session's questions from 1."""

    session: str
    since: int
    asking: int


class _Cursor(Struct):
    """One session: how long it is here and there, and how its question stands.

    `due` is when to ask, None while nothing is missing; `out_since` when it was asked, None while it is not.
    """

    held: int = 0
    told: int = 0
    due: int | None = None
    out_since: int | None = None
    asking: int = 0
    tries: int = 0
    not_ours: int = 0
    stopped: bool = False


class Feeds:
    """The cursors of one node."""

    def __init__(self, pauses: Pauses, answer_wait_ms: int, out_max: int) -> None:
        """Begin with nothing held and no line.

        Args:
          pauses: between questions that were turned away or not answered.
          answer_wait_ms: how long an answer is awaited before the question is asked again.
          out_max: how many questions may be out at once.
        """
        self.is_up = False
        self._pauses = pauses
        self._answer_wait_ms = answer_wait_ms
        self._out_max = out_max
        self._cursors: dict[str, _Cursor] = {}
        self._busy: set[str] = set()
        """Sessions that are due or being asked for; the others, ended ones most of all, cost nothing."""

    def line_up(self, notes: Sequence[SessionNote], asleep: frozenset[str], at: int) -> None:
        """There is a line: every session that goes on is asked for.

        Args:
          notes: the sessions that the other side names for us, and how many entries each has there.
          asleep: sessions that have ended here; they are asked for only if they are not as long there.
          at: now.
        """
        self.is_up = True
        for note in notes:
            cursor = self._cursors.setdefault(note.session, _Cursor())
            cursor.told = note.size
            if note.session not in asleep or note.size != cursor.held:
                self._want(note.session, at)

    def line_down(self) -> None:
        """The line broke: nothing is asked before `line_up`."""
        self.is_up = False
        for cursor in self._at_work():
            cursor.due, cursor.out_since, cursor.tries = None, None, 0
        self._busy.clear()

    def told(self, notes: Sequence[SessionNote], at: int) -> None:
        """How many entries each session has there; whatever is longer than here is asked for.

        A session that is shorter is none of two histories yet: what was pushed may have overtaken this.
        """
        for note in notes:
            cursor = self._cursors.setdefault(note.session, _Cursor())
            cursor.told = max(cursor.told, note.size)
            if cursor.told > cursor.held:
                self._want(note.session, at)

    def holds(self, session: str, size: int) -> None:
        """So many entries of a session are held, and on disk."""
        cursor = self._cursors.setdefault(session, _Cursor())
        cursor.held = max(cursor.held, size)
        cursor.told = max(cursor.told, cursor.held)

    def gap(self, session: str, size: int, at: int) -> None:
        """A feed begins behind what is held: ask for what lies between. `size` is what it says of there."""
        cursor = self._cursors.setdefault(session, _Cursor())
        cursor.told = max(cursor.told, size)
        self._want(session, at)

    def stop(self, session: str) -> None:
        """Ask no more for a session: its copy has stopped, and people must look."""
        cursor = self._cursors.setdefault(session, _Cursor())
        cursor.stopped, cursor.due, cursor.out_since = True, None, None
        self._busy.discard(session)

    def ask(self, at: int, dice: int) -> tuple[Question, ...]:
        """What to ask now, whatever has waited longest first. An unanswered question is paused first."""
        if not self.is_up:
            return ()
        for cursor in self._at_work():
            if cursor.out_since is not None and at - cursor.out_since >= self._answer_wait_ms:
                self._pause(cursor, at, dice)
        out = sum(1 for cursor in self._at_work() if cursor.out_since is not None)
        dues = [(self._cursors[session].due, session) for session in self._busy]
        ready = sorted((due, session) for due, session in dues if due is not None and due <= at)
        return tuple(self._take(session, at) for _, session in ready[: self._out_max - out])

    def answered(self, question: Question, size: int, at: int, dice: int) -> None:
        """An answer came and was taken (see `holds`); `size` is how many entries the session has there.

        An answer holds what one message may hold: where that is not all, the rest is asked for at once. One
        that brings nothing on although there is more is taken for none.
        """
        cursor = self._cursors[question.session]
        cursor.told, cursor.not_ours = max(cursor.told, size), 0
        if cursor.asking != question.asking or cursor.out_since is None:
            return
        if question.since == cursor.held < cursor.told:
            self._pause(cursor, at, dice)
            return
        cursor.out_since, cursor.tries = None, 0
        self._busy.discard(question.session)
        if cursor.held < cursor.told:
            self._want(question.session, at)

    def turned_down(self, question: Question, code: str, at: int, dice: int) -> bool:
        """The question was refused; True when that says that two histories exist.

        A refusal of the moment is asked again, any other only on the next line, or when more is heard of.
        """
        cursor = self._cursors[question.session]
        if cursor.asking != question.asking:
            return False
        if code == NOT_OURS:
            cursor.not_ours += 1
            if cursor.not_ours >= NOT_OURS_TRIES_MAX:
                self.stop(question.session)
                return True
        if code in (NOT_OURS, FAULTED) or code in PASSING:
            self._pause(cursor, at, dice)
        else:
            cursor.due, cursor.out_since = None, None
            self._busy.discard(question.session)
        return False

    def failed(self, question: Question, at: int, dice: int) -> None:
        """A question came to nothing: no answer, none that can be read, or it could not be written down."""
        cursor = self._cursors[question.session]
        if cursor.asking == question.asking:
            self._pause(cursor, at, dice)

    def next_at(self) -> int | None:
        """When `ask` has something to do next, if nothing is heard before; None: not of itself."""
        if not self.is_up:
            return None
        out = [cursor.out_since for cursor in self._at_work() if cursor.out_since is not None]
        times = [since + self._answer_wait_ms for since in out]
        if len(out) < self._out_max:
            times += [cursor.due for cursor in self._at_work() if cursor.due is not None]
        return min(times, default=None)

    def behind(self) -> int:
        """How many entries, of all sessions, are known to be there and are not here yet."""
        return sum(cursor.told - cursor.held for cursor in self._cursors.values() if not cursor.stopped)

    def _at_work(self) -> list[_Cursor]:
        return [self._cursors[session] for session in self._busy]

    def _want(self, session: str, at: int) -> None:
        """Ask, unless it was asked already; what is longer still after the answer is asked again then."""
        cursor = self._cursors[session]
        if not cursor.stopped and cursor.out_since is None and cursor.due is None:
            cursor.due = at
            self._busy.add(session)

    def _take(self, session: str, at: int) -> Question:
        cursor = self._cursors[session]
        cursor.due, cursor.out_since = None, at
        cursor.asking += 1
        return Question(session, cursor.held, cursor.asking)

    def _pause(self, cursor: _Cursor, at: int, dice: int) -> None:
        if cursor.out_since is not None:
            cursor.out_since = None
            cursor.tries += 1
            cursor.due = at + self._pauses.after(cursor.tries, dice)
