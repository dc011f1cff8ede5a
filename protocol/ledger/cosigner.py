"""A cosigner (联署节点) without its process: what it answers to `add-checkpoint`, what it keeps first.

Owns the judgement of a request against what is held of its log, the order of storing and signing, and the
stop at two histories. It never signs by itself: `consider` gives an answer that says no, or a `Keep`, which
the shell makes durable and hands to `kept`; only that signs. Between the two nothing else of the same origin
may be considered. Must not know files, sockets, clocks, or what an entry says.

Source: C2SP tlog-witness (5ba5ee8). Order: form 400, origin 404, signature 403, old above size 400, old other
than held 409, root and proof 422. A log of which two histories are held is refused for good (422).
"""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from protocol import limits
from protocol.ledger import checkpoint, fork, note, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.fork import Fork
from protocol.ledger.note import Key, NoteError, Signature, Signer
from protocol.ledger.tree import ProofError

TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
"""The type of a 409's body."""

_OLD: Final = "old "


class Request(msgspec.Struct, frozen=True):
    """The body of an `add-checkpoint`: the size from which `proof` leads to the head in `checkpoint`."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The body."""
        lines = (f"{_OLD}{self.old}", *(note.write_base64(one) for one in self.proof))
        return "\n".join(lines) + "\n\n" + self.checkpoint


class Answer(msgspec.Struct, frozen=True):
    """What is answered over HTTP; `fork` is a proof of two histories that has just come to light."""

    status: int
    body: str
    type: str = TEXT
    fork: Fork | None = None


_STOPPED: Final = Answer(422, "this log has shown two histories; nothing of it is cosigned any more\n")


class Keep(msgspec.Struct, frozen=True):
    """A head that has to be durable before it is cosigned; `time_s` is the time of the cosignature.

    `checkpoint` is the signed note with the log's own lines alone.
    """

    origin: str
    size: int
    root: bytes
    checkpoint: str
    time_s: int


def read_request(body: bytes) -> Request:
    """The request in a body; nothing of it is proved.

    Raises:
      NoteError: for any other form.
    """
    if len(body) > limits.NOTE_BYTES_MAX:
        raise NoteError(f"{len(body)} bytes, at most {limits.NOTE_BYTES_MAX}")
    try:
        head, found, text = body.decode().partition("\n\n")
    except UnicodeError as error:
        raise NoteError("a request is UTF-8 text") from error
    first, *lines = head.split("\n")
    if not found or not first.startswith(_OLD):
        raise NoteError("a request begins with `old <size>`, and an empty line stands before its checkpoint")
    if len(lines) > limits.PROOF_HASHES_MAX:
        raise NoteError(f"{len(lines)} hashes, at most {limits.PROOF_HASHES_MAX}")
    old = checkpoint.read_size(first.removeprefix(_OLD))
    return Request(old, tuple(checkpoint.read_hash(line) for line in lines), text)


class History:
    """What a cosigner holds of one log: its last head, earlier ones to compare with, and whether it stopped.

    Of the earlier heads the newest `HEADS_HELD_MAX` are held.
    """

    def __init__(self, keys: tuple[Key, ...]) -> None:
        """Begin with nothing but the log's keys, each named as its origin."""
        self.keys = keys
        self.last: Keep | None = None
        self.fork: Fork | None = None
        self._heads: dict[int, Keep] = {}

    @property
    def size(self) -> int:
        """Size of the last head; 0 before the first."""
        return 0 if self.last is None else self.last.size

    def at(self, size: int) -> Keep | None:
        """The head of this size, if it is held."""
        return self._heads.get(size)

    def hold(self, keep: Keep) -> None:
        """Take over a head that is durable; one that is not above the last one changes only its time."""
        if self.last is not None and keep.size < self.last.size:
            return
        self.last = keep
        self._heads[keep.size] = keep
        while len(self._heads) > limits.HEADS_HELD_MAX:
            del self._heads[next(iter(self._heads))]

    def compare(self, text: str) -> Fork | None:
        """The proof of two histories, where a head that the log has signed has another root than one held.

        Raises:
          NoteError: it is no checkpoint that the log has signed.
        """
        head, opened = checkpoint.open_checkpoint(text, self.keys)
        held = self._heads.get(head.size)
        if held is None or held.root == head.root:
            return None
        return fork.of_equal(held.checkpoint, note.with_lines(opened.text, opened.verified))

    def stop(self, proof: Fork) -> None:
        """Cosign nothing of this log any more.

        Raises:
          NoteError, ProofError: the proof does not hold, and nothing has changed.
        """
        fork.verify(proof, self.keys)
        self.fork = self.fork or proof


