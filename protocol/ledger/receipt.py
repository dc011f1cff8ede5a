"""Receipts (存证回执): one file that shows, offline and years later, that an entry stands in a cosigned log.

Owns the form of a tlog-proof and its verification under a policy. In ours the `extra` data is the entry
itself, so that the file needs nothing beside it; it is believed only because it hashes to the leaf.
Must not know what an entry says.

Source: C2SP tlog-proof (5ba5ee8).
"""

from __future__ import annotations

from typing import Final

import msgspec

from protocol import limits
from protocol.ledger import checkpoint, note, quorum, tree
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Judged, Policy
from protocol.ledger.tree import ProofError

HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "


class Receipt(msgspec.Struct, frozen=True):
    """A tlog-proof: `proof` shows the leaf at `index` in the tree of `checkpoint`, a signed note.

    `extra` is data without proof of its own; None where there is none.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(_EXTRA + note.write_base64(self.extra))
        lines.append(f"{_INDEX}{self.index}")
        lines += [note.write_base64(one) for one in self.proof]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def read(text: str | bytes) -> Receipt:
    """The receipt in a file; nothing of it is proved.

    Raises:
      NoteError: for any other form.
    """
    try:
        whole = text.decode() if isinstance(text, bytes) else text
    except UnicodeError as error:
        raise NoteError("a receipt is UTF-8 text") from error
    if len(whole) > limits.NOTE_BYTES_MAX:
        raise NoteError(f"a receipt of {len(whole)} characters, at most {limits.NOTE_BYTES_MAX}")
    head, found, note_text = whole.partition("\n\n")
    lines = head.split("\n")
    if not found or lines.pop(0) != HEADER:
        raise NoteError(f"a receipt begins with {HEADER}, and an empty line stands before its checkpoint")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = note.read_base64(lines.pop(0).removeprefix(_EXTRA), "the extra data")
    if not lines or not lines[0].startswith(_INDEX):
        raise NoteError("a receipt names the index of its entry")
    index = checkpoint.read_size(lines.pop(0).removeprefix(_INDEX))
    if len(lines) > limits.PROOF_HASHES_MAX:
        raise NoteError(f"{len(lines)} hashes, at most {limits.PROOF_HASHES_MAX}")
    return Receipt(index, tuple(checkpoint.read_hash(line) for line in lines), note_text, extra)


def verify(receipt: Receipt, leaf: bytes, policy: Policy) -> Judged:
    """Check that the entry with this leaf hash stands where the receipt says, in a head good by the policy.

    Raises:
      quorum.NotEnough: everything holds, but the cosigners are no quorum.
      NoteError: the checkpoint does not hold under the policy.
      ProofError: the proof does not lead from the leaf to the checkpoint's root.
    """
    judged = quorum.judge(receipt.checkpoint, policy)
    tree.verify_inclusion(receipt.index, judged.head.size, leaf, receipt.proof, judged.head.root)
    return judged


def verify_entry(receipt: Receipt, policy: Policy) -> tuple[bytes, Judged]:
    """As `verify`, for a receipt that brings its entry as `extra`; returns the entry's bytes, now proved.

    Raises:
      quorum.NotEnough, NoteError, ProofError: as `verify`; also where no entry is brought along.
    """
    if receipt.extra is None:
        raise ProofError("the receipt does not bring its entry along: name the file that holds it")
    return receipt.extra, verify(receipt, tree.leaf_hash(receipt.extra), policy)
