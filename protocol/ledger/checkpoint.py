"""Checkpoints (检查点): a tree's size and root under the name of its log, as the text of a signed note.

Owns the text's form and the log's own signature under it. Must not know: who else has to sign
(`protocol.ledger.quorum`), how a tree grows.

Source: C2SP tlog-checkpoint (5ba5ee8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from protocol.ledger import note, tree
from protocol.ledger.note import Key, Note, NoteError, Signer

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


class Checkpoint(msgspec.Struct, frozen=True):
    """A tree head: `size` leaves with `root` (32 bytes) in the log called `origin`.

    `extensions` are further lines, opaque; ours have none, since nobody can audit them.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed: one line each for origin, size and root, each with its line feed."""
        lines = (self.origin, str(self.size), note.write_base64(self.root), *self.extensions)
        return "".join(line + "\n" for line in lines)


def read(text: str) -> Checkpoint:
    """The tree head in a note's text; nothing of it is proved.

    Raises:
      NoteError: for any other form.
    """
    if not text.endswith("\n"):
        raise NoteError("a checkpoint ends in a line feed")
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("a checkpoint is at least three lines, none of them empty")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, read_size(size), read_hash(root), tuple(extensions))


def sign(head: Checkpoint, signers: Signer | Iterable[Signer], time_s: int = 0) -> str:
    """The signed checkpoint.

    Raises:
      NoteError: for an origin or an extension out of form, or no signer.
    """
    if read(head.text) != head:
        raise NoteError("the checkpoint's lines hold line feeds or are empty")
    return note.sign_note(head.text, signers, time_s)


def open_checkpoint(
    text: str | bytes, logs: Iterable[Key], others: Iterable[Key] = ()
) -> tuple[Checkpoint, Note]:
    """A checkpoint that its own log has signed.

    Args:
      text: the signed note.
      logs: keys of logs, each named as its origin.
      others: further keys that are known, as cosigners'; a line by any of them must hold, too.

    Raises:
      NoteError: out of form, a line by a known key does not hold, or none is by a log named as the origin is.
    """
    trusted = tuple(logs)
    opened = note.open_note(text, (*trusted, *others))
    head = read(opened.text)
    if all(key.name != head.origin or opened.by(key) is None for key in trusted):
        raise NoteError(f"no known key of {head.origin} has signed the checkpoint")
    return head, opened


def read_size(text: str) -> int:
    """A tree size or an index: decimal, no leading zero, at most 2^64 - 1.

    Raises:
      NoteError: for any other form.
    """
    if _SIZE.fullmatch(text) is None or int(text) > tree.SIZE_MAX:
        raise NoteError(f"{text!r} is no tree size")
    return int(text)


def read_hash(line: str) -> bytes:
    """The 32 bytes of a hash in base64.

    Raises:
      NoteError: for any other form.
    """
    raw = note.read_base64(line, "a hash")
    if len(raw) != tree.HASH_BYTES:
        raise NoteError(f"a hash of {len(raw)} bytes instead of {tree.HASH_BYTES}")
    return raw
