"""What somebody makes of a log's heads who holds its leaves: they fit, or there are two histories.

Owns the newest head that was verified, who had cosigned it, and the first one that contradicts. Each head
is weighed against the tree of the watcher's own leaves, so that consistency with every head before needs no
proof from anybody. Must not know where heads or leaves come from. Source: SPEC 27.1.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from protocol.ledger import fork, note, quorum
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.fork import Fork
from protocol.ledger.levels import Levels
from protocol.ledger.note import Key
from protocol.ledger.quorum import Judged, Policy


class Seen(Struct, frozen=True):
    """A head that is of the tree held: its note with the lines that hold, and who cosigned it when.

    `times` are seconds since 1970, by the cosigner's name in the policy; `is_met`: they are a quorum.
    """

    head: Checkpoint
    text: str
    times: Mapping[str, int]
    is_met: bool


class Contradiction(Struct, frozen=True):
    """A head that the log has signed and that is not of the tree held.

    `before` is the head that was verified last; `proof` convicts the log by itself, and is missing where it
    needs hashes of the other history, which whoever is shown it does not have.
    """

    text: str
    before: str
    proof: Fork | None


class Watcher:
    """Watches one log."""

    def __init__(self, policy: Policy) -> None:
        """Nothing was seen yet; `policy` names the log's key and the cosigners'."""
        self.policy = policy
        self.last: Seen | None = None
        self.contradiction: Contradiction | None = None

    def take(self, text: str | bytes, held: Levels) -> Seen | Contradiction | None:
        """Weigh a head.

        Args:
          text: the signed note.
          held: the tree of the leaves that the watcher holds.

        Returns:
          The newest head verified, which is this one unless that is older; what contradicts; or None where
          the head is above what is held, to be weighed once that is here.

        Raises:
          NoteError: it is not signed by the log, or a line by a known key does not hold: no head at all.
        """
        if self.contradiction is not None:
            return self.contradiction
        judged = quorum.look(text, self.policy)
        size = judged.head.size
        if size > held.size:
            return None
        kept = note.with_lines(judged.note.text, judged.note.verified)
        if held.root(size) != judged.head.root:
            self.contradiction = self._contradicts(judged, kept, held)
            return self.contradiction
        if self.last is None or size > self.last.head.size:
            self.last = self._seen(judged, kept)
        elif size == self.last.head.size:
            self.last = self._seen(*self._joined(self.last.text, judged))
        return self.last

    def _joined(self, before: str, judged: Judged) -> tuple[Judged, str]:
        """Two notes of one head as one: the lines of both, of one key the newer note's."""
        lines = {(one.name, one.key_id): one for one in note.split(before)[1]}
        lines |= {(one.name, one.key_id): one for one in judged.note.verified}
        joined = note.with_lines(judged.note.text, lines.values())
        return quorum.look(joined, self.policy), joined

    def _seen(self, judged: Judged, kept: str) -> Seen:
        times: dict[str, int] = {}
        for one in self.policy.cosigners:
            line = judged.note.by(one.key)
            if line is not None:
                times[one.name] = line.time_s
        return Seen(judged.head, kept, times, self.policy.is_met(judged.cosigned))

    def _contradicts(self, judged: Judged, kept: str, held: Levels) -> Contradiction:
        before = self.last
        if before is None:
            return Contradiction(kept, "", None)
        proof = None
        if judged.head.size == before.head.size:
            proof = fork.of_equal(self._logs_own(kept), self._logs_own(before.text))
        elif judged.head.size < before.head.size:
            proof = fork.of_tree(
                self._logs_own(kept), self._logs_own(before.text), judged.head.size, before.head.size, held.at
            )
        return Contradiction(kept, before.text, proof)

    def _logs_own(self, text: str) -> str:
        """A head with the log's own lines alone."""
        keys: tuple[Key, ...] = tuple(one.key for one in self.policy.logs)
        opened = note.open_note(text, keys)
        return note.with_lines(opened.text, opened.verified)
