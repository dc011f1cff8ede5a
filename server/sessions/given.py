"""The answers a session has given: a repeat gets the first one (DESIGN 1.4).

Owns who may have how many kept: so many for each author the session knows, so many for all others
together, since anybody can make a key. What is held here is durable in the store already; it is as
much of it as somebody has asked for.
"""

from collections.abc import Iterable

import msgspec

from protocol import limits
from protocol.session.state import State
from protocol.wire import Answer
from server.store.contract import KeptAnswer, Store


class Given:
    """Answers by author and command id; an author's are read from the store when it first asks."""

    def __init__(self, session: str, store: Store, strangers_max: int) -> None:
        """Nothing is read before somebody asks."""
        self._session = session
        self._store = store
        self._answers: dict[str, dict[str, KeptAnswer]] = {}
        self._passing: set[str] = set()
        self._strangers: int | None = None
        self._strangers_max = strangers_max
        self.size = 0
        """How many entries the session must have, as far as the answers read from the store tell."""

    async def look_up(self, authors: Iterable[str], state: State | None) -> None:
        """Read what these authors were answered, and what the installation has done of itself.

        Everything that a decision on their commands may ask for is here when this returns.

        Raises:
          NotDurable: the store cannot be read now.
        """
        if state is None:
            return
        wanted = {*authors, state.installation_key}
        for author in self._passing - wanted:
            # A key that the session does not know may never come again.
            if not is_known(state, author):
                self._answers.pop(author, None)
        self._passing = {author for author in wanted if not is_known(state, author)}
        if self._passing and self._strangers is None:
            known = {*state.keys, *state.author_seqs, state.installation_key}
            self._strangers = await self._store.answers_beside(self._session, tuple(sorted(known)))
        for author in wanted - self._answers.keys():
            kept = await self._store.answers(self._session, author)
            self._answers[author] = {one.command_id: one for one in kept}
            accepted = (one for one in map(recall, kept) if one.status == "accepted")
            self.size = max(self.size, *(one.seq + 1 for one in accepted), 0)

    def add(self, kept: Iterable[KeptAnswer], state: State | None) -> None:
        """Add answers that are durable now."""
        for one in kept:
            self._answers.setdefault(one.author_key, {})[one.command_id] = one
            if self._strangers is not None and not is_known(state, one.author_key):
                self._strangers += 1

    def find(self, author: str, command_id: str) -> KeptAnswer | None:
        """The first answer to a command, or None; its author has been looked up."""
        return self._answers.get(author, {}).get(command_id)

    def count(self, author: str) -> int:
        """How many answers an author has, that has been looked up."""
        return len(self._answers.get(author, {}))

    def strangers_full(self, more: int) -> bool:
        """Whether no more refusals are kept for keys the session does not know."""
        return self._strangers is None or self._strangers + more >= self._strangers_max


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
