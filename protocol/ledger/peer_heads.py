"""What a cosigner makes of a head that another node was shown: of its own past, or of another history.

Owns the judgement. A cosigner that was set up again from an old backup does not know what it has signed
since; its own cosignature on a head that somebody else still has is its memory, and heads of its peers say
how far the log has come. Must not know how heads are fetched.

Source: the house's own rule (SPEC 20.6); the proof of two histories is `protocol.ledger.fork`.
"""

from __future__ import annotations

import msgspec

from protocol.ledger import checkpoint, fork, note
from protocol.ledger.cosigner import History, Keep
from protocol.ledger.fork import Fork
from protocol.ledger.levels import HashAt
from protocol.ledger.levels import root as root_of
from protocol.ledger.note import Key
from protocol.ledger.tree import ProofError


class Unproved(msgspec.Struct, frozen=True):
    """Two signed heads of different sizes: only hashes of the larger one's tree tell if it is one history."""

    smaller: Keep
    larger: Keep


def weigh(history: History, own: tuple[Key, ...], text: str | bytes) -> Keep | Unproved | Fork | None:
    """Weigh a checkpoint of the history's log that came from elsewhere.

    Args:
      history: what is held of the log.
      own: the cosigner's own keys.
      text: the note; lines by unknown keys say nothing.

    Returns:
      A `Keep` to make durable before anything else is signed: the cosigner has signed it itself, or holds
      nothing yet. `Unproved` where a proof is needed, a `Fork` where the two cannot be of one history, None
      where it is known already.

    Raises:
      NoteError: the log has not signed it, or a line by a known key does not hold.
    """
    head, opened = checkpoint.open_checkpoint(text, history.keys, own)
    by_log = [one for one in map(opened.by, history.keys) if one is not None]
    times = [one.time_s for one in map(opened.by, own) if one is not None]
    keep = Keep(
        head.origin, head.size, head.root, note.with_lines(opened.text, by_log), max(times, default=1)
    )
    last = history.last
    if head.size == 0:
        return None
    held = history.at(head.size)
    if held is not None:
        return history.compare(keep.checkpoint)
    if last is None or (times and head.size > last.size):
        return keep
    if last.size == 0:
        return keep
    return Unproved(last, keep) if head.size > last.size else Unproved(keep, last)


def resolve(pair: Unproved, at: HashAt) -> Fork | None:
    """Decide by the hashes of the larger head's tree; None where it extends the smaller one.

    Raises:
      ProofError: the hashes are not of the larger head's tree, or one is missing.
    """
    smaller, larger = pair.smaller, pair.larger
    if root_of(at, larger.size) != larger.root:
        raise ProofError("the tiles are not of the head's tree")
    if root_of(at, smaller.size) == smaller.root:
        return None
    return fork.of_tree(smaller.checkpoint, larger.checkpoint, smaller.size, larger.size, at)
