"""Two histories of one log (分叉证据): two heads that it has signed and that cannot both be of one tree.

Owns what such a proof says, its bytes, and its verification: whoever holds the log's public key needs nothing
else to believe it, whoever hands it on. Must not know who found it, or what is done about it.

Source: C2SP tlog-checkpoint (a log must not sign inconsistent checkpoints). The form is our own (SPEC 20.7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from protocol import canonical, limits
from protocol.ledger import checkpoint, tree
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.levels import HashAt, consistency, root
from protocol.ledger.note import Key, NoteError
from protocol.ledger.tree import ProofError

VERSION: Final = 1


class Fork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The proof: `smaller` and `larger` are checkpoints with the log's own line, as signed notes.

    Of equal sizes the roots differ, and `prefix` and `proof` are empty. Otherwise `proof` shows that the
    tree of `larger` had the root `prefix` at the size of `smaller`, which has another.
    """

    fork: int
    larger: str
    prefix: bytes
    proof: tuple[bytes, ...]
    smaller: str

    @property
    def raw(self) -> bytes:
        """Its canonical bytes."""
        return canonical.encode(self)


def of_equal(one: str, other: str) -> Fork:
    """The proof out of two signed heads of one size, in an order that does not hang on who found it."""
    first, second = sorted((one, other))
    return Fork(VERSION, second, b"", (), first)


def of_tree(smaller: str, larger: str, size: int, larger_size: int, at: HashAt) -> Fork:
    """The proof out of the hashes of the larger head's tree; `size` is the smaller head's.

    Raises:
      ProofError: a hash is missing, or not 1 <= size < larger_size.
    """
    return Fork(VERSION, larger, root(at, size), consistency(at, size, larger_size), smaller)


def read(raw: bytes) -> Fork:
    """The proof in its canonical bytes; nothing is proved before `verify`.

    Raises:
      NoteError: for any other form.
    """
    try:
        fork = canonical.decode(raw, Fork, limits.FORK_BYTES_MAX)
    except canonical.NotCanonical as error:
        raise NoteError(f"no proof of two histories: {error}") from error
    if fork.fork != VERSION or len(fork.proof) > limits.PROOF_HASHES_MAX:
        raise NoteError("a proof of two histories of another form")
    return fork


def verify(fork: Fork, keys: Iterable[Key]) -> tuple[Checkpoint, Checkpoint]:
    """Check that a log with one of these keys has signed two histories; returns both heads, smaller first.

    Raises:
      NoteError: a head is out of form, not signed by its log, or they are of two logs.
      ProofError: both heads may be of one tree.
    """
    trusted = tuple(keys)
    smaller, _ = checkpoint.open_checkpoint(fork.smaller, trusted)
    larger, _ = checkpoint.open_checkpoint(fork.larger, trusted)
    if smaller.origin != larger.origin:
        raise NoteError("the two heads are of two logs")
    if smaller.size == larger.size:
        if fork.prefix or fork.proof or smaller.root == larger.root:
            raise ProofError("the two heads are one")
        return smaller, larger
    tree.verify_consistency(smaller.size, larger.size, fork.proof, fork.prefix, larger.root)
    if fork.prefix == smaller.root:
        raise ProofError("the larger head extends the smaller one")
    return smaller, larger
