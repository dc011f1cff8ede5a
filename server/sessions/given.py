"""The answers a session has given, in memory: a repeat gets the first one (DESIGN 1.4).

Owns who may have how many kept: so many for each author the session knows, so many for all others
together, since anybody can make a key. What is kept here is durable in the store already.
"""

from collections.abc import Iterable

import msgspec

from protocol import limits
from protocol.session.state import State
from protocol.wire import Answer
from server.store.contract import KeptAnswer


class Given:
    """Answers by author and command id, and how many each author has."""

    def __init__(self, kept: Iterable[KeptAnswer], state: State | None, strangers_max: int) -> None:
        """Take up what the store has kept of a session in this state."""
        self._answers: dict[tuple[str, str], KeptAnswer] = {}
        self._counts: dict[str, int] = {}
        self._strangers = 0
        self._strangers_max = strangers_max
        self.add(kept, state)

    def add(self, kept: Iterable[KeptAnswer], state: State | None) -> None:
        """Add answers that are durable now."""
        for one in kept:
            self._answers[one.author_key, one.command_id] = one
            self._counts[one.author_key] = self._counts.get(one.author_key, 0) + 1
            if not is_known(state, one.author_key):
                self._strangers += 1

    def find(self, author: str, command_id: str) -> KeptAnswer | None:
        """The first answer to a command, or None."""
        return self._answers.get((author, command_id))

    def count(self, author: str) -> int:
        """How many answers an author has."""
        return self._counts.get(author, 0)

    def strangers_full(self, more: int) -> bool:
        """Whether no more refusals are kept for keys the session does not know."""
        return self._strangers + more >= self._strangers_max


def is_known(state: State | None, author: str) -> bool:
    """Whether a key speaks or has ever spoken in a session, or is the installation's."""
    if state is None:
        return False
    return author in state.keys or author in state.author_seqs or author == state.installation_key


def full(count: int) -> bool:
    """Whether an author has had all the answers there are for one."""
    return count >= limits.ANSWERS_PER_AUTHOR_MAX


def keep(author: str, digest: bytes, answer: Answer) -> KeptAnswer:
    """An answer as it is kept."""
    return KeptAnswer(author, answer.command_id, digest, msgspec.json.encode(answer))


def recall(kept: KeptAnswer) -> Answer:
    """A kept answer as it was given."""
    return msgspec.json.decode(kept.answer, type=Answer)