class Histories(Protocol):
    """What is held, by origin."""

    def get(self, origin: str, /) -> History | None:
        """What is held of a log, an empty history where nothing is; None for one that is not known."""

    def __getitem__(self, origin: str, /) -> History:
        """The same of a log that is known, and of which something is kept from now on."""


class Cosigner:
    """All logs of one cosigner, its own signers, and what it answers."""

    def __init__(self, signers: tuple[Signer, ...], histories: Histories) -> None:
        """Sign as `signers`, all of timed kinds, for the logs in `histories` (by origin).

        Raises:
          NoteError: a signer's kind makes no cosignature, or there is none.
        """
        if not signers or not all(one.key.is_timed for one in signers):
            raise NoteError("a cosigner signs with keys that carry the time")
        self._signers = signers
        self.histories = histories

    @property
    def keys(self) -> tuple[Key, ...]:
        """Its own public keys."""
        return tuple(one.key for one in self._signers)

    def consider(self, body: bytes, at_s: int) -> Answer | Keep:
        """Judge the body of an `add-checkpoint`.

        Args:
          body: as received.
          at_s: the clock, seconds since 1970; the time signed is never before the last one's of this log.

        Returns:
          What to answer, or what to make durable and hand to `kept`.
        """
        try:
            asked = read_request(body)
            text, _ = note.split(asked.checkpoint)
            head = checkpoint.read(text)
        except NoteError as error:
            return Answer(400, f"{error}\n")
        history = self.histories.get(head.origin)
        if history is None:
            return Answer(404, "this log is not known here\n")
        try:
            opened = note.open_note(asked.checkpoint, history.keys)
        except NoteError as error:
            return Answer(403, f"{error}\n")
        signed = note.with_lines(text, opened.verified)
        return _refused(history, asked, head, signed) or Keep(
            head.origin,
            head.size,
            head.root,
            signed,
            max(at_s, 1 if history.last is None else history.last.time_s),
        )

    @staticmethod
    def origin_of(body: bytes) -> str:
        """The origin in the body of a request that was considered and is of a known form.

        Raises:
          NoteError: it is of another form.
        """
        text, _ = note.split(read_request(body).checkpoint)
        return checkpoint.read(text).origin

    def kept(self, keep: Keep) -> Answer:
        """Cosign a head that is durable by now; not where two histories have come to light meanwhile."""
        history = self.histories[keep.origin]
        if history.fork is not None:
            return _STOPPED
        history.hold(keep)
        return Answer(200, "".join(one.line for one in self.lines(keep)))

    def lines(self, keep: Keep) -> tuple[Signature, ...]:
        """The cosignatures under a head that is durable."""
        text, _ = note.split(keep.checkpoint)
        return tuple(note.sign_line(text, one, keep.time_s) for one in self._signers)

    def cosigned(self, origin: str) -> str | None:
        """The last head of a log with the log's lines and our own; None before the first."""
        history = self.histories.get(origin)
        if history is None or history.last is None:
            return None
        return history.last.checkpoint + "".join(one.line for one in self.lines(history.last))


def _refused(history: History, asked: Request, head: Checkpoint, signed: str) -> Answer | None:
    """Why a head that its log has signed is not cosigned; None where it may be."""
    if history.fork is not None:
        return _STOPPED
    if asked.old > head.size:
        return Answer(400, "old is above the size of the checkpoint\n")
    # The proof of two histories is taken wherever it shows; the answer stays the one of the specification.
    found = history.compare(signed)
    if asked.old != history.size:
        return Answer(409, f"{history.size}\n", SIZE, found)
    if found is not None:
        return Answer(422, "this log has signed another root for this size\n", fork=found)
    if head.size == 0 and head.root != tree.EMPTY_ROOT:
        return Answer(422, "the root of an empty tree is SHA-256 of nothing\n")
    if history.last is None or asked.old == 0:
        return Answer(422, "nothing is to be proved from size 0\n") if asked.proof else None
    try:
        tree.verify_consistency(asked.old, head.size, asked.proof, history.last.root, head.root)
    except ProofError as error:
        return Answer(422, f"{error}\n")
    return None
